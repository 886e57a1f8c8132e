/** Caller's text as a list of plain words: spoken text comes without case and punctuation, typed text with both. */

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** Written forms and frequent misspellings, and what they stand for. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ...DIGITS.map((word, digit): [string, string] => [String(digit), word]),
  ['12', 'twelve'],
  ['16', 'sixteen'],
  ['20', 'twenty'],
  ['oz', 'ounce'],
  ['ounces', 'ounce'],
  ["what's", 'what is'],
  ["that's", 'that is'],
  ["it's", 'it is'],
  ["when's", 'when is'],
  ["where's", 'where is'],
  ["how's", 'how is'],
  ["who's", 'who is'],
  ["there's", 'there is'],
  ["that'll", 'that will'],
  ["it'll", 'it will'],
  ["i'm", 'i am'],
  ['im', 'i am'],
  ['id', "i'd"],
  ['ill', "i'll"],
  ['dont', "don't"],
  ['cant', "can't"],
  ['wanna', 'want to'],
  ['gimme', 'give me'],
  ['ok', 'okay'],
  ['pls', 'please'],
  ['thx', 'thanks'],
  ['expresso', 'espresso'],
  ['capuccino', 'cappuccino'],
  ['cappucino', 'cappuccino'],
  ['capucino', 'cappuccino'],
  ['mocca', 'mocha'],
  ['skimmed', 'skim'],
  ['oatmilk', 'oat milk'],
  ['soymilk', 'soy milk'],
  ['almondmilk', 'almond milk'],
]);

/** Sounds people make while thinking; they mean nothing wherever they stand. */
const HESITATIONS = new Set(['um', 'uh', 'uhm', 'er', 'erm', 'ah', 'hmm', 'hm']);

/** @returns Lower-case words; number digits, contractions and spellings made alike, hesitations left out. */
export function toWords(text: string): string[] {
  const plain = text
    .toLowerCase()
    .replaceAll(/[\u2018\u2019]/g, "'")
    .replaceAll(/(\d+)(?=oz\b)/g, '$1 ')
    // Typed lists part drinks by commas where spoken ones say "and".
    .replaceAll(/,\s+(?=(?:an?|one|two|three|four|\d) )/g, ' and ')
    .replaceAll(/[^a-z0-9']+/g, ' ');
  return plain
    .split(' ')
    .flatMap((word) => (ALIASES.get(word) ?? word).split(' '))
    .filter((word) => word !== '' && word !== "'" && !HESITATIONS.has(word));
}
