import { FRAME_MS, SILENCE_DBFS } from './levels.js';
import type { ScriptWord } from './script.js';

/** How far below a recording's loudest frame speech still counts as speech, in dB (docs/sources.md). */
const SPEECH_RANGE_DB = 30;
/** Speech or not when nothing is known of the recording's level, in dBFS. */
const DEFAULT_GATE_DBFS = -50;
/** Above this much over the gate, louder is no better evidence, in dB. */
const LEVEL_CAP_DB = 40;
/** Level over the gate that words have when their recording's envelope is not known, in dB. */
const ASSUMED_LEVEL_DB = 20;

/** One utterance as it should sound: a level over the gate for each 10 ms, and the words by frame. */
export interface Template {
  /** Frames above this are voiced, in dBFS; in what arrives as in the recording. */
  readonly gateDbfs: number;
  /** For each frame of the recording: dB over the gate, 0 to {@link LEVEL_CAP_DB}. */
  readonly levels: readonly number[];
  readonly firstVoiced: number;
  readonly lastVoiced: number;
  readonly words: readonly TemplateWord[];
  /** Share of a word's voiced frames that must be voiced on arrival. */
  readonly neededShare: number;
  /**
   * Likeness below which what is heard is not this utterance but another sound: with little evidence, and with much. A clear
   * line gives more than 0.7 at once; a poor one is believed after a while.
   */
  readonly neededLikeness: { readonly early: number; readonly late: number };
}

export interface TemplateWord {
  readonly word: string;
  readonly punctuatedWord: string;
  readonly confidence: number;
  /** First frame of the word. */
  readonly startFrame: number;
  /** Frame after its last. */
  readonly endFrame: number;
  /**
   * Frames whose sound proves the word: its own, or, where the recording is silent all through the label (a slip of the
   * aligner), those of the word before or, for the first, after it.
   */
  readonly proof: { readonly startFrame: number; readonly endFrame: number };
}

/** Level of a received frame on a template's scale. */
export function levelOverGate(levelDbfs: number, gateDbfs: number): number {
  return Math.min(LEVEL_CAP_DB, Math.max(0, levelDbfs - gateDbfs));
}

/** @returns undefined when there is nothing to align by: no word and no sound. */
export function makeTemplate(words: readonly ScriptWord[], envelopeDbfs?: readonly number[]): Template | undefined {
  const spans = words.map((word, index) => {
    const isLast = index === words.length - 1;
    return {
      word: word.word.toLowerCase(),
      punctuatedWord: word.punctuatedWord ?? punctuate(word.word, index === 0, isLast),
      confidence: word.confidence,
      startFrame: Math.floor(word.startMs / FRAME_MS),
      endFrame: Math.max(Math.floor(word.startMs / FRAME_MS) + 1, Math.ceil(word.endMs / FRAME_MS)),
    };
  });
  const peak = Math.max(SILENCE_DBFS, ...(envelopeDbfs ?? []));
  const isHeard = peak > SILENCE_DBFS;
  const gateDbfs = isHeard ? peak - SPEECH_RANGE_DB : DEFAULT_GATE_DBFS;
  const levels = isHeard ? (envelopeDbfs ?? []).map((level) => levelOverGate(level, gateDbfs)) : levelsOfWords(spans);
  const isSounding = ({ startFrame, endFrame }: { startFrame: number; endFrame: number }): boolean =>
    levels.slice(startFrame, endFrame).some((level) => level > 0);
  const templateWords = spans.map((span, index): TemplateWord => {
    const proof = spans.slice(0, index + 1).findLast(isSounding) ?? spans.find(isSounding) ?? span;
    return { ...span, proof };
  });
  const firstVoiced = levels.findIndex((level) => level > 0);
  const lastVoiced = levels.findLastIndex((level) => level > 0);
  if (firstVoiced === -1) return undefined;
  // Words alone say when there is sound, but not how loud it is, so that less can be asked of what arrives.
  const needed = isHeard
    ? { neededShare: 0.5, neededLikeness: { early: 0.62, late: 0.35 } }
    : { neededShare: 0.3, neededLikeness: { early: 0.15, late: 0.15 } };
  return { gateDbfs, levels, firstVoiced, lastVoiced, words: templateWords, ...needed };
}

function levelsOfWords(words: readonly { readonly startFrame: number; readonly endFrame: number }[]): number[] {
  const levels = new Array<number>(Math.max(0, ...words.map((word) => word.endFrame))).fill(0);
  for (const word of words) levels.fill(ASSUMED_LEVEL_DB, word.startFrame, word.endFrame);
  return levels;
}

function punctuate(word: string, isFirst: boolean, isLast: boolean): string {
  const cased = word === 'i' || word.startsWith("i'") || isFirst ? word.charAt(0).toUpperCase() + word.slice(1) : word;
  return isLast ? `${cased}.` : cased;
}
