/** Phrases as patterns over a text of plain words, and ordered rules of what its end is worth. */

/** A pattern of the text's end and what it is worth, 0 to 1; of several rules the first that fits decides. */
export type EndRule = readonly [end: RegExp, value: number];

/** Tokens that a rule may look at: its longest phrase has ten. */
const PHRASE_TOKENS = 12;

/** A text that ends with one of the alternatives, as whole words. */
export const endingIn = (alternatives: string): RegExp => new RegExp(`(?:^| )(?:${alternatives})$`);

/** A text that holds nothing but the alternatives, one or more. */
export const madeOf = (alternatives: string): RegExp => new RegExp(`^(?:(?:${alternatives})(?: |$))+$`);

export const endOf = (tokens: readonly string[]): string => tokens.slice(-PHRASE_TOKENS).join(' ');

/** What the first fitting rule says of a text's end; 0 when none fits. */
export function valueOfEnd(end: string, rules: readonly EndRule[]): number {
  return rules.find(([pattern]) => pattern.test(end))?.[1] ?? 0;
}
