/** A turn that the caller has begun and nobody has ended yet: what was heard of it, and what was asked about its present pause. */
import type { Named } from './answered-by.js';
import type { OverlapEvidence } from './overlap.js';
import type { Question } from './question.js';
import { type HeardWord, textOf } from './words.js';

/** One stretch of words that the recogniser will not change any more. */
interface FinalWords {
  readonly words: readonly HeardWord[];
  /** 0 to 1. */
  readonly confidence: number;
}

/** Sums over the voiced windows of speech that overlaps the agent's, for its judge. */
export interface OverlapSound {
  readonly windows: number;
  readonly probability: number;
  readonly pitched: number;
  /** Sum over the windows whose level was measured. */
  readonly levelDb: number;
  readonly levels: number;
  readonly echo: number;
}

/** The last committed turn, while what is said next may still be its second half. */
export interface AnsweredTurn {
  readonly text: string;
  readonly confidence: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** When the agent's reply began to sound. */
  readonly soundedAtMs: number | undefined;
  /** What it was an answer to. */
  readonly question: Question;
}

export interface OpenTurn {
  readonly startedAtMs: number;
  /** Voice before the present stretch, in ms. */
  readonly earlierVoicedMs: number;
  readonly finals: readonly FinalWords[];
  readonly finalAtMs: number | undefined;
  /** Who told the last final; before there is one, the last words. */
  readonly heardBy: Named | undefined;
  readonly interim: readonly HeardWord[];
  readonly wordsChangedAtMs: number | undefined;
  readonly lastInterimAtMs: number | undefined;
  /** When the voice of its last stretch was taken for ended. */
  readonly vadEndedAtMs: number | undefined;
  /** Whether events are kept from the framework until the overlap with the agent is judged. */
  readonly isHeld: boolean;
  /** It has stopped a reply, or one that was on its way: the caller is owed an answer whatever its words turn out to be. */
  readonly hasInterrupted: boolean;
  /** Whether the agent's voice is paused until then. */
  readonly isHushed: boolean;
  readonly overlap: OverlapSound;
  /** What the agent says while the overlap is judged, as far as known. */
  readonly agentText: string;
  /** The turn before, if it was answered before its end: this one is its second half. */
  readonly firstHalf: AnsweredTurn | undefined;
  /** The words that a reply was begun to. */
  readonly draftedText: string | undefined;
  /** Nothing of that reply could be heard yet: to take the turn for over would gain nothing. */
  readonly isDraftPending: boolean;
  /** The present pause: what was asked for in it and what came. */
  readonly finalizeAskedAtMs: number | undefined;
  readonly isFinalized: boolean;
  readonly scoresAsked: number;
  readonly scores: readonly number[];
}

const NO_OVERLAP: OverlapSound = Object.freeze({
  windows: 0,
  probability: 0,
  pitched: 0,
  levelDb: 0,
  levels: 0,
  echo: 0,
});

export function openedTurn(
  startedAtMs: number,
  { echo, ...over }: Pick<OpenTurn, 'isHeld' | 'firstHalf' | 'agentText'> & Pick<OverlapSound, 'echo'>,
): OpenTurn {
  return {
    startedAtMs,
    earlierVoicedMs: 0,
    finals: [],
    finalAtMs: undefined,
    heardBy: undefined,
    interim: [],
    wordsChangedAtMs: undefined,
    lastInterimAtMs: undefined,
    vadEndedAtMs: undefined,
    draftedText: undefined,
    isDraftPending: false,
    hasInterrupted: false,
    isHushed: false,
    overlap: { ...NO_OVERLAP, echo },
    ...over,
    ...NEW_PAUSE,
  };
}

/** What is known of a pause that has just begun: nothing. */
export const NEW_PAUSE = Object.freeze({
  finalizeAskedAtMs: undefined,
  isFinalized: false,
  scoresAsked: 0,
  scores: [],
});

/** Words kept of one turn: 20 minutes of babble at three words a second are cut, no order is. */
const MAX_WORDS = 1_500;

/** What a recogniser told at an instant. */
interface ToldWords {
  readonly words: readonly HeardWord[];
  readonly atMs: number;
  readonly by?: Named | undefined;
}

export function withInterim(turn: OpenTurn, { words, by }: ToldWords): OpenTurn {
  const isNewest = turn.finalAtMs === undefined && textOf(words) !== '';
  const heardBy = isNewest ? by : turn.heardBy;
  return { ...turn, interim: words, heardBy };
}

export function withFinal(
  turn: OpenTurn,
  { words, confidence, atMs, by }: ToldWords & { readonly confidence: number },
): OpenTurn {
  if (textOf(words) === '') return { ...turn, interim: [] };
  const room = MAX_WORDS - turn.finals.reduce((count, final) => count + final.words.length, 0);
  const final: FinalWords = { words: words.slice(0, Math.max(0, room)), confidence };
  const finals = [...turn.finals.slice(1 - MAX_WORDS), final];
  return { ...turn, finals, interim: [], finalAtMs: atMs, heardBy: by };
}

export function wordsOf(turn: OpenTurn): readonly HeardWord[] {
  return [...turn.finals.flatMap(({ words }) => words), ...turn.interim.slice(0, MAX_WORDS)];
}

/** Words that never became final count half: the recogniser itself was not sure of them yet. */
const UNCONFIRMED_CONFIDENCE = 0.5;

/** A turn is as sure as its least sure part: an order is wrong with one wrong word of ten. */
export function confidenceOf(turn: OpenTurn): number {
  const parts = turn.finals.map((final) => final.confidence);
  if (turn.interim.length > 0) parts.push(UNCONFIRMED_CONFIDENCE);
  const confidence = Math.min(...parts);
  return confidence >= 0 && confidence <= 1 ? confidence : 0;
}

/** Adds one voiced window to what the judge of overlaps is told. */
export function withOverlapWindow(
  overlap: OverlapSound,
  window: {
    readonly probability: number;
    readonly levelDb?: number;
    readonly pitchHz?: number;
    readonly echo?: number;
  },
): OverlapSound {
  const { levelDb } = window;
  return {
    windows: overlap.windows + 1,
    probability: overlap.probability + window.probability,
    pitched: overlap.pitched + (window.pitchHz === undefined ? 0 : 1),
    levelDb: overlap.levelDb + (levelDb ?? 0),
    levels: overlap.levels + (levelDb === undefined ? 0 : 1),
    echo: window.echo ?? overlap.echo,
  };
}

/** What the judge is told of an overlap. */
export function overlapEvidence(
  turn: OpenTurn,
  { atMs, voicedMs, silenceMs, language }: { atMs: number; voicedMs: number; silenceMs: number; language: string },
): OverlapEvidence {
  const { windows, probability, pitched, levelDb, levels, echo } = turn.overlap;
  const count = Math.max(1, windows);
  const words = wordsOf(turn);
  return {
    sinceOnsetMs: Math.max(0, atMs - turn.startedAtMs),
    voicedMs,
    silenceMs,
    words,
    text: textOf(words),
    isFinalized: turn.isFinalized,
    meanProbability: probability / count,
    pitchedShare: pitched / count,
    // NaN where no level was measured: the judge knows it as that.
    levelDb: levelDb / levels,
    echo,
    agentText: turn.agentText,
    language,
  };
}
