/** What the words say about whether the caller has finished. */
import type { Question } from './question.js';
import { readShortAnswer } from './text/answers.js';
import { readClosing, readQuestionForm } from './text/endings.js';
import { readDanglingAttribute } from './text/noun-phrases.js';
import { readOpenEnd } from './text/open-ends.js';
import { readReadOut } from './text/read-outs.js';
import { readTail } from './text/tokens.js';
import type { HeardWord } from './words.js';

/**
 * What the words say about whether the turn is over. All numbers are 0 to 1 and finite: each is one feature of the wait, weighed
 * by data. Of other languages than English only `hasWords`, `sentenceEnd` and `fewWords` are known, the rest is 0.
 */
export interface TextEvidence {
  /** 1 when anything was understood at all. */
  readonly hasWords: number;
  /** The last word joins another clause: "and", "because". */
  readonly conjunctionEnd: number;
  /** The last word needs another: "with a", "can i get", "i'd", "a large". */
  readonly functionWordEnd: number;
  /** The last word plays for time: "um", "let me see". */
  readonly fillerEnd: number;
  /** How drawn out the word is that makes one of the three above; 0 when its beginning is not known. Recognisers make short ones of a breath. */
  readonly openEndLengthened: number;
  /** A number, date, name or address was begun and is not whole by its own structure. */
  readonly readOutUnfinished: number;
  readonly readOutComplete: number;
  /** All that was said is a short answer to what was asked. */
  readonly shortAnswer: number;
  /** "please", "thanks", "that's all". */
  readonly closing: number;
  /** A whole question. */
  readonly questionForm: number;
  /** The recogniser ends a sentence behind the last word. */
  readonly sentenceEnd: number;
  /** 1 for one word, 0.5 for two, less where these are a short answer. */
  readonly fewWords: number;
}

/** Sound of an open last word at and below which it was said in passing, and from which it was drawn out, in ms. */
const PASSING_MS = 150;
const DRAWN_OUT_MS = 250;

const SENTENCE_END = /(?:^|[^.])\.$|[!?。！？]$/u;

/**
 * Reads the evidence of the words: cheap enough for every window, whatever the length (only the last words count).
 * @param words - What was understood of the turn, oldest first.
 * @param language - BCP 47 tag.
 * @param question - What the agent asked last.
 */
export function readText(words: readonly HeardWord[], language: string, question: Question): TextEvidence {
  const { tokens, mark, lastWordMs } = readTail(words);
  const count = tokens.length;
  const plain: TextEvidence = {
    ...NO_EVIDENCE,
    hasWords: count > 0 ? 1 : 0,
    sentenceEnd: SENTENCE_END.test(mark) ? 1 : 0,
    fewWords: count === 1 ? 1 : count === 2 ? 0.5 : 0,
  };
  return count > 0 && /^en\b/i.test(language) ? withEnglish(plain, tokens, mark, lastWordMs, question) : plain;
}

const NO_EVIDENCE: TextEvidence = Object.freeze({
  ...{ hasWords: 0, conjunctionEnd: 0, functionWordEnd: 0, fillerEnd: 0, openEndLengthened: 0, readOutUnfinished: 0 },
  ...{ readOutComplete: 0, shortAnswer: 0, closing: 0, questionForm: 0, sentenceEnd: 0, fewWords: 0 },
});

function withEnglish(
  plain: TextEvidence,
  tokens: readonly string[],
  mark: string,
  lastWordMs: number,
  question: Question,
): TextEvidence {
  const end = readOpenEnd(tokens);
  const readOut = readReadOut(tokens, question);
  const dangling = readDanglingAttribute(tokens, question);
  // A letter, digit or "at" that belongs to a read-out is no article or preposition.
  const isReadOut = readOut.unfinished > 0 || readOut.complete > 0;
  const functionWord = isReadOut ? dangling : Math.max(end.functionWord, dangling);
  const isOpen = Math.max(end.conjunction, functionWord, end.filler);
  const shortAnswer = readShortAnswer(tokens, question) * (1 - Math.max(end.conjunction, end.filler, functionWord));
  const isWhole = isOpen < 0.5 && readOut.unfinished < 0.5;
  return {
    ...plain,
    conjunctionEnd: end.conjunction,
    functionWordEnd: functionWord,
    fillerEnd: end.filler,
    openEndLengthened: isOpen * drawnOut(lastWordMs),
    readOutUnfinished: readOut.unfinished,
    readOutComplete: readOut.complete,
    shortAnswer,
    closing: isOpen < 1 ? readClosing(tokens) : 0,
    questionForm: /[?？]/.test(mark) ? 1 : isWhole ? readQuestionForm(tokens) : 0,
    fewWords: plain.fewWords * (1 - shortAnswer),
  };
}

function drawnOut(lastWordMs: number): number {
  const share = (lastWordMs - PASSING_MS) / (DRAWN_OUT_MS - PASSING_MS);
  return Number.isNaN(share) ? 0 : Math.min(1, Math.max(0, share));
}
