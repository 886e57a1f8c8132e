/** Why the agent went on waiting before it answered, for people. */
import type { TurnWaiting } from '../../wire/turn.js';

/** Pieces of evidence named; the others hardly counted. */
const PIECES_SHOWN = 4;

/** Names of evidence in plain words; what is not named here is told by its own name, taken apart. */
const LABELS: Readonly<Record<string, string>> = {
  base: 'to begin with',
  profile: "the profile's patience",
  bounds: "the profile's bounds",
  ownPauses: 'your own pauses',
  patience: 'answered too soon before',
  turnModel: 'how the end sounded',
  unscored: 'no opinion on the sound',
  stability: 'words that stayed the same',
  conjunctionEnd: 'a word like "and"',
  functionWordEnd: 'a word that calls for another',
  fillerEnd: 'a word like "um"',
  readOutUnfinished: 'an unfinished read-out',
  readOutComplete: 'a complete read-out',
  shortAnswer: 'a short answer',
  sentenceEnd: 'a whole sentence',
  voiceSoFar: 'how long you spoke',
};

/** One sentence: the wait, and what weighed most in it. */
export function explainWaiting({ waitMs, contributions }: TurnWaiting): string {
  const pieces = Object.entries(contributions)
    .filter(([, ms]) => Math.round(ms) !== 0)
    .toSorted(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    .slice(0, PIECES_SHOWN)
    .map(([name, ms], index) => `${labelOf(name)} ${signed(ms, index > 0)}`);
  return `Waited ${Math.round(waitMs)} ms${pieces.length > 0 ? `: ${pieces.join(', ')}` : ''}`;
}

function labelOf(name: string): string {
  const known = Object.hasOwn(LABELS, name) ? LABELS[name] : undefined;
  return known ?? name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}

function signed(ms: number, showsPlus: boolean): string {
  const rounded = Math.round(Math.abs(ms));
  return ms < 0 ? `−${rounded}` : `${showsPlus ? '+' : ''}${rounded}`;
}
