/**
 * `npm run bench -- interruptions`: how fast the agent gives way in the caller's ear, and whether it goes on without a lost
 * word where nobody interrupted it. Over a real SFU, with scripted providers and recorded callers.
 */
import { messageOf } from '../caller/errors.js';
import { CHARACTERS_PER_SECOND, startProviders } from '../scripted-providers.js';
import { startStack } from '../stack.js';
import { seededRandom } from '../statistics.js';
import {
  accompaniedCall,
  type CallOptions,
  type Interrupted,
  interruptedCall,
  LONG_REPLY,
  PROVIDERS_CALL,
} from './calls.js';
import { type Continuity, compareReplies, scriptedBursts, TOLERATED_MS } from './continuity.js';
import { type Summary, summary } from './intervals.js';
import { type OverlapRecording, readOverlaps } from './recordings.js';
import { measureRoundTrips } from './round-trip.js';

/** What the agent must keep, in ms beyond the round trip of the SFU. */
export const TARGETS = { down: { p50: 190, p95: 300 }, silent: { p50: 400, p95: 620 } } as const;

const CLICKS = 15;
const INTERRUPTIONS_A_CALL = 4;
const BACKCHANNELS_A_CALL = 3;
/** An interruption that was on its way for so much longer than a click was held up by a busy machine; in ms. */
const HELD_UP_MS = 40;

/** Recordings and calls of a whole run, and of a quick one. */
const SIZES = { whole: { interruptions: 60, accompanied: 12 }, quick: { interruptions: 8, accompanied: 2 } } as const;

export interface InterruptionsArm {
  readonly roundTripMs: Summary;
  readonly interruption: {
    readonly n: number;
    /** Interruptions after which the agent went on. */
    readonly missed: number;
    /** Those that a busy machine held up on their way; they are in the figures less that way alone. */
    readonly disturbed: number;
    /** Those whose own way was not made out, so that nobody knows if they were held up: in all figures but those less that way. */
    readonly wayUnknown: number;
    readonly downMs: Summary;
    readonly silentMs: Summary;
    /**
     * Of all whose way is known: less the way of that very interruption, as a second participant heard it, and half a usual round
     * trip back.
     */
    readonly downBeyondWayMs: Summary;
    readonly silentBeyondWayMs: Summary;
    readonly each: readonly Interrupted[];
  };
  readonly backchannel: {
    /** Sounds that should stop nobody, and replies that they stopped. */
    readonly n: number;
    readonly falseStops: number;
    /** Replies of which words are missing, but this program was too busy to hear all: nothing is said about them. */
    readonly unheard: number;
    readonly replies: readonly Continuity[];
    /** The same comparison for a reply that nobody spoke over: what jitter buffers and a busy machine do alone. */
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
  const stack = await startStack({ env: providers.envOf(PROVIDERS_CALL), signal }).catch(async (error: unknown) => {
    await providers.close();
    throw error;
  });
  try {
    const sfu = { url: stack.livekitUrl, ...stack.livekitKeys };
    const bench = new Bench({ stack, sfu, providers, opener, random: seededRandom(seed), signal }, print);
    const roundTrips = await measureRoundTrips(sfu, CLICKS, signal);
    const interrupted = await bench.interrupt(interruptions);
    const backchannel = await bench.accompany(murmurs);
    roundTrips.push(...(await measureRoundTrips(sfu, CLICKS, signal)));
    const roundTripMs = summary(roundTrips);
    const interruption = interruptionFigures(interrupted, roundTripMs.p50?.value ?? 0);
    return { roundTripMs, interruption, backchannel, failedCalls: bench.failedCalls };
  } finally {
    await stack.close();
    await providers.close();
  }
}

/**
 * Pure.
 * @param roundTripMs - What a usual one is.
 */
export function interruptionFigures(
  interrupted: readonly Interrupted[],
  roundTripMs: number,
): InterruptionsArm['interruption'] {
  const backMs = roundTripMs / 2;
  const isHeldUp = ({ wayMs }: Interrupted): boolean => wayMs !== undefined && wayMs > backMs + HELD_UP_MS;
  const timely = interrupted.filter((one) => !isHeldUp(one));
  const beyond = (measured: (one: Interrupted) => number | undefined): Summary =>
    summary(
      interrupted.flatMap((one) => {
        const tookMs = measured(one);
        return tookMs === undefined || one.wayMs === undefined ? [] : [tookMs - one.wayMs - backMs];
      }),
    );
  return {
    n: interrupted.length,
    missed: interrupted.filter(({ silentMs }) => silentMs === undefined).length,
    disturbed: interrupted.length - timely.length,
    wayUnknown: interrupted.filter(({ wayMs }) => wayMs === undefined).length,
    downMs: summary(timely.flatMap(({ downMs }) => downMs ?? [])),
    silentMs: summary(timely.flatMap(({ silentMs }) => silentMs ?? [])),
    downBeyondWayMs: beyond(({ downMs }) => downMs),
    silentBeyondWayMs: beyond(({ silentMs }) => silentMs),
    each: interrupted,
  };
}

/** Places the calls, one after the other; a call that cannot be had is counted and left out. */
class Bench {
  readonly #call: CallOptions;
  readonly #print: (line: string) => void;
  failedCalls = 0;

