/** Phrases at the end of a text, as ordered rules: the first that fits decides. */

/** A pattern of the text's end and what it is worth, 0 to 1. */
export type EndRule = readonly [end: RegExp, value: number];

/** Makes a pattern of alternatives that a text ends with as whole words. */
export const endingIn = (alternatives: string): RegExp => new RegExp(`(?:^| )(?:${alternatives})$`);

/** Tokens that a rule may look at: its longest phrase has ten. */
const PHRASE_TOKENS = 12;

export const endOf = (tokens: readonly string[]): string => tokens.slice(-PHRASE_TOKENS).join(' ');

/** What the first fitting rule says of a text's end; 0 when none fits. */
export function valueOfEnd(end: string, rules: readonly EndRule[]): number {
  return rules.find(([pattern]) => pattern.test(end))?.[1] ?? 0;
}
