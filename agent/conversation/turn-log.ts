/**
 * Keeps the instants of each turn of one call. Its latencies are measured a moment after its first sound, whatever becomes of
 * the rest of the reply; its document is told when the reply to it is done. Both wait while speech that began before or within
 * a second of that first sound may turn out to go on with the turn: then it was answered too soon, and no latency of it counts.
 */
import { type TurnDocument, type TurnProviders, type TurnWaiting, WAITING_MAX_PIECES } from '../../wire/turn.js';
import type { ProviderSettings } from '../config/environment.js';
import type { Profile } from '../config/profiles.js';
import type { Measurements } from '../telemetry/metrics.js';
import { measureAnswer, measureTurn } from '../telemetry/turn-metrics.js';
import {
  answerLatencyMs,
  componentLatencies,
  hiddenWork,
  responseLatencyMs,
  splitResponseLatency,
} from '../turn/timeline.js';
import type { WaitRecord } from '../turn/wait.js';
import type { Clock } from './clock.js';
import { Turn, type TurnEvents, type TurnOpening } from './turn.js';

export interface TurnLogOptions {
  readonly callId: string;
  readonly profile: Profile;
  /** Who is asked first. */
  readonly providers: {
    readonly stt: ProviderSettings;
    readonly llm: ProviderSettings;
    readonly tts: ProviderSettings;
  };
  readonly clock: Clock;
  readonly measurements: Measurements;
  /** Whether speech is being judged that may go on with the latest turn; absent: never. */
  readonly mayBeContinued?: () => boolean;
  /** Once a turn; none where the profile's accounts are off. */
  readonly onDocument: (document: TurnDocument) => void;
}

/** How long the account of a turn that may be superseded waits for the turn that does, in ms: one long sentence. */
const SUPERSEDED_WITHIN_MS = 15_000;
/**
 * How long after its first sound a turn is measured, in ms: who goes on within 1,000 ms is heard by then. Below the 2 s in which
 * a turn is to be seen.
 */
const MEASURED_AFTER_MS = 1_500;
/** The same where somebody is, and is still being judged then, in ms: by now the verdict is there (`turn/overlap.ts`). */
const JUDGED_AFTER_MS = 2_500;

export class TurnLog {
  readonly #options: TurnLogOptions;
  readonly #startedAtMs: number;
  /** Without their keys. */
  readonly #askedFirst: TurnProviders;
  readonly #events: TurnEvents;
  #turns = 0;
  #latest: Turn | undefined;
  readonly #open = new Set<Turn>();
  /** Turns that have sounded and are not measured yet. */
  readonly #unmeasured = new Map<Turn, NodeJS.Timeout>();
  readonly #measured = new WeakSet<Turn>();
  /** An interrupted turn that is done, while nobody knows yet whether the next one supersedes it. */
  #held: Turn | undefined;
  #heldTimer: NodeJS.Timeout | undefined;

  constructor(options: TurnLogOptions) {
    this.#options = options;
    this.#startedAtMs = options.clock.nowMs();
    this.#askedFirst = mapValues(options.providers, ({ provider, model }) => ({ provider, model }));
    this.#events = { onSounded: (turn) => this.#onSounded(turn), onDone: (turn) => this.#onDone(turn) };
  }

  /** The turn that was opened last. */
  get latest(): Turn | undefined {
    return this.#latest;
  }

  /** The greeting is turn 0: it answers no words. */
  openGreeting(): Turn {
    const timeline = { committedAtMs: this.#options.clock.nowMs() };
    return this.#begin(0, { said: '', confidence: 1, timeline });
  }

  openTurn(opening: TurnOpening): Turn {
    this.#turns += 1;
    opening.continued?.supersede(this.#turns);
    return this.#begin(this.#turns, opening);
  }

  /** Ends whatever is open. */
  closeAll(): void {
    for (const turn of this.#open) turn.close();
    this.#releaseHeld();
    for (const turn of this.#unmeasured.keys()) this.#measure(turn);
  }

  #begin(id: number, opening: TurnOpening): Turn {
    this.#releaseHeld();
    // A turn that nobody began to answer by now is not answered any more: the next one takes its place.
    const unanswered = this.#latest?.hasReplies === false ? this.#latest : undefined;
    const turn = new Turn(id, opening, this.#options.clock, this.#events);
    this.#latest = turn;
    this.#open.add(turn);
    unanswered?.close();
    return turn;
  }

  #onSounded(turn: Turn): void {
    if (turn.id === 0 || !this.#isAccounted) return;
    this.#after(turn, MEASURED_AFTER_MS, () => {
      const isJudged = turn !== this.#latest || this.#options.mayBeContinued?.() !== true;
      if (isJudged) this.#measureSettled(turn);
      else this.#after(turn, JUDGED_AFTER_MS - MEASURED_AFTER_MS, () => this.#measureSettled(turn));
    });
  }

  #after(turn: Turn, delayMs: number, then: () => void): void {
    this.#unmeasured.set(turn, setTimeout(then, delayMs).unref());
  }

  /** What becomes of a turn that may be superseded, its report knows. */
  #measureSettled(turn: Turn): void {
    if (this.#isSettled(turn)) this.#measure(turn);
  }

  /** Whether no turn to come supersedes it: none goes on with any but the latest. */
  #isSettled(turn: Turn): boolean {
    return turn !== this.#latest || !turn.mayBeSuperseded;
  }

