/**
 * The server's own tokens, since the vendor's tokeniser is not ours to ship: a word or number with the white space before
 * it, or one punctuation mark. English prose comes within some 20 % of the vendor's count. Joined, the pieces are the text.
 */
export function splitTokens(text: string): string[] {
  return text.match(/\s*(?:[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*|[^\s\p{L}\p{N}])|\s+$/gu) ?? [];
}

export function countTokens(text: string): number {
  return splitTokens(text).filter(isToken).length;
}

/** The beginning of a text that holds at most `limit` tokens. */
export function takeTokens(
  text: string,
  limit: number,
): { readonly text: string; readonly tokens: number; readonly isCut: boolean } {
  const pieces = splitTokens(text);
  let tokens = 0;
  for (const [index, piece] of pieces.entries()) {
    if (isToken(piece) && tokens === limit) return { text: pieces.slice(0, index).join(''), tokens, isCut: true };
    if (isToken(piece)) tokens += 1;
  }
  return { text, tokens, isCut: false };
}

/** White space at the end of a piece belongs to the token that is still to come. */
function isToken(piece: string): boolean {
  return piece.trim() !== '';
}
