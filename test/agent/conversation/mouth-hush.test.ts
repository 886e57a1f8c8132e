import { once } from 'node:events';
import { initializeLogger, voice } from '@livekit/agents';
import { AudioFrame, dispose } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../agent/conversation/clock.js';
import { MOUTH_SAMPLE_RATE_HZ, Mouth } from '../../../agent/conversation/mouth.js';
import { joinSounds } from '../../support/sounds.js';

const FRAME_SAMPLES = MOUTH_SAMPLE_RATE_HZ / 100;
/** Frames after which nothing that was given before can still be in the native queue. */
const DRAINED_FRAMES = 7;

let mouth: Mouth;
let room: Room;
let nowMs: () => number;

/** What the room is given, frame by frame. */
class Room {
  readonly frames: Int16Array[] = [];
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(source: Mouth['source']) {
    const give = source.captureFrame.bind(source);
    source.captureFrame = async (frame) => {
      this.frames.push(frame.data.slice());
      const ready = this.#waiting.filter(({ count }) => count <= this.frames.length);
      this.#waiting = this.#waiting.filter((one) => !ready.includes(one));
      for (const { resolve } of ready) resolve();
      await give(frame);
    };
  }

  /** Resolves once this many more frames were given. */
  more(count: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ count: this.frames.length + count, resolve }));
  }

  /** Without its silent frames. */
  get sounding(): Int16Array[] {
    return this.frames.filter((frame) => frame.some((sample) => sample !== 0));
  }
}

beforeAll(() => initializeLogger({ pretty: false, level: 'error' }));
afterAll(() => dispose());

beforeEach(() => {
  nowMs = () => systemClock.nowMs();
  mouth = new Mouth({ nowMs: () => nowMs() }, { onStarted: () => undefined, onStopped: () => undefined });
  room = new Room(mouth.source);
});

afterEach(() => mouth.close());

/** Every sample differs from its neighbours, so that none can be lost or said twice unseen. */
function speech(ms: number): Int16Array {
  return Int16Array.from({ length: (MOUTH_SAMPLE_RATE_HZ * ms) / 1_000 }, (_, i) => 1 + ((i * 7) % 30_011));
}

async function say(samples: Int16Array): Promise<void> {
  for (let at = 0; at < samples.length; at += 2 * FRAME_SAMPLES) {
    const part = samples.slice(at, at + 2 * FRAME_SAMPLES);
    await mouth.captureFrame(new AudioFrame(part, MOUTH_SAMPLE_RATE_HZ, 1, part.length));
  }
  mouth.flush();
}

/** The speech that frames add up to: a frame in which it faded away is followed by the same one fading in. */
function unfaded(frames: readonly Int16Array[], original: Int16Array): Int16Array {
  const whole: Int16Array[] = [];
  for (let i = 0; i < frames.length; i++) {
    const frame = frames[i] ?? new Int16Array();
    const at = whole.length * FRAME_SAMPLES;
    const isPlain = frame.every((sample, n) => sample === original[at + n]);
    const next = frames[i + 1];
    if (isPlain || next === undefined) whole.push(frame);
    else whole.push(frame.map((sample, n) => sample + (next[n] ?? 0)));
    if (!isPlain) i++;
  }
  return joinSounds(...whole);
}

function largestDifference(a: Int16Array, b: Int16Array): number {
  return a.reduce((largest, sample, i) => Math.max(largest, Math.abs(sample - (b[i] ?? 0))), 0);
}

