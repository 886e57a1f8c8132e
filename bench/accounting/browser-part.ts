/**
 * Whether what a page reports is what a second participant hears of it. A real Chromium opens the page that the token server
 * serves, says recordings through its microphone, and reports by itself; the reports are read where the worker keeps them.
 *
 * The second participant's figure is that of `truth.ts`: agent's first sound - end of speech + way. Its way begins where the
 * page's own figure does, in the microphone's track as it is sent, behind capture and echo canceller
 * (`web-client/call/level-tap.ts`): a tap of the bench's own, beside the page's AudioWorklet and audio context, finds the
 * recording there. Page and bench read one machine's clock; how far their origins are apart is measured in each call. Each turn
 * has its own way: what it is longer by in one turn is the second participant's jitter buffer before the caller's voice (40 to 80
 * ms in one call), which says nothing of the agent's.
 *
 * The agent's voice reaches the two ears through a jitter buffer each, of two builds of WebRTC and under two loads, which differ
 * by up to 50 ms. Both tell what sound waited in them; read every 100 ms, that of the answer's beginning is taken for this turn:
 *   truth = agent's first sound there - end of speech + way + (page's jitter buffer - second participant's)
 * What is so corrected is printed uncorrected beside: by the call's median way, and without the buffers. The bench's tap has both
 * tracks of the page, so that the rest falls into the meter's part (reported less tap) and the ears' (tap less truth).
 * Clicks between callers that are no browsers only show what another capture path takes.
 * The end of speech is the recording's (DESIGN 7): if noise suppression swallowed the last sound, the page would be wrong here.
 *
 * What the comparison cannot see:
 * - What lies before the microphone's track (hardware, capture, the delay of echo canceller and noise suppression), and what
 *   lies behind the jitter buffer (mixing, loudspeaker: `playoutMs` of a report). Neither figure has it; a person waits for it.
 * - What WebRTC's statistics do not know of its buffers: they count whole packets, and stretched sound by its mean.
 * - Any line but a machine's own: no loss, and ways of some ms.
 */
import { messageOf } from '../caller/errors.js';
import { systemClock } from '../clock.js';
import { measureRoundTrips } from '../interruptions/round-trip.js';
import { batchesOf } from '../latency/interleaving.js';
import { percentile } from '../statistics.js';
import { type BrowserCall, holdBrowserCall } from './browser-call.js';
import { browserTruths } from './browser-truth.js';
import { type BrowserTurn, isUnbroken, pairReports } from './browser-turns.js';
import { truths } from './call.js';
import { LOGGED_AFTER_MS, readLoggedTurns } from './call-log.js';
import { ENOUGH_TURNS, figureOf, shareOf, truthVerdicts, verdictOf } from './figure.js';
import { BETWEEN_CALLS_MS, type PartOptions, type PartReport, readOrders, scriptCalls } from './part.js';

export { chromiumPath } from './browser-chromium.js';

const TURNS = { whole: 40, quick: 4 } as const;
const TURNS_A_CALL = { whole: 5, quick: 2 } as const;
const CLICKS = 8;

