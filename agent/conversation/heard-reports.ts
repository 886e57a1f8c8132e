/**
 * Joins what a client heard to the turn it heard it of. Bounded whatever comes: a few turns are remembered, one report each,
 * a few reports a second are read; every one is counted by what became of it.
 */
import type { HeardReport, TurnDocument } from '../../wire/turn.js';
import type { Measurements } from '../telemetry/metrics.js';
import {
  heardUnexplainedMs,
  isPossible,
  REPORTS_BURST,
  type TokenBucket,
  takeToken,
  type WorkerPath,
} from '../turn/heard-report.js';
import { UnreadReports } from './unread-reports.js';

/** Who sends: the caller, or anybody else in the room. */
export type HeardSender = 'caller' | 'stranger';

/** As in `turnwise_heard_reports_total`. */
export type HeardResult = 'taken' | 'malformed' | 'stranger' | 'unknown_turn' | 'repeated' | 'impossible' | 'too_many';

export interface HeardReportsOptions {
  /** The profile's name. */
  readonly profile: string;
  readonly measurements: Measurements;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** The worker's own side of the way as it is now; absent, or `undefined` while it is not known: nothing is unexplained. */
  readonly workerPath?: () => WorkerPath | undefined;
  /**
   * A report was taken; of superseded turns too.
   * @param unexplainedMs - Signed; `undefined` where a part of the way was not measured.
   */
  readonly onHeard: (report: HeardReport, unexplainedMs: number | undefined) => void;
}

/** Turns whose reports are still taken. */
const REMEMBERED_TURNS = 16;
/**
 * How long after its first sound a turn's report is kept back, in ms: until then the turn may be found to have been answered
 * too soon. The same as for the turn's own latencies (`turn-log.ts`), so that both histograms count the same turns.
 */
const FATE_KNOWN_AFTER_MS = 1_500;

interface Remembered {
  readonly responseMs: number;
  readonly fateKnownAtMs: number;
  isSuperseded: boolean;
  /** Nobody has reported about it yet; a report is kept back; or it was told on. */
  state: 'open' | 'held' | 'told';
}

interface Held {
  readonly report: HeardReport;
  readonly turn: Remembered;
  readonly unexplainedMs: number | undefined;
  readonly timer: NodeJS.Timeout;
}

export class HeardReports {
  readonly #options: HeardReportsOptions;
  readonly #turns = new Map<number, Remembered>();
  readonly #held = new Map<number, Held>();
  readonly #unread: UnreadReports;
  /** Apart, or any stranger could use up the caller's. */
  readonly #buckets: Record<HeardSender, TokenBucket>;

  constructor(options: HeardReportsOptions) {
    this.#options = options;
    this.#unread = new UnreadReports(options.measurements);
    const full: TokenBucket = { tokens: REPORTS_BURST, atMs: options.nowMs() };
    this.#buckets = { caller: full, stranger: full };
  }

  /** A turn is over. Told of one again, only whether it is superseded counts. */
  noteTurn({ turn, responseMs, supersededBy, continues, instants }: TurnDocument): void {
    if (continues !== undefined) this.noteSuperseded(continues);
    if (supersededBy !== undefined) this.noteSuperseded(turn);
    // The greeting answers nobody, and what had no response was not heard.
    if (turn === 0 || responseMs === undefined || this.#turns.has(turn)) return;
    const { playoutStartedAtMs = 0, playoutEndedAtMs = playoutStartedAtMs } = instants;
    // The account comes when the reply has been played.
    const sinceSoundMs = Math.max(0, playoutEndedAtMs - playoutStartedAtMs);
    this.#turns.set(turn, {
      responseMs,
      fateKnownAtMs: this.#options.nowMs() + FATE_KNOWN_AFTER_MS - sinceSoundMs,
      isSuperseded: supersededBy !== undefined,
      state: 'open',
    });
    for (const id of this.#turns.keys()) if (this.#turns.size > REMEMBERED_TURNS) this.#turns.delete(id);
  }

  /** A turn was answered too soon: another one goes on with its words. Such an answer would flatter the heard response. */
  noteSuperseded(turn: number): void {
    const remembered = this.#turns.get(turn);
    if (remembered !== undefined) remembered.isSuperseded = true;
    this.#settle(turn);
  }

  /**
   * Something came. Asked before it is parsed, so that a flood costs neither that nor an event each.
   * @returns Whether it may be read; where not, it is counted.
   */
  admit(sender: HeardSender): boolean {
    const { bucket, taken } = takeToken(this.#buckets[sender], this.#options.nowMs());
    this.#buckets[sender] = bucket;
    if (taken && sender === 'caller') return true;
    const result = sender === 'caller' ? 'too_many' : 'stranger';
    if (taken) this.#counted(result);
    else this.#unread.add(result);
    return false;
  }

  /** Takes what was admitted. @returns What became of it, which is counted. */
  take(report: HeardReport): HeardResult {
    const result = this.#judge(report);
    if (result === 'taken') this.#hold(report);
    return this.#counted(result);
  }

  /** Counts what was admitted and is no report. */
  refuseMalformed(): void {
    this.#counted('malformed');
  }

  /** Tells what is kept back: the call is over, and nothing supersedes a turn any more. May be called twice. */
  close(): void {
    this.#unread.close();
    for (const turn of [...this.#held.keys()]) this.#settle(turn);
  }

  #judge(report: HeardReport): HeardResult {
    const turn = this.#turns.get(report.turn);
    if (turn === undefined) return 'unknown_turn';
    if (turn.state !== 'open') return 'repeated';
    return isPossible(report, turn.responseMs) ? 'taken' : 'impossible';
  }

  #counted(result: HeardResult): HeardResult {
    this.#options.measurements.count('turnwise_heard_reports_total', { result });
    return result;
  }

  #hold(report: HeardReport): void {
    const turn = this.#turns.get(report.turn);
    if (turn === undefined) return;
    const { nowMs, workerPath } = this.#options;
    turn.state = 'held';
    // The way as it is now: a second later it may be another one.
    const unexplainedMs = heardUnexplainedMs(report, turn.responseMs, workerPath?.());
    const waitMs = turn.isSuperseded ? 0 : turn.fateKnownAtMs - nowMs();
    const timer = setTimeout(() => this.#settle(report.turn), Math.max(0, waitMs)).unref();
    this.#held.set(report.turn, { report, turn, unexplainedMs, timer });
    if (waitMs <= 0) this.#settle(report.turn);
  }

  #settle(id: number): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    const { report, turn, unexplainedMs, timer } = held;
    clearTimeout(timer);
    this.#held.delete(id);
    turn.state = 'told';
    const { measurements, profile, onHeard } = this.#options;
    const { heardResponseMs, roundTripMs, jitterBufferMs } = report;
    if (roundTripMs !== undefined) measurements.observe('turnwise_network_rtt_seconds', {}, roundTripMs);
    if (jitterBufferMs !== undefined) measurements.observe('turnwise_client_jitter_buffer_seconds', {}, jitterBufferMs);
    if (!turn.isSuperseded) {
      measurements.observe('turnwise_heard_response_seconds', { profile }, heardResponseMs);
      if (unexplainedMs !== undefined) {
        measurements.observe('turnwise_heard_unexplained_seconds', {}, Math.abs(unexplainedMs));
      }
    }
    onHeard(report, unexplainedMs);
  }
}
