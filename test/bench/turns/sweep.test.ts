import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentile } from '../../../bench/statistics.js';
import { lowerEnvelope } from '../../../bench/turns/curve.js';
import type { Outcome } from '../../../bench/turns/outcome.js';
import { curveOf, ratiosOf, resampledArm } from '../../../bench/turns/ratios.js';
import { Sweep } from '../../../bench/turns/sweep.js';

const MISSED_MS = 3_000;

function outcome(waitMs: number | undefined, cutIns = 0): Outcome {
  return { cutIns, cutInsInSpeech: 0, waitMs };
}

describe('the curve of a sweep', () => {
  it('counts cut-ins by pauses, and waits of complete turns alone', () => {
    const counted = [
      { pauses: 2, countsWait: true },
      { pauses: 3, countsWait: false },
    ];
    const sweep = new Sweep(
      ['200 ms', '400 ms'],
      counted,
      [
        [outcome(200, 1), outcome(400)],
        [outcome(900, 2), outcome(900, 1)],
      ],
      MISSED_MS,
    );
    expect(sweep.points()).toEqual([
      { cutInRate: 0.6, meanWaitMs: 200, p50WaitMs: 200, p95WaitMs: 200 },
      { cutInRate: 0.2, meanWaitMs: 400, p50WaitMs: 400, p95WaitMs: 400 },
    ]);
    expect(sweep.cutIns(0)).toEqual({ inPauses: 3, inSpeech: 0 });
  });

  it('counts a turn that was never answered as the longest wait', () => {
    const sweep = new Sweep(['x'], [{ pauses: 1, countsWait: true }], [[outcome(undefined)]], MISSED_MS);
    expect(sweep.points()[0]?.meanWaitMs).toBe(MISSED_MS);
  });

  it('has no point without pauses or waits', () => {
    expect(new Sweep(['x'], [{ pauses: 0, countsWait: true }], [[outcome(1)]], MISSED_MS).points()).toEqual([
      undefined,
    ]);
    expect(new Sweep(['x'], [{ pauses: 1, countsWait: false }], [[outcome(1)]], MISSED_MS).points()).toEqual([
      undefined,
    ]);
  });

  it('is of a resample what it were of the recordings written out as often as they were drawn', () => {
    const waits = fc.array(fc.tuple(fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 3 })), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(waits, (rows) => {
        const counted = rows.map(() => ({ pauses: 1, countsWait: true }));
        const sweep = new Sweep(
          ['x'],
          counted,
          rows.map(([wait]) => [outcome(wait)]),
          MISSED_MS,
        );
        const counts = Uint16Array.from(rows, ([, count]) => count);
        const written = rows.flatMap(([wait, count]) => Array.from({ length: count }, () => wait));
        const [point] = sweep.points(counts);
        if (written.length === 0) {
          expect(point).toBeUndefined();
          return;
        }
        expect(point?.p50WaitMs).toBeCloseTo(percentile(written, 0.5) ?? Number.NaN);
        expect(point?.p95WaitMs).toBeCloseTo(percentile(written, 0.95) ?? Number.NaN);
        expect(point?.meanWaitMs).toBeCloseTo(written.reduce((sum, wait) => sum + wait, 0) / written.length);
      }),
    );
  });
});

describe('the settings that no other one beats everywhere', () => {
  const settings = ['a', 'b', 'c', 'd', 'e', 'f'];
  const outcomes = fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 2 }));
  const row = fc.array(outcomes, { minLength: settings.length, maxLength: settings.length });
  const rows = fc.array(fc.tuple(row, fc.boolean(), fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 6 });

  it('have the lower envelope of all settings, for any resample', () => {
    fc.assert(
      fc.property(rows, (recordings) => {
        const sweep = new Sweep(
          settings,
          recordings.map(([, countsWait]) => ({ pauses: 2, countsWait })),
          recordings.map(([bySetting]) => bySetting.map(([wait, cutIns]) => outcome(100 * wait, cutIns))),
          MISSED_MS,
        );
        const counts = Uint16Array.from(recordings, ([, , count]) => count);
        for (const measure of ['meanWaitMs', 'p50WaitMs', 'p95WaitMs'] as const) {
          const whole = lowerEnvelope(curveOf(sweep, counts), measure);
          expect(lowerEnvelope(curveOf(sweep, counts, sweep.undominated()), measure)).toEqual(whole);
        }
      }),
    );
  });

  it('are one of those that come to the same, and none that is worse', () => {
    const counted = [{ pauses: 1, countsWait: true }];
    const bySetting = [outcome(400), outcome(300), outcome(300), outcome(200, 1)];
    expect(new Sweep(['a', 'b', 'c', 'd'], counted, [bySetting], MISSED_MS).undominated()).toEqual([3, 1]);
  });
});

describe('the ratio of two arms', () => {
  const counted = Array.from({ length: 40 }, () => ({ pauses: 1, countsWait: true }));
  const arm = (waitMs: number): Sweep =>
    new Sweep(
      ['x'],
      counted,
      counted.map((_, index) => [outcome(waitMs + index)]),
      MISSED_MS,
    );
  const rounds = Array.from({ length: 50 }, () => new Uint16Array(40).fill(1));

  it('is that of their waits at the same rate of cut-ins', () => {
    const [ratio] = ratiosOf(resampledArm('a', arm(200), rounds), resampledArm('b', arm(400), rounds));
    expect(ratio).toMatchObject({ at: 'at5', measure: 'meanWaitMs' });
    expect(ratio?.ratio).toBeCloseTo(219.5 / 419.5);
    expect(ratio?.interval?.[0]).toBeCloseTo(219.5 / 419.5);
  });

  it('is unknown where one arm never cuts in so rarely', () => {
    const rash = new Sweep(
      ['x'],
      counted,
      counted.map(() => [outcome(100, 1)]),
      MISSED_MS,
    );
    const [ratio] = ratiosOf(resampledArm('a', arm(200), rounds), resampledArm('b', rash, rounds));
    expect(ratio).toMatchObject({ ratio: null, interval: null });
  });
});
