import { type AskAgainSettings, type Asked, CONFIDENT, type WhatNext, whatNext } from '../turn/ask-again.js';
import { continuationOf } from '../turn/continuation.js';
import { addedTo } from '../turn/spoken-words.js';
import type { Turn } from './turn.js';

/** What the two decisions about committed words need to remember of a call: what was asked, and which turns are not told. */
export class CommittedWords {
  readonly #settings: AskAgainSettings;
  #asked: Asked | undefined;
  /** The turns in which there was nothing but asking what the caller had said. */
  #exchange: Turn[] = [];
  /** Turns that the language model is not told of. */
  readonly #untold = new Set<Turn>();

  constructor(settings: AskAgainSettings) {
    this.#settings = settings;
  }

  /**
   * Decides on a turn's words.
   * @param continued - The turn that they go on from, when that was answered too soon: they begin with its words.
   * @returns What is to be done, with the words as the language model is to see them.
   */
  take(heard: { readonly text: string; readonly confidence: number }, continued: Turn | undefined): WhatNext {
    const { next, untold } = this.consider(heard, continued);
    for (const turn of untold) this.#untold.add(turn);
    this.#asked = next.kind === 'act' ? undefined : next.asked;
    if (next.kind === 'act') this.#exchange = [];
    return next;
  }

  /** What {@link take} would decide, and which turns the model would not be told of any more. Nothing is remembered. */
  consider(
    heard: { readonly text: string; readonly confidence: number },
    continued: Turn | undefined,
  ): { readonly next: WhatNext; readonly untold: readonly Turn[] } {
    const earlier = withEarlier(continued);
    const { text, hides } = continuationOf(
      wholeText(heard.text, continued),
      earlier.map(({ told, changedSomething }) => ({ text: told, changedSomething })),
    );
    const words = { text, confidence: heard.confidence, continues: continued !== undefined };
    const next = whatNext(words, this.#asked, this.#settings);
    const hidden = earlier.filter((_turn, index) => hides[index]);
    // Told as one sure message, what was asked about it would only be noise.
    const resumed = next.kind === 'act' && next.resumes ? this.#exchange : [];
    return { next, untold: [...hidden, ...resumed] };
  }

  /** Remembers the turn of words that were asked about. */
  noteAsked(turn: Turn): void {
    this.#exchange.push(turn);
  }

  /** The caller has changed over to typing: nothing is asked any more. */
  forget(): void {
    this.#asked = undefined;
    this.#exchange = [];
  }

  /**
   * The items of a conversation that the language model is told.
   * @param also - Further turns that it is not told of.
   */
  told<Item extends { readonly id: string; readonly callId?: string }>(
    items: readonly Item[],
    also: readonly Turn[] = [],
  ): Item[] {
    const untold = new Set([...this.#untold, ...also].flatMap((turn) => [...turn.itemIds]));
    return items.filter(({ id, callId }) => !untold.has(id) && !(callId !== undefined && untold.has(callId)));
  }
}

/** All that was said, with the words that a "yes" has confirmed in the place of the yes. */
function wholeText(heard: string, continued: Turn | undefined): string {
  if (continued === undefined || continued.told === continued.said) return heard;
  const added = addedTo(continued.said, heard);
  return added === undefined ? heard : `${continued.told} ${added}`.trim();
}

/** A turn and those whose words it began with, oldest first. */
function withEarlier(turn: Turn | undefined): Turn[] {
  return turn === undefined ? [] : [...withEarlier(turn.continued), turn];
}

/** What was done with words that were heard with too little confidence, for counting; `undefined` for sure ones. */
export function unsureAction(heard: { readonly confidence: number }, next: WhatNext): string | undefined {
  if (heard.confidence >= CONFIDENT) return undefined;
  if (next.kind !== 'act') return next.kind;
  return next.confidence >= CONFIDENT ? 'answer' : 'confirm';
}
