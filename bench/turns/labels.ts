/** Words of a label that nobody said, and times for words that have none. Pure. */
import type { Stretch } from '../audio/levels.js';
import type { TimedWord } from './recording.js';

/** Words that end no order: where one ends a recording marked complete, a breath or a vowel's tail was decoded as a word. */
const NO_LAST_WORDS = new Set(['and', 'a', 'with', 'the', 'or', 'of']);
/** The most of such a word that sounds before the end of speech, in ms: 41 of the 180 orders have one, of -70 to 170 ms. */
const MAX_SOUNDING_MS = 170;

export interface CleanedWords {
  readonly words: readonly TimedWord[];
  readonly dropped: readonly TimedWord[];
}

/**
 * Drops trailing words of a complete turn that leave its sentence open and hardly sound, or not at all. Where there was sound,
 * the last real word gets it: it was its tail.
 */
export function withoutHallucinatedEnd(words: readonly TimedWord[], speech: Stretch): CleanedWords {
  let kept = words.length;
  for (let last = words[kept - 1]; last !== undefined && kept > 1 && isNoWord(last, speech); last = words[kept - 1]) {
    kept -= 1;
  }
  const dropped = words.slice(kept);
  const end = words[kept - 1];
  if (end === undefined || dropped.length === 0) return { words, dropped };
  const tailed = { ...end, endMs: Math.max(end.endMs, Math.min(speech.endMs, dropped.at(-1)?.endMs ?? end.endMs)) };
  return { words: [...words.slice(0, kept - 1), tailed], dropped };
}

function isNoWord(word: TimedWord, speech: Stretch): boolean {
  return NO_LAST_WORDS.has(word.text.toLowerCase()) && speech.endMs - word.startMs <= MAX_SOUNDING_MS;
}

/**
 * Times for a text without any: each word gets its share, by letters, of the sound that is not a pause.
 * Good to about a syllable, which recogniser latency blurs anyway.
 */
export function spreadWords(text: string, speech: Stretch, pauses: readonly Stretch[]): TimedWord[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  // One letter more a word: short words last longer than their letters say.
  const lengths = words.map((word) => word.length + 1);
  const letters = lengths.reduce((sum, length) => sum + length, 0);
  const silenceMs = pauses.reduce((sum, pause) => sum + pause.endMs - pause.startMs, 0);
  const msPerLetter = (speech.endMs - speech.startMs - silenceMs) / letters;
  let spoken = 0;
  return words.map((word, index) => {
    const startMs = instantAfter(spoken * msPerLetter, speech, pauses, 'start');
    spoken += lengths[index] ?? 0;
    return { text: word, startMs, endMs: instantAfter(spoken * msPerLetter, speech, pauses, 'end') };
  });
}

/** The instant by which `soundMs` of sound have passed; at a pause's edge a word ends before it and starts after it. */
function instantAfter(soundMs: number, speech: Stretch, pauses: readonly Stretch[], edge: 'start' | 'end'): number {
  let atMs = speech.startMs + soundMs;
  for (const pause of pauses) {
    const isAfter = edge === 'start' ? atMs >= pause.startMs - 1 : atMs > pause.startMs + 1;
    if (isAfter) atMs += pause.endMs - pause.startMs;
  }
  return Math.min(speech.endMs, Math.round(atMs));
}
