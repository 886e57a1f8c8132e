/** What the caller's words mean, taken by themselves. Pure: the same words and lexicon give the same understanding. */
import { assemble, type Problem, type Slots } from './assemble.js';
import { type Chunk, type Chunker, createChunker } from './chunks.js';
import { isOffTopic, type PlainIntent, plainIntent } from './intents.js';
import { type Lexicon, SLOTS } from './lexicon.js';
import { toWords } from './words.js';

export type Understanding =
  /** Drinks to order, everything understood. */
  | {
      readonly kind: 'order';
      readonly items: readonly Slots[];
      readonly another: boolean;
      readonly correcting: boolean;
    }
  /** Pieces without a drink: an answer, or a change of what stands. */
  | { readonly kind: 'fragment'; readonly slots: Slots; readonly correcting: boolean; readonly oneMoreShot: boolean }
  /** A change, said as one: "make it", "instead"; `which` is the drink it is about when that was named. */
  | { readonly kind: 'change'; readonly which?: string; readonly slots: Slots; readonly oneMoreShot: boolean }
  /** A bigger or a smaller cup than the one that stands. */
  | { readonly kind: 'resize'; readonly bigger: boolean }
  | { readonly kind: 'remove'; readonly which: string }
  /** An order by its sound, but not all of it fits. `items` is what was understood of it. */
  | {
      readonly kind: 'doubtful';
      readonly items: readonly Slots[];
      readonly problems: readonly Problem[];
      readonly changing: boolean;
    }
  | { readonly kind: 'price'; readonly item: Slots }
  | { readonly kind: 'have'; readonly words: string; readonly onMenu: boolean }
  | { readonly kind: 'plain'; readonly intent: PlainIntent }
  | { readonly kind: 'unclear' }
  | { readonly kind: 'silence' };

/** Longest sentence taken for an order or a question; what is longer is talk, not meant for a bar. */
const WORDS_MAX = 60;

const PRICE =
  /^(?:and )?(?:how much (?:do you charge for|is|are|for|would|does|do|will|cost)|(?:tell me )?what (?:is|would) the price (?:of|for)|what does|what do|price (?:of|for)|(?:tell me )?the price (?:of|for))(?: be)? (.+?)(?: cost| costs| be)?$/;
const HAVE =
  /^(?:do you (?:have|sell|serve|offer|make)|have you got|is there|are there|can i get you)(?: any| some| an| a)? (.+)$/;
