/**
 * The template language of the vocabulary file: plain words, `{slot}` for one of a named list, `[…]` for a part that may be
 * left out. Slots and optional parts may stand inside each other, but a slot may not contain itself.
 */

import type { Vocabulary } from '../../../wire/vocabulary.js';
import { seededRandom } from '../../random.js';

export type TemplatePart =
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'slot'; readonly name: string }
  | { readonly kind: 'optional'; readonly parts: readonly TemplatePart[] };

export type Template = readonly TemplatePart[];

/** Templates of one vocabulary, parsed and checked. */
export interface TemplateSet {
  readonly slots: ReadonlyMap<string, readonly Template[]>;
  readonly phrases: readonly { readonly template: Template; readonly weight: number }[];
}

/** The vocabulary file cannot be used; the message names every template at fault. */
export class VocabularyError extends Error {
  readonly code = 'VOCABULARY_INVALID';
  readonly retryable = false;
  override readonly name = 'VocabularyError';
}

/** Chance that an optional part is spoken. */
const OPTIONAL_PROBABILITY = 0.5;

/** Slot, bracket, word, anything else. */
const TOKEN = /\{([a-zA-Z0-9]+)\}|([[\]])|([a-z0-9'.-]+)|(\S)/g;

/**
 * Parses one template.
 * @throws VocabularyError when a bracket is left open or a character means nothing here.
 */
export function parseTemplate(text: string): Template {
  const stack: TemplatePart[][] = [[]];
  const fail = (reason: string) => {
    throw new VocabularyError(`The template "${text}" ${reason}. Correct it in the assistant's vocabulary.`);
  };
  for (const [, slot, bracket, word, other] of text.replace(/\s+/g, ' ').trim().matchAll(TOKEN)) {
    const parts = stack.at(-1) as TemplatePart[];
    if (slot !== undefined) parts.push({ kind: 'slot', name: slot });
    else if (word !== undefined) parts.push({ kind: 'word', word });
    else if (bracket === '[') stack.push([]);
    else if (bracket === ']') {
      if (stack.length === 1) fail('closes a "]" that was never opened');
      stack.pop();
      (stack.at(-1) as TemplatePart[]).push({ kind: 'optional', parts });
    } else fail(`holds "${other}", which is neither a lower-case word, {slot} nor [optional]`);
  }
  if (stack.length > 1) fail('leaves a "[" open');
  return stack[0] as TemplatePart[];
}

/**
 * Parses every template of a vocabulary and checks that the slots it names exist and do not contain themselves.
 * @throws VocabularyError
 */
export function parseTemplates(vocabulary: Pick<Vocabulary, 'slots' | 'phrases'>): TemplateSet {
  const slots = new Map(
    Object.entries(vocabulary.slots).map(([name, alternatives]) => [name, alternatives.map(parseTemplate)]),
  );
  const phrases = vocabulary.phrases.map(({ text, weight }) => ({
    template: parseTemplate(text),
    weight: weight ?? 1,
  }));
  const checked = new Set<string>();
  const check = (parts: Template, inside: readonly string[]): void => {
    for (const part of parts) {
      if (part.kind === 'optional') check(part.parts, inside);
      if (part.kind !== 'slot') continue;
      const alternatives = slots.get(part.name);
      if (alternatives === undefined) {
        throw new VocabularyError(
          `The vocabulary names {${part.name}}, but has no slot of that name. Add it to "slots".`,
        );
      }
      if (inside.includes(part.name)) {
        const path = [...inside, part.name].map((name) => `{${name}}`).join(' > ');
        throw new VocabularyError(`A slot of the vocabulary contains itself: ${path}. Spell one level out.`);
      }
      if (checked.has(part.name)) continue;
      for (const alternative of alternatives) check(alternative, [...inside, part.name]);
      checked.add(part.name);
    }
  };
  for (const [name, alternatives] of slots) for (const alternative of alternatives) check(alternative, [name]);
  for (const phrase of phrases) check(phrase.template, []);
  return { slots, phrases };
}

/** Every word the templates can produce, sorted. */
export function wordsOf({ slots, phrases }: TemplateSet): string[] {
  const words = new Set<string>();
  const collect = (parts: Template): void => {
    for (const part of parts) {
      if (part.kind === 'word') words.add(part.word);
      if (part.kind === 'optional') collect(part.parts);
    }
  };
  for (const alternatives of slots.values()) alternatives.forEach(collect);
  for (const phrase of phrases) collect(phrase.template);
  return [...words].sort();
}

/** Draws one sentence from a template. @param random - Uniform in [0, 1). */
export function sampleTemplate(template: Template, { slots }: TemplateSet, random: () => number): string[] {
  const sentence: string[] = [];
  const draw = (parts: Template): void => {
    for (const part of parts) {
      if (part.kind === 'word') sentence.push(part.word);
      else if (part.kind === 'optional') {
        if (random() < OPTIONAL_PROBABILITY) draw(part.parts);
      } else {
        const alternatives = slots.get(part.name) as readonly Template[];
        draw(alternatives[Math.floor(random() * alternatives.length)] as Template);
      }
    }
  };
  draw(template);
  return sentence;
}

/**
 * Draws a corpus in which each phrase has the share its weight asks for, and even the rarest at least `atLeast` sentences.
 * The same set, size and seed give the same corpus.
 */
export function* sampleCorpus(
  set: TemplateSet,
  { sentences, atLeast, seed }: { readonly sentences: number; readonly atLeast: number; readonly seed: number },
): Generator<readonly string[]> {
  const random = seededRandom('corpus', seed);
  const totalWeight = set.phrases.reduce((sum, phrase) => sum + phrase.weight, 0);
  for (const { template, weight } of set.phrases) {
    const share = Math.max(atLeast, Math.round((sentences * weight) / totalWeight));
    for (let index = 0; index < share; index += 1) {
      const sentence = sampleTemplate(template, set, random);
      if (sentence.length > 0) yield sentence;
    }
  }
}