/** Of the turns that were planned so many at least must have been compared, in percent: figures of a few that went well are none. */
const LEAST_COMPARED_PERCENT = 80;

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
    const known = browserTruths(paired);
    for (const turn of paired) tell(progressLine(turn, known.find((one) => one.turn === turn)?.truthMs));
  }
  clicks.push(...(await measureRoundTrips(system.sfu, CLICKS, signal)));
  const report = judgeBrowser(played, recordings.length);
  const clickWayMs = (percentile(clicks, 0.5) ?? Number.NaN) / 2;
  return {
    ...report,
    remarks: [
      ...report.remarks,
      `one way by clicks of callers that are no browsers, in rooms of their own ${clickWayMs.toFixed(0)} ms`,
      `the page's clock known to ${inMs(percentile(exactToMs, 1))}`,
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
  const known = browserTruths(unbroken);
  const told = known.flatMap(apartOf);
  // As it would be without the jitter buffers' own statistics.
  const plainMs = truths(known.map(({ turn }) => turn)).flatMap((one) => apartOf(one).map(({ ms }) => ms));
  const signed = figureOf(told, 0.5);
  const unexplainedMs = unbroken.flatMap(({ heardUnexplainedMs }) => heardUnexplainedMs ?? []);
  const tapped = known.flatMap(({ turn: { inPageMs, heardMs }, truthMs }) =>
    inPageMs === undefined || heardMs === undefined ? [] : [{ meterMs: heardMs - inPageMs, earMs: inPageMs - truthMs }],
  );
  const [meterMs, earMs] = [tapped.map((turn) => turn.meterMs), tapped.map((turn) => turn.earMs)];
  const waysMs = unbroken.flatMap(({ witnessed }) => witnessed?.wayMs ?? []);
  const swallowedMs = unbroken.flatMap((turn) => turn.swallowedMs ?? []);
  return {
    verdicts: [
      ...truthVerdicts(told),
      verdictOf('planned turns that were compared', shareOf(told.length, planned), {
        from: LEAST_COMPARED_PERCENT,
        to: 100,
        unit: '%',
      }),
    ],
    remarks: [
      `with their signs: reported less truth P50 ${inMs(signed.value)}, heard unexplained P50 ${inMs(percentile(unexplainedMs, 0.5))}`,
      `of it, reported less the bench's tap in the page P50 ${inMs(percentile(meterMs, 0.5))}, its size ${sizesOf(meterMs)}`,
      `uncorrected, by the call's median way and whatever the jitter buffers differ by: reported less truth ${sizesOf(plainMs)}`,
      `of it, that tap less truth, which is what the two ears differ by beyond their jitter buffers, P50 ${inMs(percentile(earMs, 0.5))}, its size ${sizesOf(earMs)}`,
      `end of speech that the page's microphone did not have any more ${sizesOf(swallowedMs)}`,
      `way from the page's microphone to the second participant ${sizesOf(waysMs)}`,
      `${played.length - unbroken.length} of ${played.length} turns whose microphone skipped time: not in |truth - reported heard|`,
      `${unbroken.length - known.length} turns that were not answered or the second participant could not follow`,
      `${known.length - told.length} of ${known.length} others of which the page reported nothing`,
      ...(told.length < ENOUGH_TURNS.p95 ? [`${told.length} turns are too few for a claim about P95.`] : []),
    ],
    data: {
      signed: { heardLessTruthMs: signed },
      each: played.map((turn) => ({ ...turn, truthMs: known.find((one) => one.turn === turn)?.truthMs })),
    },
  };
}

function apartOf({ turn: { call, heardMs }, truthMs }: { readonly turn: BrowserTurn; readonly truthMs: number }) {
  return heardMs === undefined ? [] : [{ call, ms: heardMs - truthMs }];
}

function sizesOf(values: readonly number[]): string {
  const sizes = values.map(Math.abs);
  return `P50 ${inMs(percentile(sizes, 0.5))}, P95 ${inMs(percentile(sizes, 0.95))}`;
}

function inMs(ms: number | null | undefined): string {
  return `${ms?.toFixed(1) ?? '-'} ms`;
}

function progressLine(
  { file, heardMs, witnessed, inPageMs, bufferedMs, swallowedMs, slippedMs }: BrowserTurn,
  truthMs: number | undefined,
): string {
  const whole = (ms: number | undefined): string => ms?.toFixed(0) ?? '-';
  return (
    `${file.padEnd(26)} reported ${whole(heardMs)}  truth ${whole(truthMs)}  in the page ${whole(inPageMs)}` +
    `  way ${whole(witnessed?.wayMs)}  buffers ${whole(bufferedMs?.page)}, ${whole(bufferedMs?.witness)}  swallowed ${whole(swallowedMs)}  microphone slipped ${whole(slippedMs)} ms`
  );
}
