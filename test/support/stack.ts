/** The whole system for tests, and callers for it that hang up by themselves. */
import { readAudioFile } from '../../bench/audio-file.js';
import { type Clip, prepareClip } from '../../bench/caller/clip.js';
import { type CallerOptions, SimulatedCaller } from '../../bench/caller/simulated-caller.js';
import { requestSeat } from '../../bench/caller/tokens.js';
import { untilWarm } from '../../bench/latency/worker-counters.js';
import type { Stack } from '../../bench/stack.js';

export { type Stack, type StackOptions, startStack } from '../../bench/stack.js';

export interface PlacedCall extends AsyncDisposable {
  readonly caller: SimulatedCaller;
  readonly roomName: string;
}

/** Beside other tests a process loads for longer than callers wait for a greeting; in ms. */
const WARM_WITHIN_MS = 60_000;

/** Places a call through the token server, as a browser does, once a process is ready for it; `await using` hangs up. */
export async function placeCall(
  stack: Pick<Stack, 'webUrl' | 'metricsUrl'>,
  { profile, ...options }: Partial<CallerOptions> & { readonly profile?: string } = {},
): Promise<PlacedCall> {
  await untilWarm(stack.metricsUrl, { processes: 1, withinMs: WARM_WITHIN_MS });
  const roomName = `test-${crypto.randomUUID()}`;
  const wish = { roomName, identity: `caller-${crypto.randomUUID()}`, ...(profile !== undefined && { profile }) };
  const caller = new SimulatedCaller({ ...(await requestSeat(stack.webUrl, wish)), ...options });
  await caller.connect();
  return { caller, roomName, [Symbol.asyncDispose]: () => caller.hangUp() };
}

/** A recording of the repository's own, ready to be spoken. */
export async function clipFrom(path: string): Promise<Clip> {
  return prepareClip(await readAudioFile(path));
}
