/** What measuring costs: in the caller's ear, and of a call's event loop. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { planArms } from '../latency/arm-plans.js';
import { isTimely, type MeasuredTurn } from '../latency/figures.js';
import type { ArmReport, LatencyReport } from '../latency/report.js';
import { differenceOf, type Sample, samplesOf } from '../latency/samples.js';
import { runLatency } from '../latency/suite.js';
import { runControl } from './control.js';
import { ENOUGH_TURNS, figureOf, meanOf, type Verdict, verdictOf } from './figure.js';
import type { PartOptions, PartReport } from './part.js';
import { accountTurns, PAUSE_MS, type TurnCost, type TurnCosts } from './turn-cost.js';

const ARMS = 'ours,without-accounts';
const TURNS = { whole: 100, quick: 4 } as const;
const OFFLINE_TURNS = { whole: 5_000, quick: 500 } as const;
/** The aim, in ms of the event loop a turn: at the median, in the mean, and of 99 turns in 100. */
const LOOP_MS = 1;

export async function runCost(options: Omit<PartOptions, 'system'>, turns?: number): Promise<PartReport> {
  const { folders, quick, seed, signal, tell } = options;
  const size = quick ? 'quick' : 'whole';
  const loop = await measureLoop(OFFLINE_TURNS[size]);
  const medianMs = figureOf(samplesOfTurns(loop.turns, 'loopMs'), 0.5).value ?? 0;
  const control = (await runControl(loop.turns.length, medianMs, PAUSE_MS)).map((ms): Sample => ({ call: '', ms }));
  const report = await runLatency({
    ...{ folders, plans: planArms(ARMS), turns: turns ?? TURNS[size], quick, seed, signal, tell },
    stalls: false,
  });
  const heard = judgeHeard(report);
  const offline =
    "offline, without writing the log line and handing the document to the room; the event loop's figures are of the clock, other programs' turns in them";
  return {
    verdicts: loopVerdicts(loop.turns),
    remarks: [...heard.remarks, offline, ...loopRemarks(loop, control)],
    data: {
      offline: { ...summary(loop.turns), above: aboveBound(loop.turns), warmUp: summary(loop.warmUp) },
      control: summaryOf(control),
      heard: heard.data,
    },
  };
}

/** Runs the accounting of turns, their parent in a process of its own. */
export async function measureLoop(turns: number): Promise<TurnCosts> {
  const reader = fork(new URL('./reader.js', import.meta.url));
  const ended = once(reader, 'exit');
  try {
    const [socketPath]: unknown[] = await once(reader, 'message');
    if (typeof socketPath !== 'string') throw new Error('The reader has no socket.');
    return await accountTurns(socketPath, turns);
  } finally {
    if (reader.connected) reader.disconnect();
    await ended;
  }
}

function samplesOfTurns(costs: readonly TurnCost[], measure: keyof TurnCost): Sample[] {
  return costs.map((cost): Sample => ({ call: '', ms: cost[measure] }));
}

/** Of accounts as they are kept offline: the clock's figures hold other programs' turns, too. */
export function loopVerdicts(costs: readonly TurnCost[]): Verdict[] {
  const [loop, processor] = [samplesOfTurns(costs, 'loopMs'), samplesOfTurns(costs, 'processorMs')];
  return [...verdictsOf('event loop a turn', loop), ...verdictsOf('processor a turn', processor)];
}

function verdictsOf(what: string, samples: readonly Sample[]): Verdict[] {
  return [
    verdictOf(`${what}, P50`, figureOf(samples, 0.5), { to: LOOP_MS }),
    verdictOf(`${what}, mean`, meanOf(samples), { to: LOOP_MS }),
    verdictOf(`${what}, P99`, figureOf(samples, 0.99), { to: LOOP_MS }),
  ];
}

/** Turns that kept the event loop for longer than they may, by the first of these that explains it. */
export interface AboveBound {
  /** Within the bound but for a garbage collection in it. */
  readonly collected: number;
  /** Within the bound by the processor: other programs had it meanwhile. */
  readonly waited: number;
  /** Longer by the processor, too, with another program in between, which leaves its caches cold. */
  readonly interrupted: number;
  /** By what the accounting itself took, alone. */
  readonly worked: number;
}

