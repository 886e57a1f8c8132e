/** The arms called in turn, and what comes of each. */
import { cpus } from 'node:os';
import type { PresetName } from '../../local-providers/scripted/latency.js';
import { messageOf } from '../caller/errors.js';
import { systemClock } from '../clock.js';
import { busyShare, untilIdle } from '../idle-machine.js';
import type { ProviderCounters } from '../scripted-providers.js';
import { percentile } from '../statistics.js';
import { boundMs, providerTimes } from './bound.js';
import { type Arm, type Batch, type CallSettings, type PlayedCall, type PlayedTurn, placeCalls } from './calls.js';
import { extraRequests } from './extra-requests.js';
import { isTimely, measureTurns, summariseArm } from './figures.js';
import { batchesOf, inTurn, isDue } from './interleaving.js';
import { addWork, NO_WORK } from './provider-work.js';
import type { Said } from './recordings.js';
import { firstClauseTokens } from './replies.js';
import type { ArmReport } from './report.js';
import {
  addCounts,
  type Counts,
  coldConnections,
  countsBetween,
  readCounters,
  SETTLE_MS,
  untilWarm,
} from './worker-counters.js';

/** Of the arms' names in the lines on how it goes. */
const NAME_WIDTH = 24;
/** Recordings that this program was too busy to say in time are said once more at the end. */
const ROUNDS = 2;
/** An arm is given up after so many calls in a row that could not be held. */
const FAILED_CALLS_IN_A_ROW = 3;
/** Call processes were seen to be loaded 8 s after each other on two cores; those of four callers are waited for, in ms. */
const SPARES_MS = 90_000;
/** A worker that a call has left begins to make its next process ready within this time, in ms. */
const BETWEEN_CALLS_MS = 1_200;
/** Nearly twice what a call process was seen to take to load, in ms. */
const IDLE_WITHIN_MS = 15_000;

interface Tally {
  readonly calls: PlayedCall[];
  work: ProviderCounters;
  counters: Counts;
  /** How busy the machine's processors were in each batch, 0 to 1. */
  readonly busy: number[];
  failedCalls: number;
  failedInARow: number;
}

export interface MeasureOptions {
  readonly turnsACall: number;
  readonly callers: number;
  readonly seed: number;
  /** How often the round trip is measured, evenly over the run. */
  readonly trips: number;
  /** @returns The round trip as far as it is known yet, for the lines on how it goes, in ms. */
  readonly measureTrip: () => Promise<number>;
}

/** Numbers of calls without turns, above those of all others. */
const GREETINGS_FROM = 1_000_000;

/** @returns At least so many calls without turns, cut into batches of callers at once: alone they would be greeted sooner. */
export function greetingBatches(count: number, callers: number): Batch[] {
  return Array.from({ length: Math.ceil(count / callers) }, (_, position) => {
    return { number: GREETINGS_FROM + position, recordings: [], seed: 1, callers };
  });
}

/** The calls of one run, arm by arm in turn. */
export class Run {
  readonly #metricsUrl: string;
  readonly #settings: CallSettings;
  readonly #tell: (line: string) => void;
  readonly #tallies: Map<Arm, Tally>;
  readonly failed: Record<string, string> = {};