  #onDone(turn: Turn): void {
    this.#open.delete(turn);
    if (turn.id > 0 && this.#isAccounted) {
      const { profile, measurements } = this.#options;
      // Superseded or not, this much is known.
      measurements.count('turnwise_turns_total', { profile: profile.name, outcome: turn.outcome });
    }
    if (this.#isSettled(turn)) {
      this.#report(turn);
      return;
    }
    this.#held = turn;
    this.#heldTimer = setTimeout(() => this.#releaseHeld(), SUPERSEDED_WITHIN_MS).unref();
  }

  #releaseHeld(): void {
    clearTimeout(this.#heldTimer);
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#report(held);
  }

  get #isAccounted(): boolean {
    return this.#options.profile.techniques.accounts;
  }

  /** Once a turn; an answer that came too soon would flatter every latency there is. */
  #measure(turn: Turn): void {
    clearTimeout(this.#unmeasured.get(turn));
    this.#unmeasured.delete(turn);
    if (this.#measured.has(turn)) return;
    this.#measured.add(turn);
    if (turn.supersededBy !== undefined) return;
    const { profile, measurements } = this.#options;
    measureTurn(measurements, turn.timeline, { profile, providers: this.#providersOf(turn) });
  }

  /** Who answered in it; where nobody did, who was to be asked first. */
  #providersOf({ answerers }: Turn): TurnProviders {
    return { ...this.#askedFirst, ...answerers };
  }

  #report(turn: Turn): void {
    if (!this.#isAccounted) return;
    const { profile, measurements, callId, onDocument } = this.#options;
    const { timeline, outcome } = turn;
    if (turn.id > 0) {
      // Cut or superseded, it is settled now; one that was answered is measured when its time comes.
      if (outcome !== 'answered') this.#measure(turn);
      if (turn.supersededBy === undefined) measureAnswer(measurements, timeline, profile);
    }
    onDocument(this.#documentOf(turn, { callId, profile }));
  }

  #documentOf(turn: Turn, { callId, profile }: Pick<TurnLogOptions, 'callId' | 'profile'>): TurnDocument {
    const { timeline } = turn;
    const responseMs = responseLatencyMs(timeline);
    const answerMs = answerLatencyMs(timeline);
    const stages = splitResponseLatency(timeline);
    const hidden = stages && hiddenWork(timeline, stages);
    const { fillerAtMs: _, ...instants } = timeline;
    return {
      schema: 1,
      callId,
      turn: turn.id,
      profile: profile.name,
      outcome: turn.outcome,
      said: turn.said,
      reply: turn.reply,
      instants: mapValues(instants, (atMs) => Math.max(0, round(atMs - this.#startedAtMs))),
      components: mapValues(componentLatencies(timeline), round),
      providers: this.#providersOf(turn),
      ...(responseMs !== undefined && { responseMs: round(responseMs) }),
      ...(answerMs !== undefined && { answerMs: round(answerMs) }),
      ...(stages !== undefined && { stages: mapValues(stages, round) }),
      ...(hidden !== undefined && { hidden: mapValues(hidden, round) }),
      ...(turn.wasSpeculated && { speculated: true }),
      ...(turn.waiting !== undefined && { waiting: rounded(turn.waiting) }),
      ...(Object.keys(turn.overlaps).length > 0 && { overlaps: turn.overlaps }),
      ...(turn.continued !== undefined && { continues: turn.continued.id }),
      ...(turn.supersededBy !== undefined && { supersededBy: turn.supersededBy }),
    };
  }
}

/** As the document carries it: in tenths of a ms, what weighs least as one sum when there are too many pieces. */
function rounded({ waitMs, silenceMs, contributions, scores }: WaitRecord): TurnWaiting {
  const pieces = Object.entries(contributions).toSorted(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  const others = pieces.length > WAITING_MAX_PIECES ? pieces.splice(WAITING_MAX_PIECES - 1) : [];
  if (others.length > 0) pieces.push(['others', others.reduce((sum, [, ms]) => sum + ms, 0)]);
  return {
    waitMs: round(waitMs),
    silenceMs: round(silenceMs),
    contributions: Object.fromEntries(pieces.map(([name, ms]) => [name, round(ms)])),
    scores: scores.slice(-8).map((score) => Math.round(score * 1_000) / 1_000),
  };
}

const round = (ms: number): number => Math.round(ms * 10) / 10;

/** Of what is there: an absent value stays absent. */
function mapValues<Value extends object, Mapped>(
  values: Value,
  change: (value: NonNullable<Value[keyof Value]>) => Mapped,
): { [Name in keyof Value]: Mapped } {
  const mapped: { [Name in keyof Value]?: Mapped } = {};
  for (const name of Object.keys(values) as (keyof Value)[]) {
    const value = values[name];
    if (value !== undefined && value !== null) mapped[name] = change(value);
  }
  return mapped as { [Name in keyof Value]: Mapped };
}
