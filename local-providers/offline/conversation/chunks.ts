/** Cuts words into the pieces an order is made of, longest first. */
import type { Lexicon } from './lexicon.js';

export type Chunk =
  | { readonly type: 'drink'; readonly value: string; readonly plural: boolean }
  | { readonly type: 'size' | 'roast' | 'shots' | 'sweetener' | 'amount'; readonly value: string }
  /** Bare: the kind alone, without the word "milk". */
  | { readonly type: 'milk'; readonly value: string; readonly bare: boolean }
  | { readonly type: 'number'; readonly value: number }
  | {
      readonly type: 'one-more-shot' | 'article' | 'with' | 'and' | 'no' | 'not' | 'instead-of' | 'instead' | 'another';
    }
  /** No milk, and with `plain` no sweetener either. */
  | { readonly type: 'black' | 'plain' }
  | { readonly type: 'correction' }
  | { readonly type: 'glue'; readonly asking: boolean; readonly word: string }
  | { readonly type: 'unknown'; readonly word: string };

interface Entry {
  readonly words: readonly string[];
  readonly chunk: Chunk;
}

/** Words of asking for something: before an order, or after "and"; in the midst of one they mean it was misheard. */
const ASKING =
  `i i'd i'll i've i'm would will like want have get take need can could may might you we us me make give brew let order
  order's to love my for it that this one do try go grab is am be looking add we'd let's think going gonna bring pour fix
  prepare put use`.split(/\s+/);
const ASKING_PHRASES = [
  'is it possible to get',
  'was wondering if',
  'do you think',
  'to order',
  'how about',
  'go with',

  'what about',
];

/** Words that may stand anywhere and carry nothing. */
const POLITE = [
  'please',
  'thanks',
  'thank',
  'just',
  'also',
  'too',
  'then',
  'here',
  'hot',
  'today',
  'right now',
  'excuse me',
  'both',
  'all of them',
  'each',
];
const POLITE_PHRASES = [
  ...[
    'to go',
    'to drink',
    'for me',
    'for here',
    'on it',
    'in it',
    'in there',
    'in that',
    'to that',
    'to it',
    'in',
    'cup',
  ],
  ...['cup of', 'mug', 'mug of', 'glass', 'glass of', 'cups of'],
];

/** What callers say to take back the words before. */
const CORRECTIONS = [
  'no',
  'no wait',
  'wait',
  'wait no',
  'no sorry',
  'sorry',
  'i mean',
  'i meant',
  'actually',
  'rather',
];
const CORRECTION_PHRASES = ['make that', 'make it', 'scratch that', 'no make that', 'no make it', 'or rather', 'oh no'];

const NUMBERS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const SHOTS_BY_NUMBER: Readonly<Record<string, string>> = { one: 'single', two: 'double', three: 'triple' };

/** Ways to say an amount, by the value that stands for it; a value the tool does not take is not understood. */
const AMOUNT_WORDS: Readonly<Record<string, readonly string[]>> = {
  'a little bit': ['a little bit of', 'little bit of', 'a little bit', 'a little', 'little', 'just a little'],
  'a bit': ['a bit of', 'bit of', 'a splash of', 'a dash of'],
  some: ['some'],
  lots: ['lots of', 'lots', 'a lot of', 'lot of', 'plenty of', 'extra'],
};

export type Chunker = (words: readonly string[]) => Chunk[];

