import { describe, expect, it } from 'vitest';
import { levelDbfs, speechEndMs, splitUtterances, windowLevels } from '../../../bench/audio/levels.js';
import { joinSounds, noise, silence, sine } from '../../support/sounds.js';

const RATE_HZ = 16_000;
const audioOf = (...parts: Int16Array[]) => ({ samples: joinSounds(...parts), sampleRateHz: RATE_HZ });
const tone = (durationMs: number, amplitude?: number) => sine(durationMs, { sampleRateHz: RATE_HZ, amplitude });
const quiet = (durationMs: number) => silence(durationMs, RATE_HZ);

describe('level', () => {
  it('is 3 dB below the amplitude for a sine, and endless below for silence', () => {
    expect(levelDbfs(tone(100, 0.5))).toBeCloseTo(-6.02 - 3.01, 1);
    expect(levelDbfs(quiet(10))).toBe(Number.NEGATIVE_INFINITY);
    expect(levelDbfs(new Int16Array())).toBe(Number.NEGATIVE_INFINITY);
  });

  it('is given for every window, a last one that is not whole included', () => {
    expect(windowLevels(joinSounds(quiet(20), tone(15)), RATE_HZ).map(Number.isFinite)).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect(windowLevels(new Int16Array(), RATE_HZ)).toEqual([]);
  });
});

describe('end of speech', () => {
  it.each([8_000, 16_000, 22_050, 44_100, 48_000])('is found to one window at %i Hz', (sampleRateHz) => {
    const samples = joinSounds(silence(333, sampleRateHz), sine(487, { sampleRateHz }), silence(600, sampleRateHz));
    expect(Math.abs((speechEndMs({ samples, sampleRateHz }) ?? Number.NaN) - 820)).toBeLessThanOrEqual(10);
  });

  it('counts what is within 30 dB of the loudest, and not what is quieter', () => {
    const loud = tone(200, 0.5);
    expect(speechEndMs(audioOf(loud, tone(100, 0.5 / 25)))).toBe(300);
    expect(speechEndMs(audioOf(loud, tone(100, 0.5 / 40)))).toBe(200);
  });

  it('is not moved by background noise', () => {
    const samples = joinSounds(tone(500, 0.5), quiet(500));
    const hiss = noise(1_000, { sampleRateHz: RATE_HZ, amplitude: 0.002, seed: 7 });
    const mixed = samples.map((sample, index) => sample + (hiss[index] ?? 0));
    expect(speechEndMs({ samples: mixed, sampleRateHz: RATE_HZ })).toBe(500);
  });

  it('is nowhere in silence', () => {
    expect(speechEndMs(audioOf(quiet(500)))).toBeUndefined();
  });
});

describe('utterances of one recording', () => {
  it('are parted by long silences and held together over short ones', () => {
    const recording = audioOf(quiet(200), tone(300), quiet(700), tone(300), quiet(2_000), tone(500), quiet(100));
    expect(splitUtterances(recording)).toEqual([
      { startMs: 200, endMs: 1_500 },
      { startMs: 3_500, endMs: 4_000 },
    ]);
    expect(splitUtterances(recording, 500)).toHaveLength(3);
  });

  it('are none where there is no sound', () => {
    expect(splitUtterances(audioOf(quiet(500)))).toEqual([]);
  });
});