  constructor(arms: readonly Arm[], metricsUrl: string, settings: CallSettings, tell: (line: string) => void) {
    this.#metricsUrl = metricsUrl;
    this.#settings = settings;
    this.#tell = tell;
    this.#tallies = new Map(
      arms.map((arm) => [arm, { calls: [], busy: [], work: NO_WORK, counters: {}, failedCalls: 0, failedInARow: 0 }]),
    );
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
    let roundTripMs = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const again = new Map(arms.map((arm) => [arm, [] as Said[]]));
      const batches = new Map([...left].map(([arm, said]) => [arm, batchesOf(said, options.turnsACall)]));
      const most = Math.max(0, ...[...batches.values()].map(({ length }) => length));
      for (let position = 0; position < most; position += 1) {
        number += 1;
        if (round === 0 && isDue(position, most, options.trips)) roundTripMs = await options.measureTrip();
        for (const arm of inTurn(arms, position)) {
          const said = batches.get(arm)?.[position];
          if (said === undefined || this.failed[arm.name] !== undefined) continue;
          const batch = { number, recordings: said, seed: options.seed * 1_000 + number, callers: options.callers };
          again.get(arm)?.push(...(await this.#place(arm, batch, roundTripMs)));
        }
      }
      left = again;
    }
    if (arms.every((arm) => this.#tallies.get(arm)?.calls.length === 0)) {
      throw new Error('No arm could be measured; the lines above say why.');
    }
  }

  /** Further calls that only listen to the greeting, of which a run with few calls has few; as many at once as the others. */
  async greet(count: number, callers: number): Promise<void> {
    const arms = [...this.#tallies.keys()];
    for (const [position, batch] of greetingBatches(count, callers).entries()) {
      for (const arm of inTurn(arms, position)) {
        if (this.failed[arm.name] !== undefined) continue;
        await this.#place(arm, batch, 0);
      }
    }
  }

  reports(roundTripMs: number, preset: PresetName): Readonly<Record<string, ArmReport>> {
    const times = providerTimes(preset);
    const measured = [...this.#tallies].filter(([, { calls }]) => calls.length > 0);
    return Object.fromEntries(
      measured.map(([arm, { calls, busy, work, counters, failedCalls }]) => {
        const each = measureTurns(calls, times, roundTripMs);
        const figures = summariseArm(calls, each);
        return [
          arm.name,
          {
            ...figures,
            failedCalls,
            busyShare: percentile(busy, 0.5) ?? null,
            requests: work,
            ...(arm.isOurs && {
              counters,
              coldConnections: coldConnections(counters),
              extraRequests: extraRequests(counters, work),
            }),
            each,
          },
        ];
      }),
    );
  }

  /** @returns What has to be said again. */
  async #place(arm: Arm, batch: Batch, roundTripMs: number): Promise<readonly Said[]> {
    const tally = this.#tallies.get(arm);
    if (tally === undefined) return [];
    const { signal } = this.#settings;
    try {
      await this.#awaitSpares(arm, batch.callers);
      await this.#awaitIdle();
      const before = await this.#counts(arm);
      const processors = cpus();
      const { calls, broken, work } = await placeCalls(arm, batch, this.#settings);
      if (batch.recordings.length > 0) tally.busy.push(busyShare(processors, cpus()));
      await this.#settle();
      tally.calls.push(...calls);
      tally.work = addWork(tally.work, work);
      tally.counters = addCounts(tally.counters, countsBetween(before, await this.#counts(arm)));
      // Others of the batch were held: that is no arm to be given up.
      for (const error of broken) this.#tellFailure(arm, error);
      tally.failedCalls += broken.length;
      tally.failedInARow = 0;
      for (const [caller, { turns }] of calls.entries()) {
        const who = arm.name.padEnd(NAME_WIDTH) + (calls.length === 1 ? '' : ` caller ${caller + 1}`);
        for (const turn of turns) this.#tell(progressLine(who, turn, roundTripMs, this.#settings));
      }
      if (broken.length > 0) return batch.recordings;
      return batch.recordings.filter((_, index) => calls.some(({ turns }) => !isTimely(turns[index] ?? { lagMs: 0 })));
    } catch (error) {
      signal.throwIfAborted();
      this.#noteFailure(arm, error);
      await this.#settle();
      return batch.recordings;
    }
  }

  /** A process is loaded after the other, and callers who come before theirs is would wait for it and not for an answer. */
  async #awaitSpares({ isOurs }: Arm, callers: number): Promise<void> {
    if (!isOurs || callers === 1) return;
    const { signal } = this.#settings;
    await untilWarm(this.#metricsUrl, { processes: callers, withinMs: SPARES_MS, signal });
  }

  /** Nobody is called while the worker of another arm is busy with itself. */
  async #awaitIdle(): Promise<void> {
    const { busy, isIdle } = await untilIdle({ withinMs: IDLE_WITHIN_MS, signal: this.#settings.signal });
    if (!isIdle)
      this.#tell(`the machine is ${Math.round(100 * busy)} % busy beside this run: what follows may be late`);
  }

  async #counts({ isOurs }: Arm): Promise<Counts> {
    return isOurs ? readCounters(this.#metricsUrl, this.#settings.signal) : {};
  }

  #noteFailure(arm: Arm, error: unknown): void {
    this.#settings.signal.throwIfAborted();
    const tally = this.#tallies.get(arm);
    if (tally === undefined) return;
    tally.failedCalls += 1;
    tally.failedInARow += 1;
    this.#tellFailure(arm, error);
    if (tally.failedInARow < FAILED_CALLS_IN_A_ROW) return;
    this.failed[arm.name] = messageOf(error);
    this.#tell(`${arm.name}: given up after ${FAILED_CALLS_IN_A_ROW} calls in a row that could not be held`);
  }

  #tellFailure({ name }: Arm, error: unknown): void {
    this.#tell(`${name}: no call: ${messageOf(error)}`);
  }

  async #settle(): Promise<void> {
    await systemClock.sleep(Math.max(BETWEEN_CALLS_MS, SETTLE_MS), this.#settings.signal);
  }
}

function progressLine(
  who: string,
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
  return `${who} ${file.padEnd(26)}${answer}${excess}${own}${cutIn}${late}`;
}
