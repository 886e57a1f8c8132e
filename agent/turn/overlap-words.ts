/**
 * What the words of an overlap say about it. Lists exist for English only; of other languages nothing is known but how much
 * was said, and the one word that is understood nearly everywhere: "stop".
 */
import { spokenWords } from './spoken-words.js';

export interface OverlapWords {
  /** Lower case, without punctuation. */
  readonly words: readonly string[];
  /** A word that always stops, alone or after nothing but backchannels ("stop", "okay wait", "no"). */
  readonly stopWord: string | undefined;
  /** Words that are no backchannel, and all that follow them. */
  readonly contentWords: number;
  /** The only content is one word that recognisers also make of a cough or a click ("the", "it"). */
  readonly isWeak: boolean;
  /** The last words may become a backchannel with the next one ("i" with "see"). */
  readonly isOpen: boolean;
  /** Whether the lists know this language; if not, every word counts as content. */
  readonly isKnownLanguage: boolean;
}

/** Murmurs in any spelling: "mm-hm", "mhmm", "hmm"; "uh", "um", "erm", "ah", "oh". */
const MURMUR = /^(?:(?=.*m)[mh-]+|u+[hm]+|e+r+m*|a+h+|o+h+|a+ha+|h+u+h+|u+h+-?h+u+h+)$/;
const ACKNOWLEDGEMENTS = new Set([
  ...['yes', 'yeah', 'yep', 'yup', 'yah', 'ya', 'okay', 'ok', 'sure', 'right', 'alright', 'exactly', 'correct'],
  ...['gotcha', 'great', 'good', 'cool', 'nice', 'fine', 'wow', 'really', 'absolutely', 'totally', 'true', 'indeed'],
]);
/** Of several words; none is the beginning of another. */
const PHRASES = [
  ...['i see', 'i know', 'i understand', 'i get it', 'i got it', 'i got you', 'got it', 'got you', 'of course'],
  ...['all right', 'sounds good', 'sounds great', 'makes sense', 'that makes sense', 'fair enough', 'for sure'],
  ...["that's right", "that's good", "that's great", "that's fine", 'very good', 'very nice', 'oh my'],
].map((phrase) => phrase.split(' '));
/** What takes the floor, alone or as the beginning ("hold on", "excuse me", "never mind"). */
const STOPS = new Set([
  ...['stop', 'wait', 'no', 'nope', 'nah', 'hold', 'hang', 'excuse', 'cancel', 'sorry', 'actually', 'pause', 'enough'],
  ...['hello', 'hey', 'listen', 'quiet', 'never', 'nevermind', "don't", 'not', 'shut', 'pardon'],
]);
/** Understood by speakers of most languages. */
const STOPS_EVERYWHERE = 'stop';
/** Short words that recognisers make of sounds without speech. */
const WEAK = new Set([
  ...['a', 'an', 'the', 'i', 'it', 'is', 'in', 'and', 'to', 'of', 'you', 'he', 'that', 'this', 'so', 'as', 'at', 'on'],
  ...['be', 'or', 'if', 'we', 'but', 'what', 'well', 'her', 'his', 'who', 'ha', 'hi', 'eh', 'uhh', 'p', 't', 'k', 's'],
]);
/** Scripts that put no spaces between words: two of their letters count as a word. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]{1,2}/gu;
/** More of a text is not read, in characters: 20 s of speech are shorter, and an overlap is judged long before. */
const TEXT_MAX = 600;

/** Words in lower case; where a script puts no spaces between them, pieces of about a word's length. */
export function overlapWords(text: string): string[] {
  return spokenWords(text.slice(-TEXT_MAX).replace(UNSPACED, '$& '));
}

/** @param language - BCP 47 tag of what the caller speaks. */
export function readOverlapWords(text: string, language: string): OverlapWords {
  const words = overlapWords(text);
  if (!/^en\b/i.test(language)) {
    const stopWord = words.find((word) => word === STOPS_EVERYWHERE);
    const unknown = { isWeak: false, isOpen: false, isKnownLanguage: false };
    return { words, stopWord, contentWords: words.length, ...unknown };
  }
  const content = words.slice(leadingBackchannels(words));
  const [first = ''] = content;
  return {
    words,
    stopWord: STOPS.has(first) ? first : undefined,
    contentWords: content.length,
    isWeak: content.length === 1 && WEAK.has(first),
    isOpen: content.length > 0 && PHRASES.some((phrase) => content.every((word, index) => word === phrase[index])),
    isKnownLanguage: true,
  };
}

/** How many of the first words are backchannels and nothing else. */
function leadingBackchannels(words: readonly string[]): number {
  let count = 0;
  while (count < words.length) {
    const length = backchannelAt(words, count);
    if (length === 0) break;
    count += length;
  }
  return count;
}

function backchannelAt(words: readonly string[], start: number): number {
  const phrase = PHRASES.find((one) => one.every((word, index) => words[start + index] === word));
  if (phrase !== undefined) return phrase.length;
  const word = words[start] ?? '';
  return ACKNOWLEDGEMENTS.has(word) || MURMUR.test(word) ? 1 : 0;
}
