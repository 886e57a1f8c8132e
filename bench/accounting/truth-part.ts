/** Whether what callers report is what a second participant hears of it, and whether anything of a turn is left unexplained. */

import { systemClock } from '../clock.js';
import { measureRoundTrips } from '../interruptions/round-trip.js';
import { batchesOf } from '../latency/interleaving.js';
import type { Sample } from '../latency/samples.js';
import { percentile } from '../statistics.js';
import { type AccountedTurn, isTimely, truths } from './call.js';
import { LOGGED_AFTER_MS, type LoggedTurn, readLoggedTurns } from './call-log.js';
import {
  ENOUGH_TURNS,
  exactly,
  figureOf,
  shareAbove,
  truthVerdicts,
  type Verdict,
  verdictOf,
  withoutSigns,
} from './figure.js';
import { holdCalls, type PartOptions, type PartReport, readOrders } from './part.js';
import { stageSum } from './stage-sum.js';

const TURNS = { whole: 100, quick: 4 } as const;
const TURNS_A_CALL = { whole: 5, quick: 2 } as const;
const CLICKS = 8;

/** Issue 6. */
const UNEXPLAINED = { p50Ms: 30, aboveMs: 100, sharePercent: 5 } as const;

export async function runTruth(options: PartOptions, turns?: number): Promise<PartReport> {
  const { system, quick, seed, signal, tell } = options;
  const size = quick ? 'quick' : 'whole';
  const recordings = await readOrders(options, turns ?? TURNS[size]);
  const played: AccountedTurn[] = [];
  const problems: string[] = [];
  const clicks = await measureRoundTrips(system.sfu, CLICKS, signal);
  for (const [index, batch] of batchesOf(recordings, TURNS_A_CALL[size]).entries()) {
    const plan = { profile: 'good', without: [] } as const;
    const held = await holdCalls(options, {
      ...{ plan, recordings: batch, callers: 1, witness: true, number: seed * 1_000 + index },
    });
    played.push(...(held?.turns ?? []));
    problems.push(...(held?.problems ?? []));
    for (const { turn, truthMs } of truths(held?.turns ?? [])) tell(progressLine(turn, truthMs));
  }
  clicks.push(...(await measureRoundTrips(system.sfu, CLICKS, signal)));
  await systemClock.sleep(LOGGED_AFTER_MS, signal);
  const report = judgeTruth(played, readLoggedTurns(system.callLogFile));
  const clickWayMs = (percentile(clicks, 0.5) ?? Number.NaN) / 2;
  return {
    ...report,
    remarks: [
      ...report.remarks,
      `one way by clicks in rooms of their own ${clickWayMs.toFixed(0)} ms`,
      ...(problems.length > 0 ? [`${problems.length} problems: ${[...new Set(problems)].join('; ')}`] : []),
    ],
    data: { ...report.data, clickWayMs, problems },
  };
}

