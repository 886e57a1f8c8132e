/**
 * Whether what a page reports is what a second participant hears of it. A real Chromium opens the page that the token server
 * serves, says recordings through its microphone, and reports by itself; the reports are read where the worker keeps them.
 *
 * Truth is that of `truths.ts`, by docs/sources.md's end of speech in the second participant's own recording of the caller
 * (`own-end.ts`). The way begins where the page's own figure does, in the microphone's track as it is sent, behind capture, echo
 * canceller, noise suppression and gain control (`web-client/call/level-tap.ts`): a tap of the bench's own, beside the page's
 * AudioWorklet and audio context, finds the recording there, and the second participant what it found. Page and bench read one
 * machine's clock; how far their origins are apart is measured in each call.
 *
 * The agent's voice reaches the two ears through a jitter buffer each, of two builds of WebRTC and under two loads, which differ
 * by up to 50 ms. Both tell what sound waited in them; read every 100 ms, that of the answer's beginning is taken for this turn.
 *
 * Printed beside, without an aim:
 * - the same against the end of the recording file, which was never sent where noise suppression swallowed a last sound: how far
 *   page and truth are from what a person said, whoever suppressed it; and how much was swallowed
 * - both uncorrected, by the call's median way, and without the buffers
 * - of the difference, what is the meter's (reported less tap) and what the ears' (tap less truth): the bench's tap has both
 *   tracks of the page, and takes the end of speech by the same rule
 * Clicks between callers that are no browsers only show what another capture path takes.
 *
 * What the comparison cannot see:
 * - What lies before the microphone's track (hardware, capture, the delay of echo canceller and noise suppression), and what
 *   lies behind the jitter buffer (mixing, loudspeaker: `playoutMs` of a report). Neither figure has it; a person waits for it.
 * - What the microphone's processing took away or made louder before its track: page and second participant have the same sound,
 *   and where speech ends too soon in it, both take it so. Against the file's end it shows.
 * - A rule that is wrong: the page's and this one are of one kind, 30 dB below the loudest, each of its own code.
 * - What WebRTC's statistics do not know of its buffers: they count whole packets, and stretched sound by its mean.
 * - Any line but a machine's own: no loss, and ways of some ms.
 */
import { messageOf } from '../caller/errors.js';
import { systemClock } from '../clock.js';
import { measureRoundTrips } from '../interruptions/round-trip.js';
import { batchesOf } from '../latency/interleaving.js';
import { type Sample, samplesOf } from '../latency/samples.js';
import { percentile } from '../statistics.js';
import { type BrowserCall, holdBrowserCall } from './browser-call.js';
import { type BrowserTurn, isUnbroken, pairReports } from './browser-turns.js';
import { LOGGED_AFTER_MS, readLoggedTurns } from './call-log.js';
import { comparedVerdict, ENOUGH_TURNS, figureOf, figureText, sizesOf, sizesText, truthVerdicts } from './figure.js';
import { BETWEEN_CALLS_MS, type PartOptions, type PartReport, readOrders, scriptCalls } from './part.js';
import { apartFrom, type EndOfSpeech, ownEndsLater, plainTruths, truthOf, truths } from './truths.js';

export { chromiumPath } from './browser-chromium.js';

const TURNS = { whole: 40, quick: 4 } as const;
const TURNS_A_CALL = { whole: 5, quick: 2 } as const;
const CLICKS = 8;

export async function runBrowser(options: PartOptions, turns?: number): Promise<PartReport> {
  const { system, quick, seed, signal, tell } = options;
  const size = quick ? 'quick' : 'whole';
  const recordings = await readOrders(options, turns ?? TURNS[size]);
  const played: BrowserTurn[] = [];
  const problems: string[] = [];
  const exactToMs: number[] = [];
  const clicks = await measureRoundTrips(system.sfu, CLICKS, signal);
  for (const [index, batch] of batchesOf(recordings, TURNS_A_CALL[size]).entries()) {
    const number = seed * 1_000 + index;
    await scriptCalls(system, { recordings: batch, number }, signal);
    const call = await holdBrowserCall({ system, recordings: batch, name: `${number}`, signal }).catch(
      (error: unknown): BrowserCall => {
        signal.throwIfAborted();
        tell(`no call: ${messageOf(error)}`);
        return { turns: [], clockExactToMs: Number.NaN, problems: [messageOf(error)] };
      },
    );
    problems.push(...call.problems);
    if (call.turns.length > 0) exactToMs.push(call.clockExactToMs);
    await systemClock.sleep(Math.max(LOGGED_AFTER_MS, BETWEEN_CALLS_MS), signal);
    const paired = pairReports(call.turns, readLoggedTurns(system.callLogFile), performance.timeOrigin);
    played.push(...paired);
    const [own, byRecording] = [truths(paired, 'own'), truths(paired, 'recording')];
    for (const turn of paired) tell(progressLine(turn, truthOf(own, turn), truthOf(byRecording, turn)));
  }
  clicks.push(...(await measureRoundTrips(system.sfu, CLICKS, signal)));
  const report = judgeBrowser(played, recordings.length);
  const clickWayMs = (percentile(clicks, 0.5) ?? Number.NaN) / 2;
  return {
    ...report,
    remarks: [
      ...report.remarks,
      `one way by clicks of callers that are no browsers, in rooms of their own ${clickWayMs.toFixed(0)} ms`,
      `the page's clock known to ${percentile(exactToMs, 1)?.toFixed(1) ?? '-'} ms`,
      ...(problems.length > 0 ? [`${problems.length} problems: ${[...new Set(problems)].join('; ')}`] : []),
    ],
    data: { ...report.data, clickWayMs, clockExactToMs: exactToMs, problems },
  };
}

