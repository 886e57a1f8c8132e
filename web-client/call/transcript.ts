/** The conversation in writing, merged from streams that arrive in pieces, twice, or late. */

export type Speaker = 'you' | 'agent';

export interface TranscriptEntry {
  readonly id: string;
  readonly speaker: Speaker;
  readonly text: string;
  /** Interim text may still change. */
  readonly final: boolean;
  readonly typed: boolean;
}

/** One state of one segment: always its whole text so far. */
export type TranscriptUpdate = TranscriptEntry;

/** Entries kept; an hour's talk is some hundreds. Older ones are dropped from the page. */
export const TRANSCRIPT_MAX_ENTRIES = 500;

/** Longest text of one entry in characters; an agent that never stops must not fill the page's memory. */
const TEXT_MAX_CHARACTERS = 20_000;

/**
 * Merges an update. An entry keeps the place where it first appeared, and is never turned back: interim text that comes
 * after the final text of its segment, or an empty interim, changes nothing. Empty finals remove what was only a guess.
 */
export function mergeTranscript(
  entries: readonly TranscriptEntry[],
  update: TranscriptUpdate,
): readonly TranscriptEntry[] {
  const text = update.text.slice(0, TEXT_MAX_CHARACTERS).trim();
  const entry = { ...update, text };
  const index = entries.findLastIndex(({ id, speaker }) => id === update.id && speaker === update.speaker);
  const known = entries[index];
  if (known === undefined) return text === '' ? entries : [...entries, entry].slice(-TRANSCRIPT_MAX_ENTRIES);
  if (known.final && !update.final) return entries;
  if (text === '') return update.final ? entries.toSpliced(index, 1) : entries;
  if (known.text === text && known.final === update.final) return entries;
  return entries.with(index, entry);
}

/** Finals among `entries` that were not among `before`: what a screen reader has still to say. */
export function newFinals(
  before: readonly TranscriptEntry[],
  entries: readonly TranscriptEntry[],
): readonly TranscriptEntry[] {
  const said = new Set(before.filter(({ final }) => final).map(({ id, speaker }) => `${speaker} ${id}`));
  return entries.filter(({ final, id, speaker }) => final && !said.has(`${speaker} ${id}`));
}
