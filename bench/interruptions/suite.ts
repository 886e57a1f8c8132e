/**
 * `npm run bench -- interruptions`: how fast the agent gives way in the caller's ear, and whether it goes on without a lost
 * word where nobody interrupted it. Over a real SFU, with scripted providers and recorded callers.
 */
import { messageOf } from '../caller/errors.js';
import { startStack } from '../stack.js';
import { seededRandom } from '../statistics.js';
import { accompaniedCall, type CallOptions, type Interrupted, interruptedCall } from './calls.js';
import { type Continuity, compareReplies } from './continuity.js';
import { type Summary, summary } from './intervals.js';
import { startProviders } from './providers.js';
import { type OverlapRecording, readOverlaps } from './recordings.js';
import { measureRoundTrips } from './round-trip.js';

/** What the agent must keep, in ms beyond the round trip of the SFU. */
export const TARGETS = { down: { p50: 190, p95: 300 }, silent: { p50: 400, p95: 620 } } as const;

const CLICKS = 15;
const INTERRUPTIONS_A_CALL = 4;
const BACKCHANNELS_A_CALL = 3;
/** Recordings and calls of a whole run, and of a quick one. */
const SIZES = { whole: { interruptions: 60, accompanied: 12 }, quick: { interruptions: 8, accompanied: 2 } } as const;

export interface InterruptionsArm {
  readonly roundTripMs: Summary;
  readonly interruption: {
    readonly n: number;
    /** Interruptions after which the agent went on. */
    readonly missed: number;
    readonly downMs: Summary;
    readonly silentMs: Summary;
    readonly each: readonly Interrupted[];
  };
  readonly backchannel: {
    /** Sounds that should stop nobody, and replies that they stopped. */
    readonly n: number;
    readonly falseStops: number;
    readonly replies: readonly Continuity[];
    /** The same comparison between two undisturbed replies: what the jitter buffer alone does. */
    readonly undisturbed: readonly Continuity[];
  };
  readonly failedCalls: number;
}

export interface InterruptionsOptions {
  readonly data: string;
  readonly quick: boolean;
  readonly limit?: number | undefined;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

export async function runInterruptions(options: InterruptionsOptions): Promise<InterruptionsArm> {
  const { data, quick, limit, seed, signal, print } = options;
  const size = SIZES[quick ? 'quick' : 'whole'];
  const wanted = limit ?? size.interruptions;
  const [opener, ...interruptions] = await readOverlaps(data, 'interruption', { limit: wanted + 1, seed });
  const accompanied = Math.ceil((size.accompanied * wanted) / size.interruptions);
  const murmurs = await readMurmurs(options, accompanied * BACKCHANNELS_A_CALL);
  if (opener === undefined || interruptions.length === 0) throw new Error(`There are no interruptions in ${data}.`);
  const providers = await startProviders(signal);
  const stack = await startStack({ env: providers.env, signal }).catch(async (error: unknown) => {
    await providers.close();
    throw error;
  });
  try {
    const sfu = { url: stack.livekitUrl, ...stack.livekitKeys };
    const call: CallOptions = { stack, providers, opener, random: seededRandom(seed), signal };
    let failedCalls = 0;
    const attempt = async <T>(place: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await place();
      } catch (error) {
        signal.throwIfAborted();
        failedCalls += 1;
        print(`no call: ${messageOf(error)}`);
        return undefined;
      }
    };
    const roundTrips = await measureRoundTrips(sfu, CLICKS, signal);
    const interrupted: Interrupted[] = [];
    const replies: Continuity[] = [];
    const undisturbed: Continuity[] = [];
    let falseStops = 0;
    const reference = await attempt(() => accompaniedCall(call, []));
    const control = await attempt(() => accompaniedCall(call, []));
    if (reference && control) undisturbed.push(compareReplies(control.bursts, reference.bursts));
    for (let next = 0; next < interruptions.length; next += INTERRUPTIONS_A_CALL) {
      const batch = interruptions.slice(next, next + INTERRUPTIONS_A_CALL);
      const measured = (await attempt(() => interruptedCall(call, batch))) ?? [];
      interrupted.push(...measured);
      for (const { file, downMs, silentMs } of measured) {
        print(`${file.padEnd(40)} down ${inMs(downMs)}  silent ${inMs(silentMs)}`);
      }
    }
    for (let next = 0; next < murmurs.length; next += BACKCHANNELS_A_CALL) {
      const batch = murmurs.slice(next, next + BACKCHANNELS_A_CALL);
      const heard = await attempt(() => accompaniedCall(call, batch));
      if (heard === undefined || reference === undefined) continue;
      if (heard.wasInterrupted) falseStops += 1;
      const continuity = compareReplies(heard.bursts, reference.bursts);
      if (!heard.wasInterrupted) replies.push(continuity);
      print(`${batch.map(({ file }) => file).join(', ')}: ${heard.wasInterrupted ? 'STOPPED' : wholeness(continuity)}`);
    }
    roundTrips.push(...(await measureRoundTrips(sfu, CLICKS, signal)));
    const stopped = interrupted.filter(({ silentMs }) => silentMs !== undefined);
    return {
      roundTripMs: summary(roundTrips),
      interruption: {
        n: interrupted.length,
        missed: interrupted.length - stopped.length,
        downMs: summary(interrupted.flatMap(({ downMs }) => downMs ?? [])),
        silentMs: summary(interrupted.flatMap(({ silentMs }) => silentMs ?? [])),
        each: interrupted,
      },
      backchannel: { n: murmurs.length, falseStops, replies, undisturbed },
      failedCalls,
    };
  } finally {
    await stack.close();
    await providers.close();
  }
}

