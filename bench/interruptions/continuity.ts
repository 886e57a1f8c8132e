/** Whether a reply was heard whole although someone spoke over it, compared with the same reply undisturbed. Pure. */
import { HEARD_WINDOW_MS, type HeardWindow } from './heard-levels.js';

/** A voice turned down by 14 dB sounds still; the gaps between words do not. dB below the loudest. */
const SOUNDS_DB = 30;
/** Two sounds closer than this are one, in ms; the gap behind a word of two letters has 22. */
const SAME_SOUND_MS = 10;
/** Longest difference in the length of a word that a jitter buffer may make, in ms (as the 20 ms of lost sound). */
export const TOLERATED_MS = 20;

export interface Burst {
  readonly startMs: number;
  readonly endMs: number;
}

export interface Continuity {
  /** Words of the undisturbed reply. */
  readonly words: number;
  /** Those whose whole sound was heard once: lengths within the tolerance. */
  readonly whole: number;
  /** Those of which less than half was heard, and those of which half or more was heard twice. */
  readonly lost: number;
  readonly repeated: number;
  /** The largest difference of a word's length, in ms: more is sound said twice, less is sound lost. */
  readonly worstMs: number;
  /** How much longer the reply took, in ms, and how much of it the longer gaps explain. */
  readonly shiftMs: number;
  readonly pausesMs: number;
}

/** The words of a reply as stretches of sound, in ms. */
export function burstsOf(windows: readonly HeardWindow[]): Burst[] {
  const loudest = windows.reduce((most, { levelDb }) => Math.max(most, levelDb), Number.NEGATIVE_INFINITY);
  const bursts: { startMs: number; endMs: number }[] = [];
  for (const { atMs, levelDb } of windows) {
    if (levelDb < loudest - SOUNDS_DB) continue;
    const last = bursts.at(-1);
    if (last !== undefined && atMs - last.endMs < SAME_SOUND_MS) last.endMs = atMs + HEARD_WINDOW_MS;
    else bursts.push({ startMs: atMs, endMs: atMs + HEARD_WINDOW_MS });
  }
  return bursts;
}

/** Share of a word's time that sounds in the scripted voice; the rest parts it from the next. */
const SOUNDING_SHARE = 0.85;

/** A reply as the scripted voice says it, undisturbed: a word takes the time of its letters and one space. */
export function scriptedBursts(text: string, charactersPerSecond: number): Burst[] {
  let startMs = 0;
  return text.split(' ').map((word) => {
    const durationMs = ((word.length + 1) * 1_000) / charactersPerSecond;
    const burst = { startMs, endMs: startMs + durationMs * SOUNDING_SHARE };
    startMs += durationMs;
    return burst;
  });
}

/** Words that a jitter buffer may run into one, and parts that pauses may cut one word into. */
const MOST_RUN_TOGETHER = 3;
const MOST_PARTS = 4;
/** So that of two accounts that explain as much the plainer one is taken, in ms. */
const NOT_PLAIN_MS = 0.1;
/** One word that is missing, and not several that are each a little too short, in ms. */
const FAULT_MS = 20;

/** A step of the account: these words were heard as those sounds. One of both may be none. */
interface Match {
  readonly words: readonly Burst[];
  readonly sounds: readonly Burst[];
}

/** The last step of an account, behind those before. */
interface Account {
  readonly unexplainedMs: number;
  readonly last?: { readonly match: Match; readonly before: Account };
}

/**
 * Accounts for the sounds of one rendering by the words of another, in order, such that the least sound is left unexplained: a word
 * may be in parts, words that follow each other may have run together, a word may be missing, a sound may be one too many.
 * @param heard - What was heard while someone spoke over it.
 * @param reference - The same reply undisturbed.
 */
