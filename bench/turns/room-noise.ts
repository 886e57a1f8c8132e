/** Goes on with a recording's own background where its file ends: digital silence would tell every detector the end. Pure. */
import { levelDbfs, SPEECH_RANGE_DB, type Stretch } from '../audio/levels.js';
import { seededRandom } from '../statistics.js';
import { SAMPLE_RATE_HZ } from './recording.js';

/** Grains of background are cross-faded, in samples (32 ms): long enough to keep its colour, short enough not to hum. */
const GRAIN = 512;
const HOP = GRAIN / 2;
/** Quietest share of a recording's grains that are taken for background. */
const QUIET_SHARE = 0.1;
const MIN_GRAINS = 4;
/** A file cut so tightly that it holds no background gets this much quieter a tail than its voice, in dB. */
const ASSUMED_FLOOR_DB = 50;

/**
 * The recording with `padMs` of its own noise floor after the end of its speech, or as it is where the file is that long.
 * @param seed - The same seed gives the same samples.
 */
export function withTail(samples: Int16Array, speech: Stretch, padMs: number, seed: number): Int16Array {
  const wanted = Math.round(((speech.endMs + padMs) / 1000) * SAMPLE_RATE_HZ);
  if (samples.length >= wanted) return samples;
  const grains = backgroundOf(samples);
  const random = seededRandom(seed);
  // The tail begins half a grain before the file's end and fades in over it.
  const start = Math.max(0, samples.length - HOP);
  const tail = new Float64Array(wanted - start + GRAIN);
  for (let at = 0; at < tail.length - GRAIN; at += HOP) {
    const grain = grains[Math.floor(random() * grains.length)] ?? new Int16Array(GRAIN);
    for (let i = 0; i < GRAIN; i += 1) tail[at + i] = (tail[at + i] ?? 0) + (grain[i] ?? 0) * fade(i);
  }
  const padded = new Int16Array(wanted);
  padded.set(samples);
  for (let i = start; i < wanted; i += 1) {
    const kept = i < samples.length ? (samples[i] ?? 0) * (1 - fade(i - start)) : 0;
    padded[i] = Math.round(kept + (tail[i - start] ?? 0));
  }
  return padded;
}

/** The quietest grains; where even they are within the voice's range there is no background, and they are made quieter. */
function backgroundOf(samples: Int16Array): Int16Array[] {
  const grains: { grain: Int16Array; levelDb: number }[] = [];
  for (let at = 0; at + GRAIN <= samples.length; at += HOP) {
    const grain = samples.subarray(at, at + GRAIN);
    grains.push({ grain, levelDb: levelDbfs(grain) });
  }
  grains.sort((a, b) => a.levelDb - b.levelDb);
  const peakDb = grains.at(-1)?.levelDb ?? 0;
  const quiet = grains.slice(0, Math.max(MIN_GRAINS, Math.round(grains.length * QUIET_SHARE)));
  const floorDb = quiet.at(-1)?.levelDb ?? 0;
  if (floorDb < peakDb - SPEECH_RANGE_DB) return quiet.map(({ grain }) => grain);
  const gain = 10 ** ((peakDb - ASSUMED_FLOOR_DB - floorDb) / 20);
  return quiet.map(({ grain }) => grain.map((sample) => Math.round(sample * gain)));
}

/** Powers of two overlapping grains add up to one, so that the level of noise is kept. */
function fade(i: number): number {
  return Math.sin((Math.PI * Math.min(i, GRAIN)) / GRAIN);
}
