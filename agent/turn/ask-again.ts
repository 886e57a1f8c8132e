/**
 * What is done with words that were heard with too little confidence: they are asked about ("Did you say ...?") before
 * anything is made of them, and a yes makes them as good as heard surely. Pure; the conversation says and remembers what is
 * decided here.
 */
import { isSmallTalk, readAnswer } from './answer.js';
import { addedTo, spokenWords } from './spoken-words.js';

/** Below it words are not acted upon but asked about (source 000's gate). */
export const CONFIDENT = 0.8;
/** A "yes" must be at least this certain; being one short word, it seldom reaches {@link CONFIDENT}. */
const YES_CONFIDENT = 0.5;
/** Questions in a row; then the words are handed on as they were heard, and the tools ask before they write. */
const ASKED_AT_MOST = 2;
/** Longest question's own words. What is longer is better read back by who understood it: a tool names three drinks in ten words. */
const READ_BACK_MAX_WORDS = 20;

/** An unsure answer of no more words than this is asked for again, and not about. */
const NO_ANSWER_MAX_WORDS = 2;
/** Who takes leave wants nothing of what was asked about. */
const LEAVES = /\b(?:good)?bye\b/i;

export interface HeardWords {
  readonly text: string;
  /** 0 to 1. */
  readonly confidence: number;
  /** The text begins with that of the turn before, which was answered too soon. */
  readonly continues: boolean;
}

/** What the caller was asked about in the turns just before. */
export interface Asked {
  /** Questions so far, in a row. */
  readonly times: number;
  /** Absent once the caller has said no. */
  readonly about?: { readonly text: string; readonly confidence: number };
  /** A yes came, but was hardly heard; a second one counts. */
  readonly hadFaintYes: boolean;
}

export type WhatNext =
  /** The text is to be acted upon, as sure as the confidence says; `resumes`: what was asked about is in it. */
  | { readonly kind: 'act'; readonly text: string; readonly confidence: number; readonly resumes: boolean }
  | { readonly kind: 'ask'; readonly question: string; readonly asked: Asked }
  /** "No", and nothing instead: the caller is asked to say it again. */
  | { readonly kind: 'repeat'; readonly asked: Asked };

export interface AskAgainSettings {
  /** BCP 47 tag; only English is asked about and understood as an answer. */
  readonly language: string;
  readonly asksAgain: boolean;
}

/** Decides what follows from a turn's words, given what the caller was asked about before them. */
export function whatNext(heard: HeardWords, asked: Asked | undefined, settings: AskAgainSettings): WhatNext {
  if (!settings.asksAgain || !/^en\b/i.test(settings.language)) return asHeard(heard);
  return asked?.about === undefined ? askIfUnsure(heard, asked) : takeAnswer(heard, asked, asked.about);
}

function takeAnswer(heard: HeardWords, asked: Asked, about: NonNullable<Asked['about']>): WhatNext {
  const answer = readAnswer(answerIn(heard, about.text));
  switch (answer.kind) {
    case 'yes': {
      const isClear = heard.confidence >= YES_CONFIDENT || asked.hadFaintYes;
      if (isClear) return { kind: 'act', text: about.text, confidence: 1, resumes: true };
      return resumed(askIfUnsure({ ...about, continues: false }, { ...asked, hadFaintYes: true }));
    }
    case 'no':
      return { kind: 'repeat', asked: { times: asked.times, hadFaintYes: false } };
    case 'more': {
      const confidence = answer.confirms ? heard.confidence : Math.min(heard.confidence, about.confidence);
      const whole = { text: `${about.text.replace(/[\s.!?,]+$/, '')} ${answer.text}`, confidence, continues: false };
      return resumed(askIfUnsure(whole, { ...asked, hadFaintYes: false }));
    }
    case 'other':
      // "Mm" answers nothing: what was asked about is neither dropped nor taken for sure.
      if (isNoAnswer(heard, answer.text)) return resumed(askIfUnsure({ ...about, continues: false }, asked));
      return askIfUnsure({ ...heard, text: answer.text }, { ...asked, hadFaintYes: false });
  }
}

/** "Mm", or a word or two that nobody can be sure of: a yes or a no, more likely than a new order. */
function isNoAnswer({ confidence }: HeardWords, text: string): boolean {
  if (LEAVES.test(text)) return false;
  return isSmallTalk(text) || (confidence < CONFIDENT && spokenWords(text).length <= NO_ANSWER_MAX_WORDS);
}

/** The caller may answer before the question is through; then the words asked about stand before the answer. */
function answerIn(heard: HeardWords, about: string): string {
  const added = heard.continues ? addedTo(about, heard.text) : undefined;
  if (added === undefined) return heard.text;
  const { kind } = readAnswer(added);
  return kind === 'yes' || kind === 'no' ? added : heard.text;
}

function askIfUnsure(heard: HeardWords, asked: Asked | undefined): WhatNext {
  const { text, confidence } = heard;
  const times = asked?.times ?? 0;
  if (confidence >= CONFIDENT || times >= ASKED_AT_MOST || isSmallTalk(text)) return asHeard(heard);
  const readBack = toReadBack(text);
  if (readBack === undefined) return asHeard(heard);
  const next: Asked = { times: times + 1, about: { text, confidence }, hadFaintYes: asked?.hadFaintYes ?? false };
  return { kind: 'ask', question: `Did you say: ${readBack}?`, asked: next };
}

function resumed(next: WhatNext): WhatNext {
  return next.kind === 'act' ? { ...next, resumes: true } : next;
}

function asHeard({ text, confidence }: HeardWords): WhatNext {
  return { kind: 'act', text, confidence, resumes: false };
}

const SOUNDS = /(?<![\p{L}'-])(?:u+h+m*|u+m+|e+r+m?|h+m+|m+h*m*)(?![\p{L}'-])[\s,.]*/giu;

/** The words as they are read back, on one breath; `undefined` when there are too many. */
function toReadBack(text: string): string | undefined {
  // The mark at an inner sentence's end would make the synthesiser stop there, as if the question were over.
  const plain = text
    .replace(SOUNDS, '')
    .trim()
    .replace(/[\s.!?,;:]+$/, '')
    .replace(/[.!?;:]+(?=\s)/g, ',');
  const { length } = spokenWords(plain);
  return length === 0 || length > READ_BACK_MAX_WORDS ? undefined : plain;
}
