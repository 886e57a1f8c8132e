import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { echoLikeness, type LevelAt } from '../../../agent/turn/echo.js';
import { levelDbfs } from '../../../bench/audio/levels.js';
import { readAudioFile } from '../../../bench/audio-file.js';
import { percentile, seededRandom } from '../../../bench/statistics.js';
import { noise } from '../../support/sounds.js';

const FOLDER = 'test/speech/orders';
const RATE_KHZ = 16;
const HEARD_MS = 32;
const PLAYED_MS = 10;
const PAIRS = 220;

let recordings: Int16Array[];
beforeAll(async () => {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.flac'));
  recordings = await Promise.all(
    files.map(async (file) => (await readAudioFile(join(FOLDER, file))).samples.slice(0, 2_500 * RATE_KHZ)),
  );
});

function levels(samples: Int16Array, stretchMs: number): LevelAt[] {
  const length = stretchMs * RATE_KHZ;
  return Array.from({ length: Math.floor(samples.length / length) }, (_, index) => ({
    atMs: (index + 1) * stretchMs,
    levelDb: Math.max(-96, levelDbfs(samples.subarray(index * length, (index + 1) * length))),
  }));
}

/** A voice as it arrives: later, softer, with white noise at -60 dBFS. */
function arriving(samples: Int16Array, delayMs: number, gainDb: number, seed: number): Int16Array {
  const heard = noise(samples.length / RATE_KHZ + delayMs, { sampleRateHz: RATE_KHZ * 1_000, amplitude: 0.0017, seed });
  const gain = 10 ** (gainDb / 20);
  return heard.map((sample, index) => sample + Math.round((samples[index - delayMs * RATE_KHZ] ?? 0) * gain));
}

/** A stretch of what is heard from somewhere in the speech on. */
function overlap(heard: readonly LevelAt[], lengthMs: number, at: number): readonly LevelAt[] {
  const peakDb = Math.max(...heard.map(({ levelDb }) => levelDb));
  const count = Math.round(lengthMs / HEARD_MS);
  const starts = heard.flatMap(({ levelDb }, index) =>
    levelDb > peakDb - 25 && index + count <= heard.length ? [index] : [],
  );
  const start = starts[Math.floor(at * starts.length * 0.7)] ?? 0;
  return heard.slice(start, start + count);
}

/** Likenesses of so many pairs: the agent plays one recording, and its echo or another recording is heard. */
function likenesses(heardIs: 'echo' | 'another', lengthMs: number): number[] {
  const random = seededRandom(5);
  return Array.from({ length: PAIRS }, (_, pair) => {
    const played = recordings[Math.floor(random() * recordings.length)] ?? new Int16Array();
    const others = recordings.filter((one) => one !== played);
    const other = others[Math.floor(random() * others.length)] ?? new Int16Array();
    const delayMs = 60 + Math.floor(random() * 240);
    const heard = heardIs === 'echo' ? arriving(played, delayMs, -20, pair + 1) : arriving(other, 0, 0, pair + 1);
    return echoLikeness(overlap(levels(heard, HEARD_MS), lengthMs, random()), levels(played, PLAYED_MS));
  });
}

describe('the likeness of recorded speech to what was played', { timeout: 60_000 }, () => {
  it('is high for its echo, 60 to 300 ms later, 20 dB down and noisy', () => {
    expect(percentile(likenesses('echo', 480), 0.1)).toBeGreaterThan(0.8);
    expect(percentile(likenesses('echo', 960), 0.05)).toBeGreaterThan(0.8);
  });

  it('is low for another voice', () => {
    const brief = likenesses('another', 480);
    expect(percentile(brief, 0.5)).toBeLessThan(0.1);
    expect(percentile(brief, 0.95)).toBeLessThan(0.75);
    expect(percentile(likenesses('another', 960), 0.99)).toBeLessThan(0.75);
  });
});

describe('the likeness', () => {
  const anyLevel = fc.record({
    atMs: fc.oneof(fc.double(), fc.double({ min: 0, max: 3_000 })),
    levelDb: fc.oneof(fc.double(), fc.double({ min: -96, max: 0 })),
  });

  it('is between 0 and 1 whatever it is given', () => {
    fc.assert(
      fc.property(fc.array(anyLevel, { maxLength: 60 }), fc.array(anyLevel, { maxLength: 100 }), (heard, played) => {
        const likeness = echoLikeness(heard, played);
        expect(likeness).toBeGreaterThanOrEqual(0);
        expect(likeness).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('does not depend on how loud the echo is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -60, max: -20, noNaN: true }), { minLength: 12, maxLength: 40 }),
        fc.double({ min: -20, max: 10, noNaN: true }),
        (levelsDb, gainDb) => {
          const at = (db: number) =>
            levelsDb.map((levelDb, i) => ({ atMs: (i + 1) * HEARD_MS, levelDb: levelDb + db }));
          expect(echoLikeness(at(gainDb), at(0))).toBeCloseTo(echoLikeness(at(0), at(0)), 6);
        },
      ),
    );
  });

  it('is 0 when there is too little to tell, when nothing was played, and when nothing varies', () => {
    const steadily = (stepMs: number, length: number) =>
      Array.from({ length }, (_, i) => ({ atMs: 500 + i * stepMs, levelDb: -30 }));
    const steady = steadily(HEARD_MS, 30);
    const varied = steady.map((one, i) => ({ ...one, levelDb: -30 + (i % 5) * 6 }));
    expect(echoLikeness(varied.slice(0, 5), varied)).toBe(0);
    expect(echoLikeness(varied, [])).toBe(0);
    expect(
      echoLikeness(
        varied,
        steadily(PLAYED_MS, 150).map((one) => ({ ...one, atMs: one.atMs - 500 })),
      ),
    ).toBe(0);
    expect(echoLikeness(steady, varied)).toBe(0);
  });
});
