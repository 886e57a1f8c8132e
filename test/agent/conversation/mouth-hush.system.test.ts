import { once } from 'node:events';
import { initializeLogger, voice } from '@livekit/agents';
import { AudioFrame, AudioStream, dispose, LocalAudioTrack } from '@livekit/rtc-node';
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

/** Hears what the native queue plays, frame by frame: the voice's own track, before it is encoded. */
class Room {
  readonly frames: Int16Array[] = [];
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(source: Mouth['source']) {
    const track = LocalAudioTrack.createAudioTrack('voice', source);
    void this.#listen(new AudioStream(track, MOUTH_SAMPLE_RATE_HZ, 1));
  }

  /** Resolves once this many more frames were heard. */
  more(count: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ count: this.frames.length + count, resolve }));
  }

  /** Without its silent frames. */
  get sounding(): Int16Array[] {
    return this.frames.filter((frame) => frame.some((sample) => sample !== 0));
  }

  async #listen(stream: AudioStream): Promise<void> {
    for await (const { data } of stream) {
      this.frames.push(data.slice());
      const ready = this.#waiting.filter(({ count }) => count <= this.frames.length);
      this.#waiting = this.#waiting.filter((one) => !ready.includes(one));
      for (const { resolve } of ready) resolve();
    }
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

/** How often a test is tried again: the ear of these tests drops frames when this process stalls for 100 ms. */
const RETRY = 3;

describe('a hushed mouth', { retry: RETRY }, () => {
  it('falls silent within 70 ms, fading', async () => {
    const saying = say(speech(600));
    await room.more(10);
    const before = room.frames.length;
    mouth.hush();
    await room.more(12);
    const after = room.frames.slice(before);
    const silentFrom = after.findIndex(isSilent);
    expect(silentFrom).toBeLessThanOrEqual(7);
    expect(after.slice(silentFrom).every(isSilent)).toBe(true);
    expect(after[silentFrom - 1]?.at(-1)).toBe(0);
    mouth.clearBuffer();
    await saying;
  });

  it('loses no sample and says none twice, however often it is hushed', async () => {
    const original = speech(1_600);
    const saying = say(original);
    const finished = mouth.waitForPlayout();
    for (const frames of [7, 12, 17, 9, 8, 25]) {
      await room.more(frames);
      mouth.hush();
      await room.more(frames);
      mouth.unduck();
    }
    await saying;
    expect(await finished).toMatchObject({ playbackPosition: 1.6, interrupted: false });
    await room.more(3);
    const heard = unfaded(room.sounding, original);
    expect(heard.length).toBe(original.length);
    // Each of the two fades is rounded.
    expect(largestDifference(heard, original)).toBeLessThanOrEqual(1);
  });

  it('says the whole reply when it is ducked, hushed and let go at once', async () => {
    const original = speech(300);
    const saying = say(original);
    await room.more(8);
    mouth.duck();
    mouth.hush();
    mouth.unduck();
    await saying;
    await mouth.waitForPlayout();
    await room.more(3);
    expect(largestDifference(joinSounds(...room.sounding), original)).toBe(0);
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
    await room.more(3);
    expect(largestDifference(joinSounds(...room.sounding.slice(1)), original.subarray(FRAME_SAMPLES))).toBe(0);
  });

  it('stays hushed when it is ducked too', async () => {
    const saying = say(speech(300));
    await room.more(4);
    mouth.hush();
    mouth.duck();
    await room.more(DRAINED_FRAMES);
    const before = room.frames.length;
    await room.more(3);
    expect(room.frames.slice(before).every(isSilent)).toBe(true);
    mouth.clearBuffer();
    await saying;
  });

  it('knows to the frame what was heard when it is cut', async () => {
    const original = speech(800);
    const saying = say(original);
    await room.more(20);
    mouth.hush();
    await room.more(2 * DRAINED_FRAMES);
    const finished = once(mouth, voice.AudioOutput.EVENT_PLAYBACK_FINISHED);
    mouth.clearBuffer();
    const [{ playbackPosition, interrupted }] = await finished;
    expect(interrupted).toBe(true);
    // The last one that sounded is the fade, whose samples count as not heard.
    const heard = room.sounding.slice(0, -1);
    expect(playbackPosition).toBe(heard.length / 100);
    expect(largestDifference(joinSounds(...heard), original)).toBe(0);
    await saying;
  });

  it('speaks again by itself when nobody says so for five seconds', async () => {
    let jumpMs = 0;
    nowMs = () => systemClock.nowMs() + jumpMs;
    const original = speech(400);
    const saying = say(original);
    await room.more(5);
    mouth.hush();
    await room.more(2 * DRAINED_FRAMES);
    const heard = room.sounding.length;
    jumpMs = 4_000;
    await room.more(DRAINED_FRAMES);
    expect(room.sounding.length).toBe(heard);
    jumpMs = 5_001;
    await saying;
    expect(await mouth.waitForPlayout()).toMatchObject({ playbackPosition: 0.4, interrupted: false });
    await room.more(3);
    expect(largestDifference(unfaded(room.sounding, original), original)).toBeLessThanOrEqual(1);
  });
});

