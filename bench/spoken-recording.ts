/** A labelled recording made ready to be spoken into calls: its sound, and what scripted providers need to hear it. */
import { type Stretch, windowLevels } from './audio/levels.js';
import { type Clip, prepareClip } from './caller/clip.js';
import { type Recording, SAMPLE_RATE_HZ } from './turns/recording.js';

/** What the scripted recogniser takes for digital silence. */
const ENVELOPE_FLOOR_DBFS = -120;

/** A label may let a word end where it begins; a recogniser shows none that has no length. */
const SHORTEST_WORD_MS = 10;

export interface SpokenRecording {
  readonly file: string;
  readonly clip: Clip;
  /** First to last audible window, in ms from the first sample. */
  readonly speech: Stretch;
  /** Pauses that count, in order. */
  readonly pauses: readonly Stretch[];
  readonly words: readonly { readonly word: string; readonly startMs: number; readonly endMs: number }[];
  /** Level of each 10 ms. */
  readonly envelopeDbfs: readonly number[];
}

/** @param counts - Which of its pauses an answer may cut into. */
export function prepareRecording(
  { file, samples, words, speech, pauses }: Recording,
  counts: (pause: Stretch) => boolean,
): SpokenRecording {
  return {
    file,
    clip: prepareClip({ samples: Int16Array.from(samples), sampleRateHz: SAMPLE_RATE_HZ }, Number.POSITIVE_INFINITY),
    speech,
    pauses: pauses.filter(counts),
    // Without the trailing words that nobody said: `turns/labels.ts`.
    words: (words ?? []).map(({ text, startMs, endMs }) => ({
      word: text,
      startMs,
      endMs: Math.max(endMs, startMs + SHORTEST_WORD_MS),
    })),
    envelopeDbfs: windowLevels(samples, SAMPLE_RATE_HZ).map((level) => Math.max(ENVELOPE_FLOOR_DBFS, level)),
  };
}

/** @returns How long it is, in ms. */
export function lengthMs({ startMs, endMs }: Stretch): number {
  return endMs - startMs;
}