/** Backchannels and noises in turn; recordings are used again when there are too few. */
async function readMurmurs({ data, seed }: InterruptionsOptions, count: number): Promise<OverlapRecording[]> {
  const backchannels = await readOverlaps(data, 'backchannel', { limit: count, seed });
  const noises = await readOverlaps(data, 'noise', { limit: count, seed });
  const all = backchannels.flatMap((one, index) => {
    const noise = noises[index % Math.max(1, noises.length)];
    return index % 2 === 0 || noise === undefined ? [one] : [one, noise];
  });
  const pool = all.length > 0 ? all : noises;
  return pool.length === 0
    ? []
    : Array.from({ length: count }, (_, index) => pool[index % pool.length] as OverlapRecording);
}

/** A table of one line a figure. */
export function interruptionsTable({
  roundTripMs,
  interruption,
  backchannel,
  failedCalls,
}: InterruptionsArm): string[] {
  const roundTrip = roundTripMs.p50?.value ?? 0;
  const line = (name: string, { n, p50, p95 }: Summary, target: { p50: number; p95: number }): string[] =>
    (['p50', 'p95'] as const).map((share) => {
      const figure = share === 'p50' ? p50 : p95;
      if (figure === undefined) return `${name} ${share}  -`;
      const beyond = figure.value - roundTrip;
      const verdict = beyond <= target[share] ? 'kept' : 'NOT KEPT';
      const range = `${Math.round(figure.from)}..${Math.round(figure.to)}`;
      return (
        `${name} ${share}  ${inMs(figure.value)} (${range}), beyond the round trip ${inMs(beyond)}, ` +
        `allowed ${target[share]} ms: ${verdict}  (n = ${n})`
      );
    });
  const wholes = backchannel.replies.filter(({ words, whole }) => words === whole).length;
  return [
    `round trip  P50 ${inMs(roundTripMs.p50?.value)}, P95 ${inMs(roundTripMs.p95?.value)} (n = ${roundTripMs.n})`,
    ...line('12 dB down', interruption.downMs, TARGETS.down),
    ...line('silent    ', interruption.silentMs, TARGETS.silent),
    `missed      ${interruption.missed} of ${interruption.n} interruptions`,
    `false stops ${backchannel.falseStops} replies, of ${backchannel.n} backchannels and noises`,
    `whole       ${wholes} of ${backchannel.replies.length} replies that were spoken over and not stopped`,
    ...backchannel.undisturbed.map((one) => `undisturbed ${wholeness(one)}`),
    ...(failedCalls === 0 ? [] : [`no call     ${failedCalls}`]),
    ...(interruption.n < 30 ? [`${interruption.n} interruptions are too few to claim anything.`] : []),
  ];
}

function wholeness({ words, whole, worstMs, shiftMs, pausesMs }: Continuity): string {
  return (
    `${whole} of ${words} words whole, worst ${Math.round(worstMs)} ms; ` +
    `${Math.round(shiftMs)} ms longer, ${Math.round(pausesMs)} ms of it pauses`
  );
}

function inMs(value: number | undefined): string {
  return value === undefined ? '-' : `${Math.round(value)} ms`;
}