  constructor(call: CallOptions, print: (line: string) => void) {
    this.#call = call;
    this.#print = print;
  }

  async interrupt(recordings: readonly OverlapRecording[]): Promise<Interrupted[]> {
    const all: Interrupted[] = [];
    for (const batch of inBatches(recordings, INTERRUPTIONS_A_CALL)) {
      const measured = (await this.#attempt(() => interruptedCall(this.#call, batch))) ?? [];
      all.push(...measured);
      for (const { file, downMs, silentMs, wayMs, lagMs } of measured) {
        this.#print(
          `${file.padEnd(40)} down ${inMs(downMs)}  silent ${inMs(silentMs)}  way ${inMs(wayMs)}  own lag ${inMs(lagMs)}`,
        );
      }
    }
    return all;
  }

  async accompany(recordings: readonly OverlapRecording[]): Promise<InterruptionsArm['backchannel']> {
    const result = { n: 0, falseStops: 0, unheard: 0, replies: [] as Continuity[], undisturbed: [] as Continuity[] };
    if (recordings.length === 0) return result;
    const reference = scriptedBursts(LONG_REPLY, CHARACTERS_PER_SECOND);
    for (const batch of [[], ...inBatches(recordings, BACKCHANNELS_A_CALL)]) {
      const heard = await this.#attempt(() => accompaniedCall(this.#call, batch));
      if (heard === undefined) continue;
      const continuity = compareReplies(heard.bursts, reference);
      // A word that is not there may have been missed here; one that is there was said.
      const isUnheard = heard.missedMs > TOLERATED_MS && continuity.lost > 0;
      result.n += batch.length;
      if (heard.wasInterrupted) result.falseStops += 1;
      else if (isUnheard) result.unheard += 1;
      else if (batch.length === 0) result.undisturbed.push(continuity);
      else result.replies.push(continuity);
      const verdict = heard.wasInterrupted ? 'STOPPED' : wholeness(continuity);
      const unheard = isUnheard ? ` (not counted: ${inMs(heard.missedMs)} unheard)` : '';
      this.#print(`${batch.map(({ file }) => file).join(', ') || 'undisturbed'}: ${verdict}${unheard}`);
    }
    return result;
  }

  async #attempt<T>(place: () => Promise<T>): Promise<T | undefined> {
    try {
      return await place();
    } catch (error) {
      this.#call.signal.throwIfAborted();
      this.failedCalls += 1;
      this.#print(`no call: ${messageOf(error)}`);
      return undefined;
    }
  }
}

function inBatches<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
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
  const line = (
    name: string,
    { n, p50, p95 }: Summary,
    lessMs: number,
    target: { p50: number; p95: number },
  ): string[] =>
    (['p50', 'p95'] as const).map((share) => {
      const figure = share === 'p50' ? p50 : p95;
      if (figure === undefined) return `${name} ${share}  -`;
      const range = `${Math.round(figure.from)}..${Math.round(figure.to)}`;
      const beyondMs = figure.value - lessMs;
      const less = lessMs === 0 ? '' : `, beyond the round trip ${inMs(beyondMs)}`;
      const verdict = beyondMs <= target[share] ? 'kept' : 'NOT KEPT';
      return `${name} ${share}  ${inMs(figure.value)} (${range})${less}, allowed ${target[share]} ms: ${verdict}  (n = ${n})`;
    });
  const wholes = backchannel.replies.filter(({ lost, repeated }) => lost + repeated === 0).length;
  return [
    `round trip  P50 ${inMs(roundTripMs.p50?.value)}, P95 ${inMs(roundTripMs.p95?.value)} (n = ${roundTripMs.n})`,
    ...line('12 dB down', interruption.downMs, roundTrip, TARGETS.down),
    ...line('silent    ', interruption.silentMs, roundTrip, TARGETS.silent),
    ...line('12 dB down, less its own way', interruption.downBeyondWayMs, 0, TARGETS.down),
    ...line('silent, less its own way    ', interruption.silentBeyondWayMs, 0, TARGETS.silent),
    `missed      ${interruption.missed} of ${interruption.n} interruptions`,
    `disturbed   ${interruption.disturbed} of ${interruption.n}, held up on their way: only in the figures less that way`,
    `way unknown ${interruption.wayUnknown} of ${interruption.n}: not in the figures less that way`,
    `false stops ${backchannel.falseStops} replies, of ${backchannel.n} backchannels and noises`,
    `no word lost or said twice in ${wholes} of ${backchannel.replies.length} replies that were spoken over and not stopped`,
    ...backchannel.undisturbed.map((one) => `undisturbed ${wholeness(one)}`),
    ...(failedCalls === 0 ? [] : [`no call     ${failedCalls}`]),
    ...(interruption.n < 30 ? [`${interruption.n} interruptions are too few to claim anything.`] : []),
  ];
}

function wholeness({ words, whole, lost, repeated, worstMs, shiftMs, pausesMs }: Continuity): string {
  return (
    `${words} words, ${lost} lost, ${repeated} twice, ${whole} to 20 ms, worst ${Math.round(worstMs)} ms; ` +
    `${Math.round(shiftMs)} ms longer, ${Math.round(pausesMs)} ms of it pauses`
  );
}

function inMs(value: number | undefined): string {
  return value === undefined ? '-' : `${Math.round(value)} ms`;
}
