/** Where words lie in a sound that came without their times, and where it begins and ends to be heard. Pure. */
import type { SpokenWord } from '../turn/heard-text.js';

/** The sound is looked at in steps of this length, in ms: below a syllable, above one period of a low voice (13 ms at 75 Hz). */
const STEP_MS = 15;
/** A step is silent when its peak is this many times below the loudest: -50 dB, where a soft first consonant is still heard. */
const SILENT_SHARE = 1 / 316;
/** Peak below which there is only dither, in units of one sample. */
const SILENT_PEAK = 16;
/** Kept before and behind the sound when its edges are trimmed, in ms: onsets are softer than the measure. */
const KEPT_BEFORE_MS = 15;
const KEPT_BEHIND_MS = 60;
/** Below this an edge clicks, in ms. */
const FADE_MS = 5;

/** Samples from the first one heard to behind the last one heard; `undefined` when all is silent. */
export interface AudiblePart {
  readonly from: number;
  readonly to: number;
}

export function audiblePart(samples: Int16Array, sampleRateHz: number): AudiblePart | undefined {
  const step = samplesIn(STEP_MS, sampleRateHz);
  const peaks: number[] = [];
  for (let at = 0; at < samples.length; at += step) peaks.push(peakOf(samples, at, at + step));
  const limit = Math.max(SILENT_PEAK, peaks.reduce((most, peak) => Math.max(most, peak), 0) * SILENT_SHARE);
  const first = peaks.findIndex((peak) => peak >= limit);
  if (first < 0) return undefined;
  const last = peaks.findLastIndex((peak) => peak >= limit);
  return { from: first * step, to: Math.min(samples.length, (last + 1) * step) };
}

/**
 * Spreads the words of a text over the part of its sound that is heard, by their letters: good enough to tell what was heard
 * of a phrase that was cut. Against the times that the offline voice gives for the English phrases it is off by 50 ms at the
 * median and 240 at P95; leaving pauses out of the count made it worse.
 * @returns One entry a word, times rising, the last at the end of what is heard.
 */
export function spreadWords(text: string, samples: Int16Array, sampleRateHz: number): SpokenWord[] {
  const words = text.match(/\S*[\p{L}\p{N}]\S*/gu) ?? [];
  const { from, to } = audiblePart(samples, sampleRateHz) ?? { from: 0, to: samples.length };
  const total = words.reduce((sum, word) => sum + lettersOf(word), 0);
  let letters = 0;
  return words.map((word) => {
    letters += lettersOf(word);
    return { word, endMs: ((from + ((to - from) * letters) / total) * 1_000) / sampleRateHz };
  });
}

/**
 * Takes the near-silence off both ends, so that a phrase sounds at once and what follows it follows closely.
 * @returns A copy with short fades where something was cut; the sound as it is when all of it is silent.
 */
export function trimEdges(samples: Int16Array, sampleRateHz: number): Int16Array {
  const part = audiblePart(samples, sampleRateHz);
  if (part === undefined) return samples.slice();
  const from = Math.max(0, part.from - samplesIn(KEPT_BEFORE_MS, sampleRateHz));
  const to = Math.min(samples.length, part.to + samplesIn(KEPT_BEHIND_MS, sampleRateHz));
  const trimmed = samples.slice(from, to);
  const fade = Math.min(samplesIn(FADE_MS, sampleRateHz), trimmed.length >> 1);
  for (let index = 0; index < fade; index += 1) {
    const gain = index / fade;
    const mirrored = trimmed.length - 1 - index;
    if (from > 0) trimmed[index] = Math.round((trimmed[index] ?? 0) * gain);
    if (to < samples.length) trimmed[mirrored] = Math.round((trimmed[mirrored] ?? 0) * gain);
  }
  return trimmed;
}

function lettersOf(word: string): number {
  return word.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}

function peakOf(samples: Int16Array, from: number, to: number): number {
  let peak = 0;
  for (const sample of samples.subarray(from, to)) peak = Math.max(peak, Math.abs(sample));
  return peak;
}

function samplesIn(durationMs: number, sampleRateHz: number): number {
  return Math.max(1, Math.round((durationMs * sampleRateHz) / 1_000));
}