/** Pure. */
export function aboveBound(costs: readonly TurnCost[]): AboveBound {
  const counts = { collected: 0, waited: 0, interrupted: 0, worked: 0 };
  for (const { loopMs, processorMs, collectedMs, preemptions } of costs) {
    if (loopMs <= LOOP_MS) continue;
    if (loopMs - collectedMs <= LOOP_MS) counts.collected += 1;
    else if (processorMs <= LOOP_MS) counts.waited += 1;
    else if (preemptions > 0) counts.interrupted += 1;
    else counts.worked += 1;
  }
  return counts;
}

function loopRemarks({ turns, warmUp }: TurnCosts, control: readonly Sample[]): string[] {
  const { collected, waited, interrupted, worked } = aboveBound(turns);
  const above = collected + waited + interrupted + worked;
  const told = (samples: readonly Sample[], share: number) => `${figureOf(samples, share).value?.toFixed(1) ?? '-'} ms`;
  const first = samplesOfTurns(warmUp, 'loopMs');
  const late = control.filter(({ ms }) => ms > LOOP_MS).length;
  return [
    `above ${LOOP_MS} ms by the clock: ${above} of ${turns.length} turns, ${collected} for a garbage collection, ${waited} while other programs had the processor, ${interrupted} interrupted by them, ${worked} for their own work alone`,
    `apart from these, while the code is being compiled, as it is for most of a call: a process's first ${warmUp.length} turns, event loop P50 ${told(first, 0.5)}, P99 ${told(first, 0.99)}`,
    `what the machine adds: arithmetic as long as the median turn, in the same rhythm, P50 ${told(control, 0.5)}, P99 ${told(control, 0.99)}, ${late} of ${control.length} above ${LOOP_MS} ms`,
  ];
}

function summary(costs: readonly TurnCost[]): object {
  const of = (measure: keyof TurnCost): object => summaryOf(samplesOfTurns(costs, measure));
  return { loopMs: of('loopMs'), processorMs: of('processorMs') };
}

function summaryOf(samples: readonly Sample[]): object {
  return {
    ...{ mean: meanOf(samples), p50: figureOf(samples, 0.5) },
    ...{ p95: figureOf(samples, 0.95), p99: figureOf(samples, 0.99) },
  };
}

/** How much later callers hear an agent that accounts for its turns. Pure. */
export function judgeHeard({
  arms,
  failed,
}: {
  readonly arms: Readonly<Record<string, Pick<ArmReport, 'each'>>>;
  readonly failed: LatencyReport['failed'];
}): {
  readonly remarks: readonly string[];
  readonly data: object;
} {
  const [withAccounts = [], without = []] = [arms.ours?.each, arms['without-accounts']?.each];
  const paired = figureOf(pairs(withAccounts, without), 0.5);
  const [ours, others] = [withAccounts, without].map((turns) =>
    samplesOf(turns.filter(isTimely), ({ heardMs }) => heardMs),
  );
  const apart = [0.5, 0.95].map((share) => differenceOf(ours ?? [], others ?? [], share));
  const told = (value: number | null | undefined, ci: readonly [number, number] | null | undefined): string =>
    `${value?.toFixed(1) ?? '-'} ms${ci ? ` (${ci[0].toFixed(1)} to ${ci[1].toFixed(1)})` : ''}`;
  const [p50, p95] = apart;
  return {
    remarks: [
      `heard later with accounts than without: P50 of the paired differences ${told(paired.value, paired.ci)}, n = ${paired.n} pairs`,
      `difference of the P50 ${told(p50?.value, p50?.ci)}, of the P95 ${told(p95?.value, p95?.ci)}; n = ${ours?.length} and ${others?.length} turns`,
      ...(paired.n < ENOUGH_TURNS.p95 ? [`${paired.n} pairs are too few for a claim about P95.`] : []),
      ...Object.entries(failed).map(([arm, why]) => `${arm}: ${why}`),
    ],
    data: { pairedP50Ms: paired, differenceOfP50Ms: p50 ?? null, differenceOfP95Ms: p95 ?? null },
  };
}

/** The same recording at the same place of the call of the same name, once with accounts and once without. */
function pairs(upper: readonly MeasuredTurn[], lower: readonly MeasuredTurn[]): Sample[] {
  return upper.filter(isTimely).flatMap((turn): Sample[] => {
    const like = lower.find(
      ({ call, index, file }) => call === turn.call && index === turn.index && file === turn.file,
    );
    if (like === undefined || !isTimely(like) || turn.heardMs === undefined || like.heardMs === undefined) return [];
    return [{ call: turn.call, ms: turn.heardMs - like.heardMs }];
  });
}