/**
 * Pure.
 * @param played - With their reports. @param planned - Turns that should have been played.
 */
export function judgeBrowser(played: readonly BrowserTurn[], planned: number): PartReport {
  const unbroken = played.filter(isUnbroken);
  const known = truths(unbroken, 'own');
  const followed = truths(unbroken, 'recording');
  const told = apartFrom(known);
  const plain = (end: EndOfSpeech): Sample[] => apartFrom(plainTruths(unbroken, end));
  const tapped = known.flatMap(({ turn: { call, inPageOwnMs, heardMs }, truthMs }) =>
    inPageOwnMs === undefined || heardMs === undefined
      ? []
      : [{ meter: { call, ms: heardMs - inPageOwnMs }, ears: { call, ms: inPageOwnMs - truthMs } }],
  );
  const [meter, ears] = [tapped.map((turn) => turn.meter), tapped.map((turn) => turn.ears)];
  const later = ownEndsLater(unbroken);
  const unexplained = samplesOf(unbroken, ({ heardUnexplainedMs }) => heardUnexplainedMs);
  const beside = {
    byRecording: sizesOf(apartFrom(followed)),
    uncorrected: sizesOf(plain('own')),
    byRecordingUncorrected: sizesOf(plain('recording')),
    meter: sizesOf(meter),
    ears: sizesOf(ears),
    endApart: sizesOf(later),
    swallowed: sizesOf(samplesOf(unbroken, ({ swallowedMs }) => swallowedMs)),
    way: sizesOf(samplesOf(unbroken, ({ witnessed }) => witnessed?.wayMs)),
  };
  const signed = {
    heardLessTruthMs: figureOf(told, 0.5),
    heardLessTruthByRecordingMs: figureOf(apartFrom(followed), 0.5),
    heardUnexplainedMs: figureOf(unexplained, 0.5),
    meterMs: figureOf(meter, 0.5),
    earsMs: figureOf(ears, 0.5),
    ownEndLaterMs: figureOf(later, 0.5),
  };
  return {
    verdicts: [...truthVerdicts(told), comparedVerdict(told.length, planned)],
    remarks: [
      'truth by the end of speech in what the second participant recorded of the caller, the last 10 ms within 30 dB of its loudest',
      `with their signs: reported less truth P50 ${figureText(signed.heardLessTruthMs)}, heard unexplained P50 ${figureText(signed.heardUnexplainedMs)}`,
      `against the end of the recording file instead, sent or not: |truth - reported heard| ${sizesText(beside.byRecording)}, with its sign P50 ${figureText(signed.heardLessTruthByRecordingMs)}`,
      `end of speech that the page's microphone did not have any more ${sizesText(beside.swallowed)}`,
      `the second participant's own end of speech less the file's P50 ${figureText(signed.ownEndLaterMs)}, its size ${sizesText(beside.endApart)}`,
      `of |truth - reported heard|, reported less the bench's tap in the page P50 ${figureText(signed.meterMs)}, its size ${sizesText(beside.meter)}`,
      `of it, that tap less truth, which is what the two ears differ by beyond their jitter buffers, P50 ${figureText(signed.earsMs)}, its size ${sizesText(beside.ears)}`,
      `uncorrected, by the call's median way and whatever the jitter buffers differ by: ${sizesText(beside.uncorrected)}; against the file's end ${sizesText(beside.byRecordingUncorrected)}`,
      `way from the page's microphone to the second participant ${sizesText(beside.way)}`,
      `${played.length - unbroken.length} of ${played.length} turns whose microphone skipped time: not in |truth - reported heard|`,
      `${unbroken.length - followed.length} turns that were not answered or the second participant could not follow`,
      `${followed.length - known.length} others in which it found no end of speech`,
      `${known.length - told.length} of ${known.length} others of which the page reported nothing`,
      ...(told.length < ENOUGH_TURNS.p95 ? [`${told.length} turns are too few for a claim about P95.`] : []),
    ],
    data: {
      ...{ signed, beside },
      each: played.map((turn) => {
        const truthByRecordingMs = truthOf(followed, turn);
        return { ...turn, truthMs: truthOf(known, turn), truthByRecordingMs };
      }),
    },
  };
}

function progressLine(
  { file, heardMs, witnessed, inPageMs, bufferedMs, swallowedMs, slippedMs }: BrowserTurn,
  ownMs: number | undefined,
  byRecordingMs: number | undefined,
): string {
  const whole = (ms: number | undefined): string => ms?.toFixed(0) ?? '-';
  return (
    `${file.padEnd(26)} reported ${whole(heardMs)}  truth ${whole(ownMs)}, by the file ${whole(byRecordingMs)}  in the page ${whole(inPageMs)}` +
    `  way ${whole(witnessed?.wayMs)}  buffers ${whole(bufferedMs?.caller)}, ${whole(bufferedMs?.witness)}  swallowed ${whole(swallowedMs)}  microphone slipped ${whole(slippedMs)} ms`
  );
}