describe('a hushed mouth', () => {
  it('falls silent within a frame, fading', async () => {
    const saying = say(speech(600));
    await room.more(10);
    mouth.hush();
    const before = room.frames.length;
    await room.more(4);
    const [fade, ...silent] = room.frames.slice(before, before + 4);
    expect(fade?.at(-1)).toBe(0);
    expect(Math.abs(fade?.[0] ?? 0)).toBeGreaterThan(0);
    expect(silent.every((frame) => frame.every((sample) => sample === 0))).toBe(true);
    mouth.clearBuffer();
    await saying;
  });

  it('loses no sample and says none twice, however often it is hushed', async () => {
    const original = speech(1_200);
    const saying = say(original);
    const finished = mouth.waitForPlayout();
    for (const frames of [3, 1, 17, 2, 8, 5]) {
      await room.more(frames);
      mouth.hush();
      await room.more(frames);
      mouth.unduck();
    }
    await saying;
    expect(await finished).toMatchObject({ playbackPosition: 1.2, interrupted: false });
    const heard = unfaded(room.sounding, original);
    expect(heard.length).toBe(original.length);
    // Each of the two fades is rounded.
    expect(largestDifference(heard, original)).toBeLessThanOrEqual(1);
  });

  it('says the whole reply when it is hushed and let go within one frame', async () => {
    const original = speech(200);
    const saying = say(original);
    await room.more(2);
    mouth.hush();
    mouth.unduck();
    await saying;
    await mouth.waitForPlayout();
    expect(joinSounds(...room.sounding)).toEqual(original);
  });

  it('keeps a reply that has not begun until it is let go', async () => {
    const original = speech(100);
    mouth.hush();
    const saying = say(original);
    await room.more(5);
    expect(room.sounding).toEqual([]);
    expect(mouth.isSpeaking).toBe(false);
    mouth.unduck();
    await saying;
    await mouth.waitForPlayout();
    expect(largestDifference(joinSounds(...room.sounding.slice(1)), original.subarray(FRAME_SAMPLES))).toBe(0);
  });

  it('stays hushed when it is ducked too', async () => {
    const saying = say(speech(300));
    await room.more(4);
    mouth.hush();
    mouth.duck();
    await room.more(2);
    const before = room.frames.length;
    await room.more(3);
    expect(
      room.frames
        .slice(before)
        .flatMap((frame) => [...frame])
        .every((sample) => sample === 0),
    ).toBe(true);
    mouth.clearBuffer();
    await saying;
  });

  it('knows to the frame what was heard when it is cut', async () => {
    const saying = say(speech(800));
    await room.more(20);
    mouth.hush();
    const given = room.frames.length;
    await room.more(DRAINED_FRAMES);
    const finished = once(mouth, voice.AudioOutput.EVENT_PLAYBACK_FINISHED);
    mouth.clearBuffer();
    const [{ playbackPosition, interrupted }] = await finished;
    expect(interrupted).toBe(true);
    expect(playbackPosition).toBe(given / 100);
    await saying;
  });

  it('speaks again by itself when nobody says so for five seconds', async () => {
    let jumpMs = 0;
    nowMs = () => systemClock.nowMs() + jumpMs;
    const original = speech(400);
    const saying = say(original);
    await room.more(5);
    mouth.hush();
    await room.more(10);
    const heard = room.sounding.length;
    jumpMs = 4_000;
    await room.more(2);
    expect(room.sounding.length).toBe(heard);
    jumpMs = 5_001;
    await saying;
    expect(await mouth.waitForPlayout()).toMatchObject({ playbackPosition: 0.4, interrupted: false });
    expect(largestDifference(unfaded(room.sounding, original), original)).toBeLessThanOrEqual(1);
  });
});

describe('a ducked mouth', () => {
  it('is 14 dB down from the frame after next, and back again, without losing a sample', async () => {
    const original = speech(600);
    const saying = say(original);
    await room.more(8);
    mouth.duck();
    const ducked = room.frames.length + 1;
    await room.more(6);
    mouth.unduck();
    const back = room.frames.length + 1;
    await saying;
    expect(await mouth.waitForPlayout()).toMatchObject({ playbackPosition: 0.6, interrupted: false });
    const all = joinSounds(...room.frames);
    expect(all.length).toBe(original.length);
    const quiet = original
      .subarray(ducked * FRAME_SAMPLES, (back - 1) * FRAME_SAMPLES)
      .map((sample) => Math.round(sample * 0.2));
    expect(all.subarray(ducked * FRAME_SAMPLES, (back - 1) * FRAME_SAMPLES)).toEqual(quiet);
    expect(all.subarray(back * FRAME_SAMPLES)).toEqual(original.subarray(back * FRAME_SAMPLES));
  });

  it('starts the next reply at full level after a cut', async () => {
    const saying = say(speech(300));
    await room.more(4);
    mouth.duck();
    mouth.clearBuffer();
    await saying;
    const next = speech(60);
    const before = room.frames.length;
    await say(next);
    await mouth.waitForPlayout();
    const after = joinSounds(...room.frames.slice(before)).filter((sample) => sample !== 0);
    expect(after.slice(-next.length)).toEqual(next);
  });
});

describe('a cut', () => {
  it('fades, and is followed by silence that is sent, so that nobody has to make up a continuation', async () => {
    const saying = say(speech(400));
    await room.more(10);
    mouth.clearBuffer();
    const before = room.frames.length;
    await room.more(11);
    const [fade, ...silent] = room.frames.slice(before);
    expect(fade?.at(-1)).toBe(0);
    expect(silent).toHaveLength(10);
    expect(silent.every((frame) => frame.every((sample) => sample === 0))).toBe(true);
    await saying;
  });
});

describe('what was played', () => {
  it('is known by its level and instant, and what was taken back is not in it', async () => {
    const saying = say(speech(400).fill(10_000));
    await room.more(12);
    mouth.duck();
    await room.more(8);
    mouth.clearBuffer();
    const cutAtMs = systemClock.nowMs();
    const levels = mouth.playedLevels;
    expect(levels.every(({ atMs }) => atMs <= cutAtMs)).toBe(true);
    const instants = levels.map(({ atMs }) => atMs);
    expect(instants).toEqual([...instants].sort((a, b) => a - b));
    expect((levels[1]?.levelDb ?? 0) - (levels.at(-1)?.levelDb ?? 0)).toBeCloseTo(14, 0);
    await saying;
  });
});
