/** When each word of a phrase is spoken, and where its silence ends. */
import type { Phone } from './flite.js';
import type { SpokenToken } from './spoken-form.js';

/** Kept before the first and after the last sound, in ms, so that no consonant is clipped. */
const MARGIN_MS = 15;

/** @returns The stretch that holds sound, in ms; empty when nothing is spoken. */
export function spokenStretch(phones: readonly Phone[]): { readonly startMs: number; readonly endMs: number } {
  const sounds = phones.filter(({ name }) => name !== 'pau');
  const first = sounds[0];
  const last = sounds.at(-1);
  if (first === undefined || last === undefined) return { startMs: 0, endMs: 0 };
  return {
    startMs: Math.max(0, first.startMs - MARGIN_MS),
    endMs: Math.min(phones.at(-1)?.endMs ?? last.endMs, last.endMs + MARGIN_MS),
  };
}

export interface TimedWord {
  readonly word: string;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Spreads the words over the sounds: flite tells when each sound ends, but not which word it belongs to. Each word gets its
 * share by letters, and ends where the nearest sound ends.
 */
export function timeWords(tokens: readonly SpokenToken[], phones: readonly Phone[]): TimedWord[] {
  const sounds = phones.filter(({ name }) => name !== 'pau');
  const words = tokens.filter(({ spoken }) => spoken !== '');
  const letters = words.map(({ spoken }) => Math.max(1, spoken.replaceAll(/[^a-z0-9]/gi, '').length));
  const allLetters = letters.reduce((sum, count) => sum + count, 0);
  let lettersBefore = 0;
  let from = 0;
  return words.map(({ written }, index) => {
    lettersBefore += letters[index] ?? 0;
    const ideal = Math.round((lettersBefore / allLetters) * sounds.length);
    const left = words.length - 1 - index;
    // At least one sound for this word and each one after it, as long as there are enough.
    const to = Math.max(Math.min(ideal, sounds.length - left), Math.min(from + 1, sounds.length));
    const startMs = sounds[from]?.startMs ?? sounds.at(-1)?.endMs ?? 0;
    const endMs = sounds[to - 1]?.endMs ?? startMs;
    from = to;
    return { word: written, startMs, endMs: Math.max(startMs, endMs) };
  });
}
