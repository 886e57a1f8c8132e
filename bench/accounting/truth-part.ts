/**
 * Whether what callers report is what a second participant hears of it, and whether anything of a turn is left unexplained.
 *
 * Truth is that of `truths.ts`, with the end of the recording aligned in the second participant's ear: nothing stands between
 * these callers' recordings and their track, so that the recording is what was sent. By its own end of speech (`own-end.ts`), as
 * the truth of a browser's call has it, the same is printed beside: that is what the rule itself differs by behind Opus. Printed
 * beside, too, is what it would be by the call's median way and without the jitter buffers' statistics.
 *
 * Each turn has its own way, from the instant at which the caller says that the end of speech left. Were that instant wrong, way
 * and truth would be so by as much, and only the spread of the ways and the uncorrected figure would tell.
 */
import { systemClock } from '../clock.js';
import { measureRoundTrips } from '../interruptions/round-trip.js';
import { batchesOf } from '../latency/interleaving.js';
import { type Sample, samplesOf } from '../latency/samples.js';
import { percentile } from '../statistics.js';
import { type AccountedTurn, isTimely } from './call.js';
import { LOGGED_AFTER_MS, type LoggedTurn, readLoggedTurns } from './call-log.js';
import {
  comparedVerdict,
  ENOUGH_TURNS,
  exactly,
  figureOf,
  figureText,
  shareAbove,
  sizesOf,
  sizesText,
  truthVerdicts,
  type Verdict,
  verdictOf,
  withoutSigns,
} from './figure.js';
import { holdCalls, type PartOptions, type PartReport, readOrders } from './part.js';
import { stageSum } from './stage-sum.js';
import { LOST_MAX_MS } from './truth.js';
import { apartFrom, ownEndsLater, plainTruths, truthOf, truths } from './truths.js';

const TURNS = { whole: 100, quick: 4 } as const;
const TURNS_A_CALL = { whole: 5, quick: 2 } as const;
const CLICKS = 8;

/** The aim. */
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
    const [own, byRecording] = [truths(held?.turns ?? [], 'own'), truths(held?.turns ?? [], 'recording')];
    for (const turn of held?.turns ?? []) tell(progressLine(turn, truthOf(byRecording, turn), truthOf(own, turn)));
  }
  clicks.push(...(await measureRoundTrips(system.sfu, CLICKS, signal)));
  await systemClock.sleep(LOGGED_AFTER_MS, signal);
  const report = judgeTruth(played, readLoggedTurns(system.callLogFile), recordings.length);
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

/**
 * Pure.
 * @param logged - What the worker's call log holds of these and other turns. @param planned - Turns that should have been played.
 */
export function judgeTruth(
  played: readonly AccountedTurn[],
  logged: readonly LoggedTurn[],
  planned: number,
): PartReport {
  const timely = played.filter(isTimely);
  const known = truths(timely, 'recording');
  const told = apartFrom(known);
  const later = ownEndsLater(timely);
  const beside = {
    uncorrected: sizesOf(apartFrom(plainTruths(timely, 'recording'))),
    byOwnEnd: sizesOf(apartFrom(truths(timely, 'own'))),
    endApart: sizesOf(later),
    way: sizesOf(samplesOf(timely, ({ witnessed }) => witnessed?.wayMs)),
    buffersApart: sizesOf(samplesOf(timely, ({ bufferedMs }) => bufferedMs && bufferedMs.caller - bufferedMs.witness)),
  };
  const { logged: reported, unexplained, heardUnexplained, sums } = accountsOf(played, logged);
  const rest = UNEXPLAINED;
  const allowed = { to: rest.sharePercent, unit: '%' } as const;
  const unheard = withoutSigns(heardUnexplained);
  const reports = played.filter(({ report }) => report !== undefined).length;
  const verdicts: Verdict[] = [
    ...truthVerdicts(told),
    comparedVerdict(told.length, planned),
    verdictOf('unexplained, P50', figureOf(unexplained, 0.5), { to: rest.p50Ms }),
    verdictOf(`unexplained above ${rest.aboveMs} ms`, shareAbove(unexplained, rest.aboveMs), allowed),
    verdictOf('|heard unexplained|, P50', figureOf(unheard, 0.5), { to: rest.p50Ms }),
    verdictOf(`|heard unexplained| above ${rest.aboveMs} ms`, shareAbove(unheard, rest.aboveMs), allowed),
    exactly('turns whose stages add up', sums.filter(({ addsUp }) => addsUp).length, sums.length),
    exactly('reports in the call log', reported, reports),
  ];
  const signed = {
    heardLessTruthMs: figureOf(told, 0.5),
    heardUnexplainedMs: figureOf(heardUnexplained, 0.5),
    ownEndLaterMs: figureOf(later, 0.5),
  };
  const ways = waysOf(played, logged);
  const [toWorker, fromWorker] = [
    ways.map(({ toWorkerMs }) => toWorkerMs),
    ways.map(({ fromWorkerMs }) => fromWorkerMs),
  ];
  return {
    verdicts,
    remarks: [
      `with their signs: reported less truth P50 ${figureText(signed.heardLessTruthMs)}, heard unexplained P50 ${figureText(signed.heardUnexplainedMs)}`,
      `uncorrected, by the call's median way and whatever the jitter buffers differ by: |truth - reported heard| ${sizesText(beside.uncorrected)}`,
      `jitter buffers of caller and second participant apart ${sizesText(beside.buffersApart)}`,
      `by the end of speech in what the second participant recorded of the caller: |truth - reported heard| ${sizesText(beside.byOwnEnd)}`,
      `that end less the recording's P50 ${figureText(signed.ownEndLaterMs)}, its size ${sizesText(beside.endApart)}`,
      `way to the second participant ${sizesText(beside.way)}`,
      `end of speech in the mouth to the worker's P50 ${inMs(percentile(toWorker, 0.5))}, first frame given to the room to the ear P50 ${inMs(percentile(fromWorker, 0.5))}`,
      `${played.length - timely.length} of ${played.length} turns disturbed by this program: not in |truth - reported heard|`,
      `${timely.length - told.length} others that were not answered or the second participant could not follow; it missed sound in ${timely.filter(isMissed).length}`,
      ...(told.length < ENOUGH_TURNS.p95 ? [`${told.length} turns are too few for a claim about P95.`] : []),
    ],
    data: {
      ...{ signed, beside, ways },
      each: played.map((turn) => {
        const truthByOwnEndMs = truthOf(truths([turn], 'own'), turn);
        return { ...turn, truthMs: truthOf(truths([turn], 'recording'), turn), truthByOwnEndMs };
      }),
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
  { file, heardMs, document, lagMs, witnessed, bufferedMs }: AccountedTurn,
  truthMs: number | undefined,
  byOwnEndMs: number | undefined,
): string {
  const { responseMs, stages } = document ?? {};
  const whole = (ms: number | undefined): string => ms?.toFixed(0) ?? '-';
  return (
    `${file.padEnd(26)} heard ${whole(heardMs)}  truth ${whole(truthMs)}, by its own end ${whole(byOwnEndMs)}  worker ${whole(responseMs)}` +
    `  unexplained ${stages?.unexplainedMs ?? '-'}  way ${whole(witnessed?.wayMs)}  buffers ${whole(bufferedMs?.caller)}, ${whole(bufferedMs?.witness)}  own lag ${whole(lagMs)} ms`
  );
}

/** Whether the second participant missed sound where it would have told the truth. */
function isMissed({ witnessSlippedMs = 0 }: AccountedTurn): boolean {
  return witnessSlippedMs > LOST_MAX_MS;
}
