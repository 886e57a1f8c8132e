/** Where a recording is silent, by its sound alone: nobody's labels decide what a pause is. Pure. */
import { SPEECH_RANGE_DB, type Stretch, WINDOW_MS, windowLevels } from '../audio/levels.js';

/** Shortest silence that counts as a pause, in ms (design, section 7): below it lie the closures of plosives. */
export const MIN_PAUSE_MS = 100;

export interface SpeechSpan {
  readonly speech: Stretch;
  readonly pauses: readonly Stretch[];
}

/**
 * First and last window of 10 ms within 30 dB of the loudest, and the silences between them.
 * @returns undefined for digital silence.
 */
export function spanOf(samples: Int16Array, sampleRateHz: number): SpeechSpan | undefined {
  const levels = windowLevels(samples, sampleRateHz);
  const peakDb = levels.reduce((peak, level) => Math.max(peak, level), Number.NEGATIVE_INFINITY);
  if (peakDb === Number.NEGATIVE_INFINITY) return undefined;
  const audible = levels.flatMap((level, index) => (level >= peakDb - SPEECH_RANGE_DB ? [index] : []));
  const first = audible[0] ?? 0;
  const last = audible.at(-1) ?? first;
  const pauses: Stretch[] = [];
  for (const [position, index] of audible.entries()) {
    const startMs = ((audible[position - 1] ?? index) + 1) * WINDOW_MS;
    const endMs = index * WINDOW_MS;
    if (position > 0 && endMs - startMs >= MIN_PAUSE_MS) pauses.push({ startMs, endMs });
  }
  return { speech: { startMs: first * WINDOW_MS, endMs: (last + 1) * WINDOW_MS }, pauses };
}
