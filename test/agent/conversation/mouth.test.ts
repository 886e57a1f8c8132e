import { once } from 'node:events';
import { initializeLogger, voice } from '@livekit/agents';
import { AudioFrame, dispose } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../agent/conversation/clock.js';
import { MOUTH_SAMPLE_RATE_HZ, Mouth } from '../../../agent/conversation/mouth.js';
import { Spoken, tieFrame } from '../../../agent/reply/spoken.js';

let mouth: Mouth;
let events: string[];

beforeAll(() => initializeLogger({ pretty: false, level: 'error' }));
afterAll(() => dispose());

beforeEach(() => {
  events = [];
  mouth = new Mouth(systemClock, {
    onStarted: () => events.push('started'),
    onStopped: (_atMs, isInterrupted) => events.push(isInterrupted ? 'cut' : 'finished'),
  });
});

afterEach(() => mouth.close());

/** A frame of sound of this length. */
function frame(ms: number): AudioFrame {
  const samples = new Int16Array((MOUTH_SAMPLE_RATE_HZ * ms) / 1_000).fill(1_000);
  return new AudioFrame(samples, MOUTH_SAMPLE_RATE_HZ, 1, samples.length);
}

describe('the mouth', () => {
  it('plays a reply to its end and says how long it was', async () => {
    await mouth.captureFrame(frame(120));
    await mouth.captureFrame(frame(85));
    mouth.flush();
    expect(await mouth.waitForPlayout()).toMatchObject({ playbackPosition: 0.21, interrupted: false });
    expect(events).toEqual(['started', 'finished']);
  });

  it('takes in no more than it can play soon', async () => {
    const startedAtMs = performance.now();
    for (let i = 0; i < 10; i++) await mouth.captureFrame(frame(100));
    // 1,000 ms of sound, of which 400 may wait inside and 40 in the native queue.
    expect(performance.now() - startedAtMs).toBeGreaterThan(450);
  });

  it('falls silent at once when it is cut, and knows how far it was', async () => {
    await mouth.captureFrame(frame(400));
    const finished = once(mouth, voice.AudioOutput.EVENT_PLAYBACK_FINISHED);
    mouth.clearBuffer();
    const [{ playbackPosition, interrupted }] = await finished;
    expect(interrupted).toBe(true);
    expect(playbackPosition).toBeLessThan(0.2);
    expect(mouth.isSpeaking).toBe(false);
  });

  it('lets go of a capture that waits when it is cut', async () => {
    const waiting = mouth.captureFrame(frame(2_000));
    mouth.clearBuffer();
    await waiting;
  });

  it('plays the next reply after one that was cut', async () => {
    await mouth.captureFrame(frame(100));
    mouth.clearBuffer();
    await mouth.captureFrame(frame(50));
    mouth.flush();
    expect(await mouth.waitForPlayout()).toMatchObject({ playbackPosition: 0.05, interrupted: false });
  });

  it('lets go of a reply that waits behind a hushed voice once it is cut, and plays all of the next', async () => {
    const waiting = mouth.captureFrame(frame(2_000));
    mouth.hush();
    mouth.clearBuffer();
    await waiting;
    await mouth.captureFrame(frame(60));
    mouth.flush();
    expect(await mouth.waitForPlayout()).toMatchObject({ playbackPosition: 0.06, interrupted: false });
  });

  it.each([50, 53])(
    'tells apart a reply that has nothing to give now, and one that goes on: after %d ms',
    async (ms) => {
      // The room takes 10 ms at a time: of an opening of 53 ms, 3 wait for what comes next.
      await mouth.captureFrame(frame(ms));
      await vi.waitFor(() => expect(mouth.isSounding).toBe(false));
      expect(mouth.isSpeaking).toBe(true);
      await mouth.captureFrame(frame(50));
      await vi.waitFor(() => expect(mouth.isSounding).toBe(true));
      mouth.flush();
      await mouth.waitForPlayout();
      expect(mouth.isSpeaking).toBe(false);
    },
  );

  it('plays two replies one after the other', async () => {
    await mouth.captureFrame(frame(50));
    mouth.flush();
    await mouth.captureFrame(frame(50));
    mouth.flush();
    await mouth.waitForPlayout();
    expect(events).toEqual(['started', 'finished', 'started', 'finished']);
  });
});

describe('what the mouth says of a reply', () => {
  /** A reply that broke at 150 ms, with an apology of 600 ms in the place of its rest; returns in the midst of that. */
  async function sayBroken(): Promise<Spoken> {
    const spoken = new Spoken(() => systemClock.nowMs());
    spoken.text = 'One latte, that is four dollars.';
    spoken.words.push({ word: 'One', endMs: 70 }, { word: 'latte,', endMs: 140 });
    spoken.breakOff('One latte, '.length, {
      atMs: 150,
      instead: { text: 'Sorry.', words: [{ word: 'Sorry.', endMs: 600 }] },
    });
    const sound = frame(750);
    tieFrame(sound, spoken);
    await mouth.captureFrame(sound);
    return spoken;
  }

  it('that broke and was cut in its apology is what sounded', async () => {
    const spoken = await sayBroken();
    const finished = once(mouth, voice.AudioOutput.EVENT_PLAYBACK_FINISHED);
    mouth.clearBuffer();
    const [{ interrupted, synchronizedTranscript }] = await finished;
    expect([interrupted, synchronizedTranscript]).toEqual([true, 'One latte,']);
    expect(spoken.remembered(true)).toEqual(['One latte,']);
  });

  it('that broke and was played to its end is what sounded, and the apology', async () => {
    const spoken = await sayBroken();
    mouth.flush();
    expect(await mouth.waitForPlayout()).not.toHaveProperty('synchronizedTranscript');
    expect(spoken.remembered(false)).toEqual(['One latte,', 'Sorry.']);
  });
});