export function compareReplies(heard: readonly Burst[], reference: readonly Burst[]): Continuity {
  const matches = accountFor(heard, reference);
  const differences = matches.flatMap((match) => {
    const { words, sounds } = match;
    // A sound that belongs to no word was said twice, unless it is no longer than what a jitter buffer makes up.
    if (words.length === 0)
      return sounds.map((sound) => ({ share: lengthMs(sound) > TOLERATED_MS ? 2 : 1, ms: lengthMs(sound) }));
    const [gotMs, wantedMs] = lengthsMs(match);
    return words.map(() => ({ share: gotMs / wantedMs, ms: gotMs - wantedMs }));
  });
  return {
    words: reference.length,
    whole: differences.filter(({ ms }) => Math.abs(ms) <= TOLERATED_MS).length,
    lost: differences.filter(({ share }) => share < 0.5).length,
    repeated: differences.filter(({ share }) => share >= 1.5).length,
    worstMs: differences.reduce((worst, { ms }) => (Math.abs(ms) > Math.abs(worst) ? ms : worst), 0),
    shiftMs: spanMs(heard) - spanMs(reference),
    pausesMs: pausesOf(matches),
  };
}

function accountFor(heard: readonly Burst[], reference: readonly Burst[]): readonly Match[] {
  /** The best account of the first words (row) and the first sounds (column). */
  const best: Account[][] = [];
  for (let words = 0; words <= reference.length; words += 1) {
    const row: Account[] = [];
    best.push(row);
    for (let sounds = 0; sounds <= heard.length; sounds += 1) {
      const candidates = STEPS.flatMap(([wordCount, soundCount]): Account[] => {
        const before = best[words - wordCount]?.[sounds - soundCount];
        if (before === undefined) return [];
        const match = {
          words: reference.slice(words - wordCount, words),
          sounds: heard.slice(sounds - soundCount, sounds),
        };
        return [{ unexplainedMs: before.unexplainedMs + costMs(match), last: { match, before } }];
      });
      row.push(candidates.reduce(plainer, { unexplainedMs: candidates.length === 0 ? 0 : Number.POSITIVE_INFINITY }));
    }
  }
  const matches: Match[] = [];
  for (let at = best.at(-1)?.at(-1)?.last; at !== undefined; at = at.before.last) matches.push(at.match);
  return matches.toReversed();
}

function plainer(one: Account, other: Account): Account {
  return other.unexplainedMs < one.unexplainedMs ? other : one;
}

/** How many words are heard as how many sounds. */
const STEPS: readonly (readonly [words: number, sounds: number])[] = [
  ...Array.from({ length: MOST_PARTS + 1 }, (_, sounds) => [1, sounds] as const),
  ...Array.from({ length: MOST_RUN_TOGETHER - 1 }, (_, more) => [more + 2, 1] as const),
  [0, 1],
];

function costMs(match: Match): number {
  const [gotMs, wantedMs] = lengthsMs(match);
  const isPlain = match.words.length <= 1 && match.sounds.length <= 1;
  const differenceMs = Math.abs(gotMs - wantedMs);
  return differenceMs + (differenceMs > TOLERATED_MS ? FAULT_MS : 0) + (isPlain ? 0 : NOT_PLAIN_MS);
}

/** What was heard and what was to be heard, in ms: words that ran together with the gaps between them, parts without. */
function lengthsMs({ words, sounds }: Match): readonly [gotMs: number, wantedMs: number] {
  return [sounds.reduce((sum, sound) => sum + lengthMs(sound), 0), spanMs(words)];
}

/** How much longer the gaps are, between words and inside of them. */
function pausesOf(matches: readonly Match[]): number {
  let pausesMs = 0;
  let before: { readonly word: Burst; readonly sound: Burst } | undefined;
  for (const { words, sounds } of matches) {
    const [word, sound] = [words[0], sounds[0]];
    if (word === undefined || sound === undefined) continue;
    if (before !== undefined)
      pausesMs += longerBy(sound.startMs - before.sound.endMs, word.startMs - before.word.endMs);
    pausesMs += spanMs(sounds) - sounds.reduce((sum, part) => sum + lengthMs(part), 0);
    before = { word: words.at(-1) ?? word, sound: sounds.at(-1) ?? sound };
  }
  return pausesMs;
}

function longerBy(gapMs: number, thanMs: number): number {
  return Math.max(0, gapMs - thanMs - TOLERATED_MS) > 0 ? gapMs - thanMs : 0;
}

function lengthMs({ startMs, endMs }: Burst): number {
  return endMs - startMs;
}

function spanMs(bursts: readonly Burst[]): number {
  return (bursts.at(-1)?.endMs ?? 0) - (bursts[0]?.startMs ?? 0);
}
