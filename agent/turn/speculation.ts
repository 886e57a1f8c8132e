/**
 * Whether a reply is begun before the turn is over: worth it as long as most of what is begun is used. Pure; bounded in memory.
 */

import { spokenWords } from './spoken-words.js';

/**
 * What became of a reply that was begun early: said; dropped because the words became others; dropped because the caller went on
 * without new words yet; or dropped because the call ended or was taken elsewhere, which says nothing about guessing.
 */
export type SpeculationOutcome = 'used' | 'changed' | 'resumed' | 'abandoned';

/** What is remembered of the speculations of a call. */
export interface Speculation {
  /** Whether each of the last {@link RECENT} that tell was used, oldest first. */
  readonly recent: readonly boolean[];
  readonly inFlight: number;
  /** What was wasted in the minute that runs. */
  readonly minute: { readonly fromMs: number; readonly tokens: number; readonly characters: number };
  /** All of the call. */
  readonly total: {
    readonly used: number;
    readonly wasted: number;
    readonly wastedTokens: number;
    readonly wastedCharacters: number;
  };
}

export interface SpeculationSettings {
  /** Tokens that may be wasted in a minute; at or above it, nothing is begun until the minute is over. */
  readonly ceilingTokensPerMinute: number;
  /** The same for characters that a voice was made for; none is counted when absent. */
  readonly ceilingCharactersPerMinute?: number;
  /** Share of recent speculations that are used, below which more is asked of the words; 0 to 1. */
  readonly leastHitRate: number;
}

/**
 * The ceiling is some 30 replies of 150 tokens or 60 of the usual 70: far above what a call wastes as long as its hit rate is
 * fair. Below half of them used, waiting costs less than guessing.
 */
export const SPECULATION_SETTINGS: SpeculationSettings = Object.freeze({
  ceilingTokensPerMinute: 4_500,
  leastHitRate: 0.5,
});

/** What is known at the moment when a reply may be begun. */
export interface Chance {
  /** Silence that will be waited for in all, and silence so far, in ms. */
  readonly waitMs: number;
  readonly silenceMs: number;
  readonly words: string;
  /** How long they have been the same, in ms. */
  readonly stableForMs: number;
  readonly isFinal: boolean;
}

export const NO_SPECULATION: Speculation = Object.freeze({
  recent: [],
  inFlight: 0,
  minute: { fromMs: 0, tokens: 0, characters: 0 },
  total: { used: 0, wasted: 0, wastedTokens: 0, wastedCharacters: 0 },
});

/** Outcomes that make up the recent rate. */
const RECENT = 20;
/** Outcomes below which there is no rate yet. */
const LEAST_OUTCOMES = 5;
/** Begun at once: the one that is dropped may still be ending while the next begins. */
const MOST_IN_FLIGHT = 2;
const MINUTE_MS = 60_000;
/** Stability that is asked of words that are not final, in ms: just below the least rate, and added to it at a rate of 0. */
const POOR_STABLE_MS = 300;
const WORST_ADDED_MS = 500;
/** One word alone becomes another most easily. */
const LEAST_WORDS_WHEN_POOR = 2;

/** Share of the recent speculations that were used; `undefined` while there are too few. */
export function hitRate({ recent }: Speculation): number | undefined {
  return recent.length < LEAST_OUTCOMES ? undefined : recent.filter(Boolean).length / recent.length;
}

/** Whether to begin a reply now. */
export function shouldSpeculate(
  state: Speculation,
  chance: Chance,
  nowMs: number,
  settings: SpeculationSettings = SPECULATION_SETTINGS,
): boolean {
  const words = spokenWords(chance.words).length;
  if (words === 0 || state.inFlight >= MOST_IN_FLIGHT) return false;
  // Nothing is gained where the turn is over now.
  if (chance.waitMs <= chance.silenceMs) return false;
  const { tokens, characters } = minuteAt(state, nowMs);
  if (tokens >= settings.ceilingTokensPerMinute) return false;
  if (characters >= (settings.ceilingCharactersPerMinute ?? Number.POSITIVE_INFINITY)) return false;
  const rate = hitRate(state) ?? 1;
  if (chance.isFinal || rate >= settings.leastHitRate) return true;
  const demandedMs = POOR_STABLE_MS + WORST_ADDED_MS * (1 - rate / settings.leastHitRate);
  return words >= LEAST_WORDS_WHEN_POOR && chance.stableForMs >= demandedMs;
}

/** Takes in that one has begun; without this, none in flight are counted. */
export function noteBegun(state: Speculation): Speculation {
  return { ...state, inFlight: state.inFlight + 1 };
}

/** Takes in how one ended, with what it has cost in vain. */
export function noteOutcome(
  state: Speculation,
  ended: {
    readonly outcome: SpeculationOutcome;
    readonly wastedTokens: number;
    readonly wastedCharacters: number;
  },
  nowMs: number,
): Speculation {
  const { outcome, wastedTokens, wastedCharacters } = ended;
  const minute = minuteAt(state, nowMs);
  const isUsed = outcome === 'used';
  const { total } = state;
  return {
    recent: outcome === 'abandoned' ? state.recent : [...state.recent, isUsed].slice(-RECENT),
    inFlight: Math.max(0, state.inFlight - 1),
    minute: {
      ...minute,
      tokens: minute.tokens + wastedTokens,
      characters: minute.characters + wastedCharacters,
    },
    total: {
      used: total.used + (isUsed ? 1 : 0),
      wasted: total.wasted + (isUsed ? 0 : 1),
      wastedTokens: total.wastedTokens + wastedTokens,
      wastedCharacters: total.wastedCharacters + wastedCharacters,
    },
  };
}

/** The minute that runs at an instant: a new one, with nothing wasted, when the last is over. */
function minuteAt({ minute }: Speculation, nowMs: number): Speculation['minute'] {
  return nowMs - minute.fromMs < MINUTE_MS ? minute : { fromMs: nowMs, tokens: 0, characters: 0 };
}
