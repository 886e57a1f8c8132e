/**
 * Draws that two workers under test can share: common random numbers. What is drawn then depends on what a request is for, and
 * on how often that was asked for before, and not on what else a call has asked: a worker that speculates, hedges or cuts its
 * clauses otherwise finds the same model as slow at the same turn as one that does not.
 */
import type { ChatMessage } from '../engine.js';
import { seededRandom } from '../random.js';
import type { Template, TemplateWord } from './template.js';

/** Who is asked. */
export type Drawing = 'stt' | 'llm' | 'tts';

/** An answer of the model's, for the synthesiser to find what it is a clause of. */
interface Answered {
  readonly about: string;
  /** As {@link plainWords} gives it. */
  readonly words: string;
}

/** Answers remembered: a clause belongs to one of the last, however many drafts there were. */
const REMEMBERED = 40;

/** The draws of one call's script. */
export class PairedDraws {
  /** How often each was asked for. */
  readonly #ordinals = new Map<string, number>();
  #answers: readonly Answered[] = [];

  /** A source of numbers for one more request of this kind: the n-th one draws the same under the same seed, whatever the call. */
  next(seed: number, drawing: Drawing, about: string): () => number {
    const key = `${drawing} ${about}`;
    const ordinal = (this.#ordinals.get(key) ?? 0) + 1;
    this.#ordinals.set(key, ordinal);
    return seededRandom(seed, drawing, about, ordinal);
  }

  /** The model was asked, and this is what it answers. @param about - As {@link askedAbout} gives it. */
  noteAnswer(about: string, text: string): void {
    this.#answers = [...this.#answers, { about, words: plainWords(text) }].slice(-REMEMBERED);
  }

  /**
   * What a text to be spoken is: the place of its first word in the latest answer that it stands in. So the beginning of an
   * answer is one thing, whether a worker sends a clause of it or all; a text of the worker's own is itself.
   */
  spokenAbout(text: string): string {
    const words = plainWords(text);
    const of = this.#answers.findLast((answer) => placeOf(words, answer.words) !== undefined);
    return of === undefined ? words : `${of.about} / ${placeOf(words, of.words)}`;
  }
}

/**
 * What a request to the model is about: the caller's last words, how often they have been said by then, and whether tools have
 * answered since. Words of a draft that was dropped are another thing; case and punctuation are none.
 */
export function askedAbout(messages: readonly ChatMessage[]): string {
  const said = messages.filter(({ role }) => role === 'user').map(({ content }) => plainWords(content));
  const last = said.at(-1) ?? '';
  const times = said.filter((words) => words === last).length;
  const lastRole = messages.findLast(({ role }) => role !== 'system' && role !== 'developer')?.role;
  return `${last} / ${times}${lastRole === 'tool' ? ' / tools' : ''}`;
}

/** Which word of which turn is recognised. */
export function heardAbout(word: TemplateWord, turns: readonly (Template | undefined)[]): string {
  const turn = turns.findIndex((template) => template?.words.includes(word));
  return `${turn} / ${turns[turn]?.words.indexOf(word)}`;
}

/** Lower-cased words with one space between, nothing else. */
export function plainWords(text: string): string {
  return (text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? []).join(' ');
}

/** Where whole words stand among others, in characters. */
function placeOf(words: string, among: string): number | undefined {
  const at = words === '' ? -1 : ` ${among} `.indexOf(` ${words} `);
  return at === -1 ? undefined : at;
}
