/** Puts the pieces of an order together, and says where they do not fit. */
import type { Chunk } from './chunks.js';
import type { Slot } from './lexicon.js';
import { misfits } from './neighbours.js';

/** One drink as far as it was said; `none` is a milk or sweetener the caller does not want. */
export type Slots = { readonly drink?: string; readonly quantity?: number } & { readonly [name in Slot]?: string };

export type Problem =
  /** Two values for what can have one. */
  | { readonly kind: 'conflict'; readonly slot: Slot | 'drink'; readonly values: readonly string[] }
  /** Words that belong to no order, or pieces that stand where none can. */
  | { readonly kind: 'leftover'; readonly words: readonly string[] };

export interface Assembly {
  /** In the order they were said. At most one, the only one, lacks a drink. */
  readonly items: readonly Slots[];
  readonly problems: readonly Problem[];
  /** The caller asked for one more of something. */
  readonly another: boolean;
  readonly oneMoreShot: boolean;
}

/** Pieces that mean nothing where speech breaks off: "a latte with", "a mocha and a". */
const DANGLING: ReadonlySet<Chunk['type']> = new Set(['with', 'and', 'article', 'amount', 'instead']);
/** Pieces after which a new drink may begin. */
const BOUNDARIES: ReadonlySet<Chunk['type']> = new Set(['and', 'number', 'another']);
/** Pieces that may stand before the drink they belong to. */
const PREFIXES: ReadonlySet<Chunk['type']> = new Set(['size', 'roast', 'shots', 'milk', 'black']);

/** @returns What was ordered. Never a value that is not in the pieces. */
export function assemble(all: readonly Chunk[]): Assembly {
  const chunks = withoutDangling(all);
  const assembler = new Assembler(chunks);
  return assembler.run();
}

function withoutDangling(chunks: readonly Chunk[]): readonly Chunk[] {
  const end = chunks.findLastIndex((chunk) => !DANGLING.has(chunk.type) && !(chunk.type === 'glue' && !chunk.asking));
  return chunks.slice(0, end + 1);
}

class Assembler {
  readonly #chunks: readonly Chunk[];
  readonly #items: Slots[] = [];
  readonly #problems: Problem[] = [];
  /** What was said before the drink it belongs to. */
  #prefix: Slots = {};
  #amount: string | undefined;
  #negated = false;
  /** A new drink may begin: something parts it from the one before. */
  #boundary = true;
  #another = false;
  #oneMoreShot = false;

  constructor(chunks: readonly Chunk[]) {
    this.#chunks = chunks;
  }

  run(): Assembly {
    this.#chunks.forEach((chunk, index) => {
      this.#take(chunk, index);
    });
    if (this.#amount !== undefined && this.#amount !== 'some') this.#leave(this.#amount);
    if (this.#negated) this.#leave('no');
    const misplaced = misfits(this.#chunks);
    if (misplaced.length > 0) this.#leave(...misplaced);
    if (Object.keys(this.#prefix).length > 0) this.#items.push(this.#prefix);
    return { items: this.#items, problems: this.#problems, another: this.#another, oneMoreShot: this.#oneMoreShot };
  }

  #take(chunk: Chunk, index: number): void {
    if (BOUNDARIES.has(chunk.type)) this.#boundary = true;
    switch (chunk.type) {
      case 'drink':
        this.#takeDrink(chunk.value, chunk.plural);
        break;
      case 'size':
      case 'roast':
      case 'shots':
        this.#set(index, chunk.type, chunk.value);
        break;
      case 'milk':
      case 'sweetener':
        this.#takeAddition(index, chunk.type, chunk.value);
        break;
      case 'amount':
        if (this.#amount !== undefined && this.#amount !== 'some') this.#leave(this.#amount);
        this.#amount = chunk.value;
        break;
      case 'number':
        this.#takeNumber(index, chunk.value);
        break;
      case 'another':
        this.#another = true;
        break;
      case 'one-more-shot':
        this.#oneMoreShot = true;
        break;
      case 'no':
        this.#negated = true;
        break;
      case 'black':
      case 'plain':
        this.#set(index, 'milk', 'none');
        if (chunk.type === 'plain') this.#set(index, 'sweetener', 'none');
        break;
      case 'not':
      case 'instead-of':
      case 'correction':
        this.#leave(chunk.type === 'not' ? 'not' : 'instead of');
        break;
      case 'unknown':
        this.#leave(chunk.word);
        break;
      case 'and':
      case 'with':
      case 'article':
      case 'glue':
      case 'instead':
        break;
    }
  }

  #takeDrink(drink: string, plural: boolean): void {
    if (this.#amount !== undefined && this.#amount !== 'some') this.#leave(this.#amount);
    this.#amount = undefined;
    if (this.#negated) this.#leave('no', drink);
    this.#negated = false;
    const previous = this.#items.at(-1)?.drink;
    if (previous !== undefined && !this.#boundary) {
      this.#problems.push({ kind: 'conflict', slot: 'drink', values: [previous, drink] });
    }
    const { quantity } = this.#prefix;
    // "Two latte" is more often a misheard "a latte", and "eight latte" a lost "eight ounce", than a number of them.
    if (quantity !== undefined && quantity > 1 && !plural) this.#leave(String(quantity));
    // "lattes" without a number is more than one, but how many was not heard.
    if (plural && quantity === undefined) this.#leave(`${drink}s`);
    this.#items.push({ ...this.#prefix, drink });
    this.#prefix = {};
    this.#boundary = false;
  }

  #takeAddition(index: number, slot: 'milk' | 'sweetener', value: string): void {
    const negated = this.#negated;
    this.#negated = false;
    const amount = this.#amount;
    this.#amount = undefined;
    this.#set(index, slot, negated ? 'none' : value);
    if (amount !== undefined && !negated) this.#set(index, slot === 'milk' ? 'milkAmount' : 'sweetenerAmount', amount);
  }

  #takeNumber(index: number, value: number): void {
    const drinkFollows = this.#drinkFollows(index + 1);
    if (drinkFollows) this.#prefix = { ...this.#prefix, quantity: value };
    // "a large one" counts nothing.
    else if (value !== 1) this.#leave(String(value));
  }

  /** Gives a value to the drink it belongs to: the next one when that follows at once, else the last one. */
  #set(index: number, slot: Slot, value: string): void {
    if (this.#negated) this.#leave('no');
    this.#negated = false;
    const last = this.#items.at(-1);
    const forNext = last === undefined || this.#drinkFollows(index + 1);
    if (!forNext) {
      this.#items[this.#items.length - 1] = this.#merged(last, slot, value);
      this.#boundary = false;
      return;
    }
    if (last !== undefined && (!this.#boundary || !PREFIXES.has(slot as Chunk['type']))) this.#leave(value);
    this.#prefix = this.#merged(this.#prefix, slot, value);
  }

  #merged(slots: Slots, slot: Slot, value: string): Slots {
    const old = slots[slot];
    if (old === undefined || old === value) return { ...slots, [slot]: value };
    this.#problems.push({ kind: 'conflict', slot, values: [old, value] });
    return slots;
  }

  /** Whether only what may stand before a drink lies between here and one. */
  #drinkFollows(from: number): boolean {
    for (const chunk of this.#chunks.slice(from)) {
      if (chunk.type === 'drink') return true;
      const passes = chunk.type === 'article' || chunk.type === 'number' || (chunk.type === 'glue' && !chunk.asking);
      if (!passes && !PREFIXES.has(chunk.type)) return false;
    }
    return false;
  }

  #leave(...words: string[]): void {
    this.#problems.push({ kind: 'leftover', words });
  }
}
