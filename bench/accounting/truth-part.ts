/** Whether what callers report is what a second participant hears of it, and whether anything of a turn is left unexplained. */

import { measureRoundTrips } from '../interruptions/round-trip.js';
import type { Sample } from '../latency/figures.js';
import { batchesOf } from '../latency/interleaving.js';
import { percentile } from '../statistics.js';
import { type AccountedTurn, isTimely, truths } from './call.js';
import { bucketQuantile, bucketsBetween, bucketsOf } from './exposition.js';
import { ENOUGH_TURNS, figureOf, largestOf, shareAbove, type Verdict, verdictOf } from './figure.js';
import { holdCalls, type PartOptions, type PartReport, readOrders } from './part.js';
import { stageSum } from './stage-sum.js';

const TURNS = { whole: 100, quick: 4 } as const;
const TURNS_A_CALL = { whole: 5, quick: 2 } as const;
const CLICKS = 8;

/** Issue 6. */
const BOUNDS = { truth: { p50Ms: 20, p95Ms: 50 }, unexplained: { p50Ms: 30, aboveMs: 100, sharePercent: 5 } } as const;
const HEARD_UNEXPLAINED = 'turnwise_heard_unexplained_seconds';

export async function runTruth(options: PartOptions, turns?: number): Promise<PartReport> {
  const { system, quick, seed, signal, tell } = options;
  const size = quick ? 'quick' : 'whole';
  const recordings = await readOrders(options, turns ?? TURNS[size]);
  const played: AccountedTurn[] = [];
  const problems: string[] = [];
  const clicks = await measureRoundTrips(system.sfu, CLICKS, signal);
  const before = await system.scrape(signal);
  for (const [index, batch] of batchesOf(recordings, TURNS_A_CALL[size]).entries()) {
    const plan = { profile: 'good', without: [] } as const;
    const held = await holdCalls(options, {
      ...{ plan, recordings: batch, callers: 1, witness: true, number: seed * 1_000 + index },
    });
    played.push(...(held?.turns ?? []));
    problems.push(...(held?.problems ?? []));
    for (const { turn, truthMs } of truths(held?.turns ?? [])) tell(progressLine(turn, truthMs));
  }
  const after = await system.scrape(signal);
  clicks.push(...(await measureRoundTrips(system.sfu, CLICKS, signal)));
  const heardUnexplained = bucketsBetween(bucketsOf(before, HEARD_UNEXPLAINED), bucketsOf(after, HEARD_UNEXPLAINED));
  const report = judgeTruth(played);
  const clickWayMs = (percentile(clicks, 0.5) ?? Number.NaN) / 2;
  return {
    ...report,
    remarks: [
      ...report.remarks,
      `one way by clicks in rooms of their own ${clickWayMs.toFixed(0)} ms`,
      ...(problems.length > 0 ? [`${problems.length} problems: ${[...new Set(problems)].join('; ')}`] : []),
    ],
    data: {
      ...report.data,
      clickWayMs,
      heardUnexplainedByMetric: inMs(bucketQuantile(heardUnexplained, 0.5)),
      problems,
    },
  };
}

/** Figures of turns that this program did not disturb. Pure. */
export function judgeTruth(played: readonly AccountedTurn[]): PartReport & { readonly data: object } {
  const timely = played.filter(isTimely);
  const told = truths(timely).flatMap(({ turn, truthMs }) =>
    turn.heardMs === undefined ? [] : [{ turn, truthMs, differenceMs: turn.heardMs - truthMs }],
  );
  const apart = told.map(({ turn: { call }, differenceMs }): Sample => ({ call, ms: Math.abs(differenceMs) }));
  const signed = told.map(({ turn: { call }, differenceMs }): Sample => ({ call, ms: differenceMs }));
  const documents = played.flatMap(({ call, document }) => (document === undefined ? [] : [{ call, document }]));
  const unexplained = documents.flatMap(({ call, document }): Sample[] =>
    document.stages === undefined ? [] : [{ call, ms: document.stages.unexplainedMs }],
  );
  const sums = documents.flatMap(({ call, document }) => {
    const sum = stageSum(document);
    return sum === undefined ? [] : [{ call, ...sum }];
  });
  const wrongSums = sums.filter(({ addsUp }) => !addsUp).length;
  const { truth, unexplained: rest } = BOUNDS;
  const verdicts: Verdict[] = [
    verdictOf('|truth - reported heard|, P50', figureOf(apart, 0.5), { to: truth.p50Ms }),
    verdictOf('|truth - reported heard|, P95', figureOf(apart, 0.95), { to: truth.p95Ms }),
    verdictOf('unexplained, P50', figureOf(unexplained, 0.5), { to: rest.p50Ms }),
    verdictOf(`unexplained above ${rest.aboveMs} ms`, shareAbove(unexplained, rest.aboveMs), {
      ...{ to: rest.sharePercent, unit: '%' },
    }),
    verdictOf(
      'stages add up, furthest off',
      largestOf(sums.map(({ call, differenceMs }) => ({ call, ms: Math.abs(differenceMs) }))),
      {
        to: sums[0]?.roundingMs ?? 0,
      },
    ),
  ];
  const bias = figureOf(signed, 0.5);
  return {
    verdicts,
    remarks: [
      `reported less truth, with its sign: P50 ${bias.value?.toFixed(1) ?? '-'} ms`,
      `${played.length - timely.length} of ${played.length} turns disturbed by this program: not in |truth - reported heard|`,
      `${timely.length - told.length} turns that the second participant could not follow`,
      ...(wrongSums > 0 ? [`${wrongSums} turns whose stages do not add up`] : []),
      ...(apart.length < ENOUGH_TURNS.p95 ? [`${apart.length} turns are too few for a claim about P95.`] : []),
    ],
    data: {
      turns: played.length,
      disturbed: played.length - timely.length,
      signedP50Ms: bias,
      each: truths(played).map(({ turn, truthMs }) => ({ ...turn, truthMs })),
    },
  };
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}

function progressLine(
  { file, heardMs = Number.NaN, document, lagMs, witnessed }: AccountedTurn,
  truthMs: number,
): string {
  const { responseMs, stages } = document ?? {};
  return (
    `${file.padEnd(26)} heard ${heardMs.toFixed(0)}  truth ${truthMs.toFixed(0)}  worker ${responseMs?.toFixed(0) ?? '-'}` +
    `  unexplained ${stages?.unexplainedMs ?? '-'}  way ${witnessed?.wayMs.toFixed(0) ?? '-'}  own lag ${lagMs.toFixed(0)} ms`
  );
}