/** @param logged - What the worker's call log holds of these and other turns. Pure. */
export function judgeTruth(played: readonly AccountedTurn[], logged: readonly LoggedTurn[]): PartReport {
  const timely = played.filter(isTimely);
  const told = truths(timely).flatMap(({ turn, truthMs }) =>
    turn.heardMs === undefined ? [] : [{ call: turn.call, ms: turn.heardMs - truthMs }],
  );
  const { logged: reported, unexplained, heardUnexplained, sums } = accountsOf(played, logged);
  const rest = UNEXPLAINED;
  const allowed = { to: rest.sharePercent, unit: '%' } as const;
  const unheard = withoutSigns(heardUnexplained);
  const reports = played.filter(({ report }) => report !== undefined).length;
  const verdicts: Verdict[] = [
    ...truthVerdicts(told),
    verdictOf('unexplained, P50', figureOf(unexplained, 0.5), { to: rest.p50Ms }),
    verdictOf(`unexplained above ${rest.aboveMs} ms`, shareAbove(unexplained, rest.aboveMs), allowed),
    verdictOf('|heard unexplained|, P50', figureOf(unheard, 0.5), { to: rest.p50Ms }),
    verdictOf(`|heard unexplained| above ${rest.aboveMs} ms`, shareAbove(unheard, rest.aboveMs), allowed),
    exactly('turns whose stages add up', sums.filter(({ addsUp }) => addsUp).length, sums.length),
    exactly('reports in the call log', reported, reports),
  ];
  const signed = { heardLessTruthMs: figureOf(told, 0.5), heardUnexplainedMs: figureOf(heardUnexplained, 0.5) };
  const ways = waysOf(played, logged);
  const [toWorker, fromWorker] = [
    ways.map(({ toWorkerMs }) => toWorkerMs),
    ways.map(({ fromWorkerMs }) => fromWorkerMs),
  ];
  const waysMs = played.flatMap(({ witnessed }) => witnessed?.wayMs ?? []);
  return {
    verdicts,
    remarks: [
      `with their signs: reported less truth P50 ${inMs(signed.heardLessTruthMs.value)}, heard unexplained P50 ${inMs(signed.heardUnexplainedMs.value)}`,
      `way to the second participant P50 ${inMs(percentile(waysMs, 0.5))}, P95 ${inMs(percentile(waysMs, 0.95))}`,
      `end of speech in the mouth to the worker's P50 ${inMs(percentile(toWorker, 0.5))}, first frame given to the room to the ear P50 ${inMs(percentile(fromWorker, 0.5))}`,
      `${played.length - timely.length} of ${played.length} turns disturbed by this program: not in |truth - reported heard|`,
      `${timely.length - told.length} turns that were not answered or the second participant could not follow`,
      ...(told.length < ENOUGH_TURNS.p95 ? [`${told.length} turns are too few for a claim about P95.`] : []),
    ],
    data: {
      signed,
      ways,
      each: played.map((turn) => ({ ...turn, truthMs: truths(played).find((one) => one.turn === turn)?.truthMs })),
    },
  };
}

/** What the worker says of turns: in their documents, and of the reports on them in its call log. */
function accountsOf(played: readonly AccountedTurn[], logged: readonly LoggedTurn[]) {
  const documents = played.flatMap(({ call, document }) => (document === undefined ? [] : [{ call, document }]));
  const joined = documents.flatMap(({ call, document }) => {
    const row = logged.find(({ callId, turn }) => callId === document.callId && turn === document.turn);
    return row?.heardMs === undefined ? [] : [{ call, ms: row.heardUnexplainedMs }];
  });
  return {
    logged: joined.length,
    unexplained: documents.flatMap(({ call, document: { stages } }): Sample[] =>
      stages === undefined ? [] : [{ call, ms: stages.unexplainedMs }],
    ),
    heardUnexplained: joined.flatMap(({ call, ms }): Sample[] => (ms === undefined ? [] : [{ call, ms }])),
    sums: documents.flatMap(({ document }) => stageSum(document) ?? []),
  };
}

/**
 * The two ways on which a heard response is longer than the worker's, in ms, by the wall clock that worker and callers share on
 * one machine: from the end of speech in the caller's mouth to that instant as the worker tells it, with whatever the two take
 * for an end of speech; and from the first frame given to the room to the first sound in the caller's ear.
 */
function waysOf(played: readonly AccountedTurn[], logged: readonly LoggedTurn[]) {
  return played.flatMap(({ firstSoundAtMs, heardMs, document }) => {
    const { instants = {} } = document ?? {};
    const { speechEndedAtMs, playoutStartedAtMs } = instants;
    const row = logged.find(({ callId, turn }) => callId === document?.callId && turn === document.turn);
    if (row?.startedAtUnixMs === undefined || speechEndedAtMs === undefined) return [];
    if (firstSoundAtMs === undefined || heardMs === undefined || playoutStartedAtMs === undefined) return [];
    const heardAtUnixMs = performance.timeOrigin + firstSoundAtMs;
    const originUnixMs =
      row.startedAtUnixMs - Math.min(...Object.values(instants).filter((atMs) => atMs !== undefined));
    return [
      {
        toWorkerMs: originUnixMs + speechEndedAtMs - (heardAtUnixMs - heardMs),
        fromWorkerMs: heardAtUnixMs - (originUnixMs + playoutStartedAtMs),
      },
    ];
  });
}

function inMs(ms: number | null | undefined): string {
  return `${ms?.toFixed(1) ?? '-'} ms`;
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