/** @returns A function that cuts words by this lexicon; make it once per lexicon. */
export function createChunker(lexicon: Lexicon): Chunker {
  const entries = new Map<string, Entry[]>();
  const add = (phrase: string, chunk: Chunk): void => {
    const words = phrase.split(' ');
    const first = words[0] ?? '';
    entries.set(first, [...(entries.get(first) ?? []), { words, chunk }]);
  };
  // What is added first wins among phrases of one length: the words of the menu before all others.
  for (const drink of lexicon.drink) {
    add(drink, { type: 'drink', value: drink, plural: false });
    add(`${drink}s`, { type: 'drink', value: drink, plural: true });
  }
  addModifiers(lexicon, add);
  for (const article of ['a', 'an', 'the', 'some']) add(article, { type: 'article' });
  for (const phrase of [
    'another shot',
    'an extra shot',
    'extra shot',
    'one more shot',
    'add a shot',
    'add an extra shot',
  ]) {
    add(phrase, { type: 'one-more-shot' });
  }
  for (const phrase of ['another', 'one more', 'the same']) add(phrase, { type: 'another' });
  add('with', { type: 'with' });
  for (const phrase of ['and', 'and also', 'plus', 'but']) add(phrase, { type: 'and' });
  for (const phrase of ['no', 'without', 'with no', 'with out', 'without any', 'hold the', "don't want", 'skip the']) {
    add(phrase, { type: 'no' });
  }
  add('not', { type: 'not' });
  for (const phrase of ['instead of', 'rather than']) add(phrase, { type: 'instead-of' });
  add('black', { type: 'black' });
  for (const phrase of ['nothing in it', 'with nothing in it']) add(phrase, { type: 'plain' });
  add('instead', { type: 'instead' });
  for (const phrase of [...CORRECTIONS.slice(1), ...CORRECTION_PHRASES]) add(phrase, { type: 'correction' });
  NUMBERS.forEach((word, index) => {
    add(word, { type: 'number', value: index + 1 });
  });
  add('a couple of', { type: 'number', value: 2 });
  for (const word of [...ASKING, ...ASKING_PHRASES]) add(word, { type: 'glue', asking: true, word });
  for (const word of [...POLITE, ...POLITE_PHRASES]) add(word, { type: 'glue', asking: false, word });
  for (const list of entries.values()) list.sort((a, b) => b.words.length - a.words.length);

  return (words) => {
    const chunks: Chunk[] = [];
    for (let at = 0; at < words.length; ) {
      const word = words[at] ?? '';
      const entry = entries.get(word)?.find((candidate) => candidate.words.every((part, i) => words[at + i] === part));
      chunks.push(entry?.chunk ?? { type: 'unknown', word });
      at += entry?.words.length ?? 1;
    }
    return chunks;
  };
}

function addModifiers(lexicon: Lexicon, add: (phrase: string, chunk: Chunk) => void): void {
  for (const size of lexicon.size) add(size, { type: 'size', value: size });
  for (const roast of lexicon.roast) {
    add(`${roast} roast`, { type: 'roast', value: roast });
    add(`${roast} roasted`, { type: 'roast', value: roast });
    // "medium" alone is a size.
    if (!lexicon.size.includes(roast)) add(roast, { type: 'roast', value: roast });
  }
  for (const shots of lexicon.shots) {
    for (const phrase of [`${shots} shot`, `${shots} shots`, shots]) add(phrase, { type: 'shots', value: shots });
  }
  for (const [number, shots] of Object.entries(SHOTS_BY_NUMBER)) {
    if (!lexicon.shots.includes(shots)) continue;
    for (const phrase of [`${number} shot`, `${number} shots`]) add(phrase, { type: 'shots', value: shots });
  }
  for (const milk of lexicon.milk) {
    const whole = milk === 'milk' || milk === 'cream';
    add(milk, { type: 'milk', value: milk, bare: !whole });
    if (!whole) add(`${milk} milk`, { type: 'milk', value: milk, bare: false });
  }
  for (const sweetener of lexicon.sweetener) {
    add(sweetener, { type: 'sweetener', value: sweetener });
    // Spoons are not counted here: what is read back says that it is just sweetened.
    for (const spoons of ['one', 'two', 'a couple of']) {
      for (const plural of [sweetener, `${sweetener}s`])
        add(`${spoons} ${plural}`, { type: 'sweetener', value: sweetener });
    }
  }
  for (const [amount, phrases] of Object.entries(AMOUNT_WORDS)) {
    if (!lexicon.milkAmount.includes(amount)) continue;
    for (const phrase of phrases) add(phrase, { type: 'amount', value: amount });
  }
}
