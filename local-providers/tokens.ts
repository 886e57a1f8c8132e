/**
 * The server's own tokens, since the vendor's tokeniser is not ours to ship: a word or number with the white space before
 * it, or one punctuation mark. English prose comes within some 20 % of the vendor's count. Joined, the pieces are the text.
 */
export function splitTokens(text: string): string[] {
  return text.match(/\s*(?:[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*|[^\s\p{L}\p{N}])|\s+$/gu) ?? [];
}

export function countTokens(text: string): number {
  return splitTokens(text).length;
}
