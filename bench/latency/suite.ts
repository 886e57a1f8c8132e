/**
 * `npm run bench -- latency`: from the caller's last sound to the agent's first, ours and others in turn over one real SFU
 * and the same scripted providers, with what each technique is worth, and the cut-ins that speed was bought with.
 */
import type { PresetName } from '../../local-providers/scripted/latency.js';
import { messageOf } from '../caller/errors.js';
import { systemClock } from '../clock.js';
import { measureRoundTrips } from '../interruptions/round-trip.js';
import { type CallScript, type ProviderCounters, startProviders } from '../scripted-providers.js';
import { percentile } from '../statistics.js';
import { type ArmPlan, DEFAULT_ARMS, planArm } from './arm-plans.js';
import { boundMs, providerTimes } from './bound.js';
import { type Arm, type Batch, type CallSettings, type PlayedCall, type PlayedTurn, placeCalls } from './calls.js';
import { isTimely, measureTurns, summariseArm } from './figures.js';
import { batchesOf, inTurn } from './interleaving.js';
import { type RecordingSet, readRecordings, type Said } from './recordings.js';
import { firstClauseTokens } from './replies.js';
import type { ArmReport, LatencyReport } from './report.js';
import { stallingTiming } from './stalls.js';
import { addCounts, type Counts, countsBetween, readCounters, SETTLE_MS } from './worker-counters.js';
import { openWorkers } from './workers.js';

/** Turns of an arm: a run, and a quick one to see that it works. */
export const TURNS = { whole: 100, quick: 4 } as const;
const TURNS_A_CALL = { whole: 5, quick: 2 } as const;
/** Recordings that this program was too busy to say in time are said once more at the end. */
const ROUNDS = 2;
/** An arm is given up after so many calls in a row that could not be held. */
const FAILED_CALLS_IN_A_ROW = 3;
const CLICKS = { whole: 12, quick: 6 } as const;
/** A worker that a call has left makes its next process ready, in ms: the machine is let settle before another is called. */
const BETWEEN_CALLS_MS = 1_200;
/** Longest wait for an answer, in ms; with stalls a model and a voice may each be silent for 3 s more, and be slow besides. */
const ANSWER_TIMEOUT_MS = { healthy: 8_000, slow: 20_000 } as const;

export interface LatencyOptions {
  /** Data folders; undefined: the project's. */
  readonly folders: readonly string[] | undefined;
  readonly plans?: readonly ArmPlan[] | undefined;
  readonly set?: RecordingSet | undefined;
  readonly preset?: PresetName | undefined;
  /** Whether model and voice now and then stall. */
  readonly stalls: boolean;
  /** Callers at once. */
  readonly callers?: number | undefined;
  /** Turns of each arm. */
  readonly turns?: number | undefined;
  readonly handshakeMs?: number | undefined;
  /** Silence that the voice begins with, as vendors' do, in ms. */
  readonly leadingSilenceMs?: number | undefined;
  readonly quick: boolean;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Takes a line on how it goes. */
  readonly tell: (line: string) => void;
}

/** @throws when the system does not start or no arm can be measured; CallError `BAD_INPUT` without usable recordings. */
export async function runLatency(options: LatencyOptions): Promise<LatencyReport> {
  const { folders, set = 'orders', preset = 'fixed', stalls, callers = 1, quick, seed, signal, tell } = options;
  const { handshakeMs, leadingSilenceMs } = options;
  const size = quick ? 'quick' : 'whole';
  const turns = options.turns ?? TURNS[size];
  const plans = options.plans ?? DEFAULT_ARMS.map(planArm);
  const recordings = await readRecordings(folders, { set, turns: Math.ceil(turns / callers), seed });
  tell(`${turns} turns an arm: ${plans.map(({ name }) => name).join(', ')}`);
  const providers = await startProviders(signal);
  const timing: CallScript['timing'] = {
    ...(stalls && stallingTiming(preset)),
    ...(leadingSilenceMs !== undefined && { ttsLeadingSilenceMs: leadingSilenceMs }),
  };
  const settings: CallSettings = {
    providers,
    timing: { preset, timing },
    answerTimeoutMs: ANSWER_TIMEOUT_MS[stalls || preset === 'tails' ? 'slow' : 'healthy'],
    signal,
  };
  try {
    const workers = await openWorkers(plans, { providers, handshakeMs, warmProcesses: callers + 1, signal, tell });
    try {
      const trips = await measureRoundTrips(workers.sfu, CLICKS[size], signal);
      const run = new Run(workers.arms, workers.metricsUrl, settings, tell);
      await run.warmUp();
      await run.measure(recordings, {
        turnsACall: TURNS_A_CALL[size],
        callers,
        seed,
        roundTripMs: percentile(trips, 0.5) ?? 0,
      });
      if (!quick) trips.push(...(await measureRoundTrips(workers.sfu, CLICKS[size], signal)));
      const roundTripMs = percentile(trips, 0.5);
      if (roundTripMs === undefined) throw new Error('No click came back over the SFU, so nothing can be measured.');
      return {
        roundTripMs,
        settings: {
          ...{ set, preset, faults: stalls ? 'stalls' : 'none', calls: callers, turns, seed },
          ...(handshakeMs !== undefined && { handshakeMs }),
          ...(leadingSilenceMs !== undefined && { leadingSilenceMs }),
        },
        arms: run.reports(roundTripMs, preset),
        failed: { ...workers.failed, ...run.failed },
      };
    } finally {
      await workers.close();
    }
  } finally {
    await providers.close();
  }
}

