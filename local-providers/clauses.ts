/** Where a speaker may draw breath: punctuation, what closes after it, then white space, so that `4.50` stays whole. */
const CLAUSE = /[\s\S]*?(?:[.!?;:,…]+["'”’)\]]*\s+|\n+)/gy;

/**
 * Takes the complete clauses off the front of a text that is still growing.
 * @returns Joined, clauses and rest are the text.
 */
export function takeClauses(text: string): { readonly clauses: readonly string[]; readonly rest: string } {
  const clauses = text.match(CLAUSE) ?? [];
  return { clauses, rest: text.slice(clauses.reduce((length, clause) => length + clause.length, 0)) };
}

/** Whether there is anything in it to say. */
export function isSpeakable(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}
