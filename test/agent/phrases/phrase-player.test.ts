import type { AudioFrame } from '@livekit/rtc-node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { phraseFrames, phrasePieces } from '../../../agent/phrases/phrase-player.js';
import { RATE_HZ, soundOf } from './support.js';

const PIECE = (20 * RATE_HZ) / 1_000;

describe('the pieces of a phrase', () => {
  it('are its samples, all of them and in their order, 20 ms at most', () => {
    fc.assert(
      fc.property(fc.int16Array({ maxLength: 3_000 }), (samples) => {
        const pieces = [...phrasePieces(samples, RATE_HZ)];
        expect(pieces.flatMap((piece) => [...piece])).toEqual([...samples]);
        for (const piece of pieces.slice(0, -1)) expect(piece.length).toBe(PIECE);
        for (const piece of pieces) expect(piece.length).toBeGreaterThan(0);
      }),
    );
  });

  it('may be written to without harm to the phrase', () => {
    const { samples } = soundOf('Hello.');
    for (const piece of phrasePieces(samples, RATE_HZ)) piece.fill(0);
    expect(samples).toEqual(soundOf('Hello.').samples);
  });
});

describe('the frames of a phrase', () => {
  it('carry its samples at its rate, and each is told before it is given out', async () => {
    const { samples } = soundOf('Hello.');
    const told = new Set<AudioFrame>();
    const heard: number[] = [];
    for await (const frame of phraseFrames({ samples }, RATE_HZ, (made) => told.add(made))) {
      expect(told.has(frame)).toBe(true);
      expect([frame.sampleRate, frame.channels, frame.samplesPerChannel]).toEqual([RATE_HZ, 1, frame.data.length]);
      heard.push(...frame.data);
    }
    expect(heard).toEqual([...samples]);
  });

  it('are made as they are asked for, and no more once nobody asks', async () => {
    const told: AudioFrame[] = [];
    const reader = phraseFrames(soundOf('A long text.'), RATE_HZ, (frame) => told.push(frame)).getReader();
    await reader.read();
    await reader.cancel();
    expect(told.length).toBeLessThanOrEqual(2);
  });
});
