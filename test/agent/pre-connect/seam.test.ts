import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findSeam, isQuiet } from '../../../agent/pre-connect/seam.js';
import { joinSounds, silence, sine } from '../../support/sounds.js';
import { likeOverTheAir, ms, RATE_HZ, voice } from './voice.js';

const quiet = (durationMs: number) => silence(durationMs, RATE_HZ);

describe('the seam', () => {
  const said = voice(4_000);

  it('is found to 2 ms wherever the live audio begins, in another encoding with noise in it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: ms(1_500), max: ms(3_000) }),
        fc.integer({ min: 150, max: 900 }),
        fc.integer({ min: 1, max: 1_000 }),
        (recordedLength, overlapMs, seed) => {
          const recorded = said.subarray(0, recordedLength);
          const liveFrom = recordedLength - ms(overlapMs);
          const live = likeOverTheAir(said.subarray(liveFrom, liveFrom + ms(700)), seed);
          const seam = findSeam(recorded, live);
          expect(seam).toBeDefined();
          expect(Math.abs((seam?.recordedAt ?? 0) - (seam?.liveAt ?? 0) - liveFrom)).toBeLessThanOrEqual(ms(2));
          expect(seam?.recordedAt).toBeLessThanOrEqual(recorded.length);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is found behind the silence with which a jitter buffer begins', () => {
    const live = joinSounds(quiet(60), likeOverTheAir(said.subarray(ms(1_700), ms(2_200)), 3));
    const seam = findSeam(said.subarray(0, ms(2_000)), live);
    expect((seam?.recordedAt ?? 0) - (seam?.liveAt ?? 0)).toBeCloseTo(ms(1_640), -2);
  });

  it('lies behind a stretch that the jitter buffer left out, where more of the recording is there', () => {
    const live = joinSounds(said.subarray(ms(1_500), ms(1_700)), said.subarray(ms(1_720), ms(2_200)));
    const seam = findSeam(said.subarray(0, ms(2_000)), live);
    expect(seam?.liveAt).toBeGreaterThan(ms(200));
    expect((seam?.recordedAt ?? 0) - (seam?.liveAt ?? 0)).toBeCloseTo(ms(1_520), -2);
  });

  it.each([
    ['live audio that begins after the end', said.subarray(ms(2_100), ms(2_800))],
    ['silence', quiet(700)],
    ['nothing', new Int16Array()],
    ['another voice', voice(700, 77)],
    ['less than a window', said.subarray(ms(1_900), ms(1_980))],
  ])('is not found in %s', (_what, live) => {
    expect(findSeam(said.subarray(0, ms(2_000)), live)).toBeUndefined();
  });

  it('is not found in a tone, which fits everywhere', () => {
    const tone = sine(2_000, { frequencyHz: 200, sampleRateHz: RATE_HZ });
    expect(findSeam(tone, tone.subarray(ms(1_600)))).toBeUndefined();
  });

  it('is not looked for in a recording without samples', () => {
    expect(findSeam(new Int16Array(), said)).toBeUndefined();
  });
});

describe('quiet', () => {
  it('is where nobody speaks in the last second of the recording nor live', () => {
    const speech = voice(500);
    expect(isQuiet(joinSounds(speech, quiet(1_000)), quiet(400))).toBe(true);
    expect(isQuiet(joinSounds(speech, quiet(900)), quiet(400))).toBe(false);
    expect(isQuiet(quiet(1_000), joinSounds(quiet(350), speech))).toBe(false);
    expect(isQuiet(new Int16Array(), new Int16Array())).toBe(true);
  });
});