describe('a ducked mouth', { retry: RETRY }, () => {
  it('is 14 dB down, and back again, without losing a sample', async () => {
    const original = speech(900);
    const saying = say(original);
    await room.more(12);
    mouth.duck();
    await room.more(20);
    mouth.unduck();
    await saying;
    expect(await mouth.waitForPlayout()).toMatchObject({ playbackPosition: 0.9, interrupted: false });
    await room.more(3);
    const gains = room.sounding.map((frame, index) => {
      const said = original.subarray(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES);
      if (largestDifference(frame, said) === 0) return 'full';
      const quiet = said.map((sample) => Math.round(sample * 0.2));
      return largestDifference(frame, quiet) === 0 ? 'ducked' : 'moving';
    });
    expect(gains).toHaveLength(90);
    expect(gains.filter((gain) => gain === 'moving')).toHaveLength(2);
    expect(gains.filter((gain, index) => gain !== gains[index - 1])).toEqual([
      'full',
      'moving',
      'ducked',
      'moving',
      'full',
    ]);
  });

  it('starts the next reply at full level after a cut', async () => {
    const saying = say(speech(300));
    await room.more(4);
    mouth.duck();
    mouth.clearBuffer();
    await saying;
    const next = speech(60);
    await say(next);
    await mouth.waitForPlayout();
    await room.more(3);
    const heard = joinSounds(...room.sounding);
    expect(heard.slice(-next.length)).toEqual(next);
  });
});

describe('a cut', () => {
  it('fades, and is followed by 100 ms of silence that is sent, so that nobody has to make up a continuation', async () => {
    const given: Int16Array[] = [];
    const give = mouth.source.captureFrame.bind(mouth.source);
    const saying = say(speech(400));
    await room.more(10);
    const silent = new Promise<void>((resolve) => {
      mouth.source.captureFrame = async (frame) => {
        given.push(frame.data.slice());
        if (given.length === 11) resolve();
        await give(frame);
      };
    });
    mouth.clearBuffer();
    await silent;
    expect(given[0]?.at(-1)).toBe(0);
    expect(given[0]?.some((sample) => sample !== 0)).toBe(true);
    expect(given.slice(1).every(isSilent)).toBe(true);
    await saying;
  });
});

describe('what was played', { retry: RETRY }, () => {
  it('is known by its level and instant, and what was taken back is not in it', async () => {
    const saying = say(speech(400).fill(10_000));
    await room.more(12);
    mouth.duck();
    await room.more(10);
    mouth.clearBuffer();
    const levels = mouth.playedLevels;
    expect(levels.every(({ atMs }) => atMs <= systemClock.nowMs() + 10)).toBe(true);
    const instants = levels.map(({ atMs }) => atMs);
    expect(instants).toEqual([...instants].sort((a, b) => a - b));
    expect((levels[1]?.levelDb ?? 0) - (levels.at(-1)?.levelDb ?? 0)).toBeCloseTo(14, 0);
    await saying;
  });
});

function isSilent(frame: Int16Array): boolean {
  return frame.every((sample) => sample === 0);
}
