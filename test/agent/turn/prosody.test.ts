import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureWindow, SILENCE_DB } from '../../../agent/turn/prosody.js';

const WINDOW = 512;

/** A voice-like wave: a fundamental with falling harmonics. */
function voiced(pitchHz: number, peak: number): Int16Array {
  return Int16Array.from({ length: WINDOW }, (_, i) => {
    const phase = (2 * Math.PI * pitchHz * i) / 16_000;
    return Math.round(peak * (Math.sin(phase) + Math.sin(2 * phase) / 2 + Math.sin(3 * phase) / 3) * 0.5);
  });
}

describe('the sound of a window', () => {
  it('has the level of silence when there is none', () => {
    expect(measureWindow(new Int16Array(WINDOW))).toEqual({ levelDb: SILENCE_DB, levelsDb: Array(4).fill(SILENCE_DB) });
    expect(measureWindow(new Int16Array(0))).toEqual({ levelDb: SILENCE_DB, levelsDb: Array(4).fill(SILENCE_DB) });
  });

  it('falls by 6 dB at half the amplitude', () => {
    const loud = measureWindow(voiced(120, 20_000)).levelDb;
    expect(loud - measureWindow(voiced(120, 10_000)).levelDb).toBeCloseTo(6.02, 1);
  });

  it.each([80, 110, 150, 220, 300, 380])('has a pitch of %i Hz, not of half or double of it', (pitchHz) => {
    const { pitchHz: found = 0 } = measureWindow(voiced(pitchHz, 8_000));
    expect(Math.abs(12 * Math.log2(found / pitchHz))).toBeLessThan(0.6);
  });

  it('has no pitch when it is noise', () => {
    let seed = 7;
    const noise = Int16Array.from({ length: WINDOW }, () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return (seed % 16_000) - 8_000;
    });
    expect(measureWindow(noise).pitchHz).toBeUndefined();
  });

  it('is always a number in its range', () => {
    fc.assert(
      fc.property(fc.int16Array({ maxLength: 700 }), (samples) => {
        const { levelDb, pitchHz } = measureWindow(samples);
        expect(levelDb).toBeGreaterThanOrEqual(SILENCE_DB);
        expect(levelDb).toBeLessThanOrEqual(0);
        if (pitchHz !== undefined) expect(pitchHz).toBeGreaterThan(60);
      }),
      { seed: 4 },
    );
  });
});