const CHANGE_IT =
  /^(?:(?:can|could|would|will) you |let me |i'd like to |i want to |can i |could i |please )*(?:make|change|switch|turn) (?:it|that|this|my order|the order|my drink|that one|the last one)(?: to| into| with| be)?(?: (.+))?$/;
const CHANGE_DRINK =
  /^(?:(?:can|could|would|will) you |let me |i'd like to |i want to |can i |could i |please )*(?:make|change|switch) (?:the|my) (.+)$/;
const REMOVE =
  /^(?:(?:can|could|would|will) you |let me |i'd like to |i want to |can i |please )*(?:remove|take off|take out|delete|cancel|drop|leave out|skip|no|without|i don't want|don't make)(?: the| my| that| an| a)? (.+?)(?: from my order| from the order| off| out| after all| any ?more)?$/;
const MEANT =
  /^(?:(?:i'd|i would) rather(?: have)?|i (?:meant|mean|said|wanted|asked for|ordered)|it should be|it is|that should be) (.+)$/;
const LEADING =
  /^(?:hi there|hello there|hi|hello|hey|good morning|good afternoon|good evening|so|well|okay|yes please|yes|yeah|yep|sure|please|oh|and|then|also|alright|all right|great|thanks|thank you|i think|you know what|but|now|i am sorry(?: but)?|never mind) (.+)$/;
/** What people put after an order; none of it belongs to it. */
const CLOSING =
  /^(.+?)(?: and)? (?:that is (?:all|it|everything)|if (?:that is okay|you can|possible|that is possible)|when you get a chance|right now|today|for now|then|please|thanks|thank you|sorry|any ?more|after all|now)$/;
/** How a question about a drink begins, which is no order of it. */
const ASKING = /^(?!(?:how|what) about )(?:what|which|is|are|does|do|how|why|where|who|when|anything) /;
const TAKE_OUT =
  /^(?:(?:can|could|would|will) you |let me |i'd like to |i want to |please |and )*(?:(?:remove|take out|take off|leave out|leave off|skip|forget|drop|delete) (?:the )?(.+?)|(?:take|leave) the (.+?) (?:out|off))$/;
const CORRECTING =
  /^(?:no wait|no sorry|no no|no|nope|wait|sorry|actually|i changed my mind|on second thought|rather|oh no|oh sorry|not that|hold on|that is wrong|that is not right) (.+)$/;

const RESIZE =
  /^(?:(?:can|could|would|may|will) (?:you|i|we) |i'd like |i would like |i want |i need |i'll (?:have|take) |let me |please |make |get |have |give me |it |that |to |with |the )*(?:a |an |it |that )?(bigger|larger|smaller)(?: (?:one|size|cup|drink))?(?: instead)?$/;

export type Understander = (text: string) => Understanding;

/** @returns A function that understands callers by this lexicon; make it once per lexicon. */
export function createUnderstander(lexicon: Lexicon): Understander {
  const chunk = createChunker(lexicon);
  return (text) => understand(toWords(text), chunk);
}

function understand(words: readonly string[], chunk: Chunker): Understanding {
  if (words.length === 0) return { kind: 'silence' };
  if (words.length > WORDS_MAX) return { kind: 'unclear' };
  const plain = plainIntent(words);
  if (plain !== undefined) return { kind: 'plain', intent: plain };
  const { rest, correcting } = withoutOpening(withoutClosing(words.join(' ')));
  const shortened = plainIntent(rest.split(' '));
  if (shortened !== undefined) return { kind: 'plain', intent: shortened };
  const understood = question(rest, chunk) ?? change(rest, chunk) ?? order(chunk(rest.split(' ')), correcting);
  if (understood?.kind === 'doubtful' && ASKING.test(rest)) return { kind: 'unclear' };
  return understood ?? (isOffTopic(words) ? { kind: 'plain', intent: 'off-topic' } : { kind: 'unclear' });
}

/** Takes greetings, fillers and corrections off the front: "hi so um no i'd like a latte". */
function withoutOpening(sentence: string): { rest: string; correcting: boolean } {
  let rest = sentence;
  let correcting = false;
  for (;;) {
    const correction = CORRECTING.exec(rest)?.[1];
    const opening = LEADING.exec(rest)?.[1];
    // "no sugar" and "no milk" are wishes, not corrections; the order's own parser knows them.
    const next =
      correction !== undefined && !/^(?:no|nope) (?:\w+ )?(?:milk|cream|sugar|sweetener)\b/.test(rest)
        ? correction
        : opening;
    if (next === undefined) return { rest, correcting };
    correcting ||= next === correction;
    rest = next;
  }
}

function withoutClosing(sentence: string): string {
  let rest = sentence;
  for (let match = CLOSING.exec(rest); match?.[1] !== undefined; match = CLOSING.exec(rest)) rest = match[1];
  return rest;
}

function question(sentence: string, chunk: Chunker): Understanding | undefined {
  const priced = PRICE.exec(sentence)?.[1];
  if (priced !== undefined) {
    const { items, problems } = assemble(chunk(priced.split(' ')));
    const [item] = items;
    return item && items.length === 1 && problems.length === 0 ? { kind: 'price', item } : { kind: 'unclear' };
  }
  const wanted = HAVE.exec(sentence)?.[1];
  if (wanted === undefined) return undefined;
  const { items, problems } = assemble(chunk(wanted.split(' ')));
  return { kind: 'have', words: wanted, onMenu: items.length > 0 && problems.length === 0 };
}

function change(sentence: string, chunk: Chunker): Understanding | undefined {
  const removed = REMOVE.exec(sentence)?.[1];
  if (removed !== undefined) {
    const { items, problems } = assemble(chunk(removed.split(' ')));
    const drink = items[0]?.drink;
    if (drink !== undefined && items.length === 1 && problems.length === 0) return { kind: 'remove', which: drink };
  }
  const taken = TAKE_OUT.exec(sentence);
  if (taken !== null) {
    const { items, problems } = assemble(chunk((taken[1] ?? taken[2] ?? '').split(' ')));
    const { milk, sweetener, ...others } = items[0] ?? {};
    // One thing only: of "the milk and sugar" it is plain, of more than these two it is not.
    if (items.length === 1 && problems.length === 0 && Object.keys(others).length === 0) {
      const slots = {
        ...(milk !== undefined && { milk: 'none' }),
        ...(sweetener !== undefined && { sweetener: 'none' }),
      };
      return { kind: 'fragment', slots, correcting: false, oneMoreShot: false };
    }
  }
  const resized = RESIZE.exec(sentence)?.[1];
  if (resized !== undefined) return { kind: 'resize', bigger: resized !== 'smaller' };
  const it = CHANGE_IT.exec(sentence);
  if (it !== null) return asChange(chunk((it[1] ?? '').split(' ')), undefined);
  const named = CHANGE_DRINK.exec(sentence)?.[1];
  if (named !== undefined) {
    const [first, ...others] = chunk(named.split(' '));
    if (first?.type === 'drink' && !first.plural) return asChange(others, first.value);
    // "change the milk to soy": what it was is not needed, what it becomes is.
    const becomes = /^.+? (?:to|into) (.+)$/.exec(named)?.[1];
    if (becomes !== undefined) return asChange(chunk(becomes.split(' ')), undefined);
  }
  const chunks = chunk((MEANT.exec(sentence)?.[1] ?? sentence).split(' '));
  const insteadOf = chunks.findIndex((piece) => piece.type === 'instead-of');
  if (insteadOf >= 0) {
    const replaced = chunks.slice(insteadOf + 1).find((piece) => piece.type !== 'article');
    const which = replaced?.type === 'drink' ? replaced.value : undefined;
    return asChange(chunks.slice(0, insteadOf), which);
  }
  if (MEANT.test(sentence) || chunks.some((piece) => piece.type === 'instead')) return asChange(chunks, undefined);
  return undefined;
}

function asChange(chunks: readonly Chunk[], which: string | undefined): Understanding {
  const { items, problems, oneMoreShot } = assemble(withoutNots(chunks.filter((piece) => piece.type !== 'instead')));
  const quantity = quantityOnly(chunks);
  if (quantity !== undefined) return { kind: 'change', slots: { quantity }, oneMoreShot };
  if (problems.length > 0 || items.length > 1) return { kind: 'doubtful', items, problems, changing: true };
  const [slots] = items;
  if (slots === undefined && !oneMoreShot) return { kind: 'plain', intent: 'change' };
  return { kind: 'change', ...(which !== undefined && { which }), slots: slots ?? {}, oneMoreShot };
}

/** "make that two" */
function quantityOnly(chunks: readonly Chunk[]): number | undefined {
  const [number, ...others] = chunks.filter((piece) => piece.type !== 'article' && piece.type !== 'glue');
  return number?.type === 'number' && others.length === 0 ? number.value : undefined;
}

/** "large not small": what is denied is left out. */
function withoutNots(chunks: readonly Chunk[]): Chunk[] {
  return chunks.filter((piece, index) => {
    const before = chunks[index - 1]?.type === 'article' ? chunks[index - 2] : chunks[index - 1];
    return piece.type !== 'not' && before?.type !== 'not';
  });
}

function order(chunks: readonly Chunk[], correcting: boolean): Understanding | undefined {
  const at = correctionAt(chunks);
  if (at !== undefined) return corrected(chunks.slice(0, at), chunks.slice(at + 1));
  const { items, problems, another, oneMoreShot } = assemble(withoutNots(chunks));
  const [first] = items;
  if (first === undefined) {
    if (problems.length > 0 || !oneMoreShot) return undefined;
    return { kind: 'fragment', slots: {}, correcting, oneMoreShot };
  }
  // "The same but large": whether it is one more or a change was not said.
  const vague = another && items.every((item) => item.drink === undefined);
  if (problems.length > 0 || vague) return { kind: 'doubtful', items, problems, changing: false };
  if (items.length === 1 && first.drink === undefined)
    return { kind: 'fragment', slots: first, correcting, oneMoreShot };
  if (items.some((item) => item.drink === undefined)) return { kind: 'doubtful', items, problems, changing: false };
  // An extra shot in a new order is a double: one is in the drink anyway.
  const wished = oneMoreShot
    ? items.map((item) => (item.shots === undefined ? { ...item, shots: 'double' } : item))
    : items;
  if (oneMoreShot && (items.length > 1 || first.shots !== undefined))
    return { kind: 'doubtful', items, problems, changing: false };
  return { kind: 'order', items: wished.map(withoutNone), another, correcting };
}

/** Where the caller takes back what was said before: after something was said, and not before a "no sugar". */
function correctionAt(chunks: readonly Chunk[]): number | undefined {
  const index = chunks.findIndex((piece, at) => {
    if (!chunks.slice(0, at).some(isContent)) return false;
    if (piece.type === 'correction') return true;
    const next = chunks.slice(at + 1).find((after) => after.type !== 'article' && after.type !== 'amount');
    return piece.type === 'no' && next?.type !== 'milk' && next?.type !== 'sweetener';
  });
  return index < 0 ? undefined : index;
}

/** "a small latte, no, make that large": the later words win, and where it is not plain what they replace, it is asked. */
function corrected(before: readonly Chunk[], after: readonly Chunk[]): Understanding {
  const nested = correctionAt(after);
  const first = assemble(withoutNots(before));
  const second = assemble(
    withoutNots(after.filter((piece) => piece.type !== 'correction' && piece.type !== 'instead')),
  );
  const problems = [...first.problems, ...second.problems];
  const [old] = first.items;
  const [now] = second.items;
  if (old === undefined || now === undefined || nested !== undefined) {
    return {
      kind: 'doubtful',
      items: first.items,
      problems: [...problems, { kind: 'leftover', words: [] }],
      changing: false,
    };
  }
  const merged = withoutNone({ ...old, ...now });
  // The old drink's own wishes may or may not go with a new drink: asked, not guessed.
  const carriedOver = SLOTS.some((slot) => old[slot] !== undefined && now[slot] === undefined);
  const brokenOff = ['with', 'amount'].includes(before.at(-1)?.type ?? '');
  const plain = !brokenOff && first.items.length === 1 && second.items.length === 1 && problems.length === 0;
  const sure = plain && (now.drink === undefined || !carriedOver);
  if (!sure)
    return {
      kind: 'doubtful',
      items: [merged],
      problems: [...problems, { kind: 'leftover', words: [] }],
      changing: false,
    };
  if (merged.drink === undefined)
    return { kind: 'fragment', slots: { ...old, ...now }, correcting: true, oneMoreShot: false };
  return { kind: 'order', items: [merged], another: false, correcting: false };
}

/** In a new order "no sugar" is the same as no word of sugar. */
export function withoutNone(slots: Slots): Slots {
  const kept = Object.entries(slots).filter(([, value]) => value !== 'none');
  const result: Slots = Object.fromEntries(kept);
  const { milkAmount, sweetenerAmount, ...rest } = result;
  return {
    ...rest,
    ...(rest.milk !== undefined && milkAmount !== undefined && { milkAmount }),
    ...(rest.sweetener !== undefined && sweetenerAmount !== undefined && { sweetenerAmount }),
  };
}

function isContent(piece: Chunk): boolean {
  return ['drink', 'size', 'roast', 'shots', 'milk', 'sweetener', 'unknown'].includes(piece.type);
}
