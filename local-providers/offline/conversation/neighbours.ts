/** Which pieces of an order can stand beside each other: where they cannot, a word was lost or misheard. */
import type { Chunk } from './chunks.js';

type Kind = Chunk['type'];

const ADDITIONS: readonly Kind[] = ['milk', 'sweetener'];
const BEFORE_DRINK: readonly Kind[] = ['size', 'roast', 'shots', 'milk', 'black', 'drink'];

/** @returns The words after which something is missing or does not fit, in order. */
export function misfits(chunks: readonly Chunk[]): string[] {
  return chunks.flatMap((chunk, index) => {
    const next = chunks[index + 1];
    const fits = next === undefined ? endsWell(chunk) : follows(chunk, next);
    return fits && (chunk.type !== 'glue' || !chunk.asking || mayAsk(chunks, index)) ? [] : [inWords(chunk)];
  });
}

/** What dangles was taken off before; words of asking at the very end are a sentence that goes on. */
function endsWell(chunk: Chunk): boolean {
  return chunk.type !== 'number' || chunk.value === 1;
}

function follows(chunk: Chunk, next: Chunk): boolean {
  switch (chunk.type) {
    case 'with':
      return [...ADDITIONS, 'amount', 'article', 'one-more-shot', 'shots', 'number'].includes(next.type);
    case 'amount':
      return (chunk.value === 'some' ? [...ADDITIONS, ...BEFORE_DRINK] : ADDITIONS).includes(next.type);
    case 'number':
      return chunk.value === 1 || BEFORE_DRINK.includes(next.type);
    case 'milk':
      // "oat milk latte" is said, "milk latte" and "almond sweetener" are not.
      if (next.type === 'drink') return chunk.value !== 'milk' && chunk.value !== 'cream';
      return !chunk.bare || !['sweetener', 'amount', 'article', 'with', 'unknown'].includes(next.type);
    default:
      return true;
  }
}

/** Asking belongs to the beginning of an order or of the next one. */
function mayAsk(chunks: readonly Chunk[], index: number): boolean {
  const before = chunks.slice(0, index).findLast((chunk) => chunk.type !== 'glue' && chunk.type !== 'article');
  return before === undefined || ['and', 'correction', 'instead', 'another', 'one-more-shot'].includes(before.type);
}

function inWords(chunk: Chunk): string {
  if ('word' in chunk) return chunk.word;
  return 'value' in chunk ? String(chunk.value) : chunk.type;
}
