/** What a recogniser makes of an overlap: words late and with errors, and now and then a word of a cough. Pure. */
import { seededRandom } from '../../local-providers/random.js';
import type { OverlapScene } from './interruption-scenes.js';
import { WORD_ERRORS, WORD_LATENCY_MS, withErrors } from './recogniser.js';
import type { TimedWord } from './recording.js';

export interface ShownWord extends TimedWord {
  readonly shownAtMs: number;
}

export interface HeardSpeech {
  readonly words: readonly ShownWord[];
  /** From a request to finalize to its answer, in ms. */
  readonly finalizeMs: number;
}

/** How the recogniser of an arm works. */
export interface RecogniserArm {
  readonly name: string;
  /** From a word's end to its showing, in ms. */
  readonly latencyMs: number;
  /** Share of the coughs and noises that it makes a short word of. */
  readonly inventedShare: number;
  /** Whether it shows any words at all. */
  readonly hasWords: boolean;
}

export const RECOGNISERS: readonly RecogniserArm[] = [
  { name: 'words', latencyMs: WORD_LATENCY_MS, inventedShare: 0, hasWords: true },
  { name: 'invented words', latencyMs: WORD_LATENCY_MS, inventedShare: 0.1, hasWords: true },
  { name: 'late words', latencyMs: 400, inventedShare: 0.1, hasWords: true },
  { name: 'no words', latencyMs: WORD_LATENCY_MS, inventedShare: 0, hasWords: false },
];

/** Answers to a request to finalize take this long, in ms: Deepgram's P99 is 326. */
const FINALIZE_MS = [30, 330] as const;
/** What recognisers write for sounds without speech, as often as they stand here. */
const INVENTED = [
  'the',
  'uh',
  'oh',
  'huh',
  'a',
  'hm',
  'it',
  'and',
  'yeah',
  'okay',
  'you',
  'i',
  'so',
  'no',
  'what',
  'but',
];
/** Words that stand in for others. */
const CORPUS = [
  'a',
  'the',
  'it',
  'large',
  'latte',
  'milk',
  'can',
  'want',
  'have',
  'for',
  'two',
  'please',
  'that',
  'see',
  'day',
];

export function hear(scene: OverlapScene, arm: RecogniserArm): HeardSpeech {
  const random = seededRandom(scene.seed, 'recogniser');
  const finalizeMs = FINALIZE_MS[0] + random() * (FINALIZE_MS[1] - FINALIZE_MS[0]);
  const shown = (words: readonly TimedWord[]): ShownWord[] =>
    words.map((word) => ({ ...word, shownAtMs: word.endMs + arm.latencyMs }));
  if (!arm.hasWords) return { words: [], finalizeMs };
  const { class: overlap } = scene.clip;
  if (overlap === 'cough' || overlap === 'noise') {
    if (random() >= arm.inventedShare) return { words: [], finalizeMs };
    const text = INVENTED[Math.floor(random() * INVENTED.length)] ?? 'the';
    const startMs = scene.startMs;
    return { words: shown([{ text, startMs, endMs: startMs + 200 }]), finalizeMs };
  }
  const seed = Math.floor(random() * 0x7fff_ffff);
  return { words: shown(withErrors(scene.words, CORPUS, seed, WORD_ERRORS)), finalizeMs };
}
