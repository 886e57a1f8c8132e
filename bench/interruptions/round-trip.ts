/** The way from one mouth over the SFU into another ear, measured with clicks in the same run. */
import { Room } from '@livekit/rtc-node';
import { CALL_RATE_HZ, type Clip } from '../caller/clip.js';
import { SimulatedCaller } from '../caller/simulated-caller.js';
import { makeSeat } from '../caller/tokens.js';
import { systemClock } from '../clock.js';
import { HeardLevels } from './heard-levels.js';

const CLICK_MS = 80;
const EVERY_MS = 400;
const CLICK_DBFS = -30;
const SETTLE_MS = 2_000;

export interface SfuKeys {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

/**
 * @param clicks - How many.
 * @returns For each, twice the time from leaving the one's mouth to sounding in the other's ear, in ms: encoder, SFU and
 *   jitter buffer both ways.
 */
export async function measureRoundTrips(sfu: SfuKeys, clicks: number, signal: AbortSignal): Promise<number[]> {
  const roomName = `round-trip-${crypto.randomUUID()}`;
  const listener = new Room();
  const heard = new HeardLevels(listener, systemClock);
  const { url, token } = await makeSeat(sfu, { roomName, identity: 'listener' });
  const caller = new SimulatedCaller({ ...(await makeSeat(sfu, { roomName, identity: 'clicker' })), signal });
  try {
    await listener.connect(url, token, { autoSubscribe: true, dynacast: false });
    await caller.connect();
    // Until both jitter buffers have found their depth.
    await systemClock.sleep(SETTLE_MS, signal);
    const saying = caller.startSaying(clickClip(clicks));
    await saying.finished;
    await systemClock.sleep(EVERY_MS, signal);
    return saying.utterances.flatMap(({ startedAtMs }) => {
      const onset = heard.windows.find(
        ({ atMs, levelDb }) => atMs > startedAtMs && atMs < startedAtMs + EVERY_MS && levelDb > CLICK_DBFS,
      );
      return onset === undefined ? [] : [2 * (onset.atMs - startedAtMs)];
    });
  } finally {
    await caller.hangUp();
    await listener.disconnect();
  }
}

function clickClip(clicks: number): Clip {
  const samples = new Int16Array((clicks * EVERY_MS * CALL_RATE_HZ) / 1_000);
  const starts = Array.from({ length: clicks }, (_, index) => index * EVERY_MS);
  for (const startMs of starts) {
    const first = (startMs * CALL_RATE_HZ) / 1_000;
    for (let i = 0; i < (CLICK_MS * CALL_RATE_HZ) / 1_000; i++) {
      samples[first + i] = Math.round(12_000 * Math.sin((2 * Math.PI * 500 * i) / CALL_RATE_HZ));
    }
  }
  const [first = 0, ...others] = starts;
  const stretch = (startMs: number) => ({ startMs, endMs: startMs + CLICK_MS });
  return { samples, durationMs: clicks * EVERY_MS, utterances: [stretch(first), ...others.map(stretch)] };
}
