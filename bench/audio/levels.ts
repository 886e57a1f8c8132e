/** Loudness of recordings and where speech is in them. Pure functions over 16 bit mono samples. */

/** Width of one window in ms: fine enough for latencies, wide enough to hold a period of a low voice. */
export const WINDOW_MS = 10;

/** Speech is what lies within this many dB of the loudest window of a recording. */
export const SPEECH_RANGE_DB = 30;

/** Silence that parts two utterances of one recording, in ms, unless said otherwise: far above a pause for thought. */
export const UTTERANCE_GAP_MS = 1_500;

/** A stretch of a recording, in ms from its first sample. */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Level of samples in dB below full scale (a full-scale square wave is 0).
 * @returns -Infinity for digital silence and for no samples.
 */
export function levelDbfs(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return sum === 0 ? Number.NEGATIVE_INFINITY : 10 * Math.log10(sum / samples.length / 0x8000 ** 2);
}

/** Level of each window of {@link WINDOW_MS} in dBFS; a last one that is not whole counts too. */
export function windowLevels(samples: Int16Array, sampleRateHz: number): number[] {
  const windows = Math.ceil(((samples.length / sampleRateHz) * 1000) / WINDOW_MS);
  return Array.from({ length: windows }, (_, index) => {
    const start = Math.round((index * WINDOW_MS * sampleRateHz) / 1000);
    const end = Math.round(((index + 1) * WINDOW_MS * sampleRateHz) / 1000);
    return levelDbfs(samples.subarray(start, end));
  });
}

/**
 * The utterances of a recording: stretches from the first to the last window within {@link SPEECH_RANGE_DB} of the loudest,
 * parted where it is quiet for `gapMs` or more.
 * @returns None for a recording of digital silence.
 */
export function splitUtterances(
  { samples, sampleRateHz }: { samples: Int16Array; sampleRateHz: number },
  gapMs = UTTERANCE_GAP_MS,
): Stretch[] {
  const levels = windowLevels(samples, sampleRateHz);
  const peakDbfs = levels.reduce((peak, level) => Math.max(peak, level), Number.NEGATIVE_INFINITY);
  if (peakDbfs === Number.NEGATIVE_INFINITY) return [];
  const utterances: { startMs: number; endMs: number }[] = [];
  for (const [index, level] of levels.entries()) {
    if (level < peakDbfs - SPEECH_RANGE_DB) continue;
    const startMs = index * WINDOW_MS;
    const last = utterances.at(-1);
    if (last === undefined || startMs - last.endMs >= gapMs) utterances.push({ startMs, endMs: startMs + WINDOW_MS });
    else last.endMs = startMs + WINDOW_MS;
  }
  return utterances;
}

/**
 * End of speech: of the last window within {@link SPEECH_RANGE_DB} of the loudest, in ms from the first sample.
 * @returns undefined for digital silence.
 */
export function speechEndMs(audio: { samples: Int16Array; sampleRateHz: number }): number | undefined {
  return splitUtterances(audio, Number.POSITIVE_INFINITY).at(-1)?.endMs;
}