interface Tally {
  readonly calls: PlayedCall[];
  requests: ProviderCounters;
  counters: Counts;
  failedCalls: number;
  failedInARow: number;
}

interface MeasureOptions {
  readonly turnsACall: number;
  readonly callers: number;
  readonly seed: number;
  /** As far as it is known yet, for the lines on how it goes. */
  readonly roundTripMs: number;
}

class Run {
  readonly #metricsUrl: string;
  readonly #settings: CallSettings;
  readonly #tell: (line: string) => void;
  readonly #tallies: Map<Arm, Tally>;
  readonly failed: Record<string, string> = {};

  constructor(arms: readonly Arm[], metricsUrl: string, settings: CallSettings, tell: (line: string) => void) {
    this.#metricsUrl = metricsUrl;
    this.#settings = settings;
    this.#tell = tell;
    this.#tallies = new Map(arms.map((arm) => [arm, emptyTally()]));
  }

  /** The first call of each worker loads what later ones find loaded, and one that takes none is known at once. */
  async warmUp(): Promise<void> {
    const warm = new Set<string>();
    for (const arm of this.#tallies.keys()) {
      if (warm.has(arm.providersCall)) continue;
      warm.add(arm.providersCall);
      const batch = { number: 0, recordings: [], seed: 1, callers: 1 };
      await placeCalls(arm, batch, this.#settings).catch((error: unknown) => this.#noteFailure(arm, error));
      await this.#settle();
    }
    for (const tally of this.#tallies.values()) tally.failedCalls = 0;
  }

  async measure(recordings: readonly Said[], options: MeasureOptions): Promise<void> {
    const arms = [...this.#tallies.keys()];
    let left = new Map(arms.map((arm) => [arm, recordings]));
    let number = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const again = new Map(arms.map((arm) => [arm, [] as Said[]]));
      const batches = new Map([...left].map(([arm, said]) => [arm, batchesOf(said, options.turnsACall)]));
      const most = Math.max(0, ...[...batches.values()].map(({ length }) => length));
      for (let position = 0; position < most; position += 1) {
        number += 1;
        for (const arm of inTurn(arms, position)) {
          const said = batches.get(arm)?.[position];
          if (said === undefined || this.failed[arm.name] !== undefined) continue;
          const batch = { number, recordings: said, seed: options.seed * 1_000 + number, callers: options.callers };
          again.get(arm)?.push(...(await this.#place(arm, batch, options.roundTripMs)));
        }
      }
      left = again;
    }
    if (arms.every((arm) => this.#tallies.get(arm)?.calls.length === 0)) {
      throw new Error('No arm could be measured; the lines above say why.');
    }
  }

  reports(roundTripMs: number, preset: PresetName): Readonly<Record<string, ArmReport>> {
    const times = providerTimes(preset);
    const measured = [...this.#tallies].filter(([, { calls }]) => calls.length > 0);
    return Object.fromEntries(
      measured.map(([arm, { calls, requests, counters, failedCalls }]) => {
        const each = measureTurns(calls, times, roundTripMs);
        const figures = summariseArm(calls, each);
        return [arm.name, { ...figures, failedCalls, requests, ...(arm.isOurs && { counters }), each }];
      }),
    );
  }

  /** @returns What has to be said again. */
  async #place(arm: Arm, batch: Batch, roundTripMs: number): Promise<readonly Said[]> {
    const tally = this.#tallies.get(arm);
    if (tally === undefined) return [];
    const { signal } = this.#settings;
    try {
      const [requests, counters] = await this.#counts(arm);
      const calls = await placeCalls(arm, batch, this.#settings);
      await this.#settle();
      const [requestsAfter, countersAfter] = await this.#counts(arm);
      tally.calls.push(...calls);
      tally.requests = sumOf(tally.requests, requestsAfter, requests);
      tally.counters = addCounts(tally.counters, countsBetween(counters, countersAfter));
      tally.failedInARow = 0;
      for (const turn of calls.flatMap(({ turns }) => turns))
        this.#tell(progressLine(arm.name, turn, roundTripMs, this.#settings));
      return batch.recordings.filter((_, index) => calls.some(({ turns }) => !isTimely(turns[index] ?? { lagMs: 0 })));
    } catch (error) {
      signal.throwIfAborted();
      this.#noteFailure(arm, error);
      await this.#settle();
      return batch.recordings;
    }
  }

  async #counts(arm: Arm): Promise<[ProviderCounters, Counts]> {
    const { providers, signal } = this.#settings;
    return Promise.all([
      providers.counters(arm.providersCall, signal),
      arm.isOurs ? readCounters(this.#metricsUrl, signal) : {},
    ]);
  }

  #noteFailure(arm: Arm, error: unknown): void {
    this.#settings.signal.throwIfAborted();
    const tally = this.#tallies.get(arm);
    if (tally === undefined) return;
    tally.failedCalls += 1;
    tally.failedInARow += 1;
    this.#tell(`${arm.name}: no call: ${messageOf(error)}`);
    if (tally.failedInARow < FAILED_CALLS_IN_A_ROW) return;
    this.failed[arm.name] = messageOf(error);
    this.#tell(`${arm.name}: given up after ${FAILED_CALLS_IN_A_ROW} calls in a row that could not be held`);
  }

  async #settle(): Promise<void> {
    await systemClock.sleep(Math.max(BETWEEN_CALLS_MS, SETTLE_MS), this.#settings.signal);
  }
}

function emptyTally(): Tally {
  const requests = {
    llm: { requests: 0, aborted: 0, tokensSent: 0 },
    tts: { requests: 0, aborted: 0, cancelled: 0, charactersReceived: 0 },
  };
  return { calls: [], requests, counters: {}, failedCalls: 0, failedInARow: 0 };
}

/** What came between two readings, added to what was there. */
function sumOf(sum: ProviderCounters, after: ProviderCounters, before: ProviderCounters): ProviderCounters {
  const { llm, tts } = sum;
  return {
    llm: {
      requests: llm.requests + after.llm.requests - before.llm.requests,
      aborted: llm.aborted + after.llm.aborted - before.llm.aborted,
      tokensSent: llm.tokensSent + after.llm.tokensSent - before.llm.tokensSent,
    },
    tts: {
      requests: tts.requests + after.tts.requests - before.tts.requests,
      aborted: tts.aborted + after.tts.aborted - before.tts.aborted,
      cancelled: tts.cancelled + after.tts.cancelled - before.tts.cancelled,
      charactersReceived: tts.charactersReceived + after.tts.charactersReceived - before.tts.charactersReceived,
    },
  };
}

function progressLine(
  name: string,
  turn: PlayedTurn,
  roundTripMs: number,
  { timing: { preset = 'fixed' } }: CallSettings,
): string {
  const { file, heardMs, answerMs, outcome, heard, lagMs, lastWordEndMs, speechEndMs, scriptedReply } = turn;
  const clip = { roundTripMs, lastWordEndMs, speechEndMs, firstClauseTokens: firstClauseTokens(scriptedReply) };
  const excess = heardMs === undefined ? '' : `  excess ${Math.round(heardMs - boundMs(providerTimes(preset), clip))}`;
  const cutIn = heard.elsewhere > 0 || heard.cutIn.includes(true) ? '  CUT IN' : '';
  const answer = heardMs === undefined ? outcome : `${Math.round(heardMs)} ms`;
  const own = answerMs === undefined ? '' : `  answer itself ${Math.round(answerMs)} ms`;
  const late = isTimely(turn) ? '' : `  (not counted: own lag ${Math.round(lagMs)} ms)`;
  return `${name.padEnd(12)}${file.padEnd(26)}${answer}${excess}${own}${cutIn}${late}`;
}
