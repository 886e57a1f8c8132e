/** What the answer to a question of ours, "Did you say a large latte?", comes to. English only. */
import { spokenWords, withoutFirstWords } from './spoken-words.js';

export type Answer =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no' }
  /** More to what was asked about: "yes, and a muffin" confirms it, "with milk" alone does not. */
  | { readonly kind: 'more'; readonly text: string; readonly confirms: boolean }
  /** Other words instead, without the "no" before them. */
  | { readonly kind: 'other'; readonly text: string };

const set = (words: string): ReadonlySet<string> => new Set(words.split(' '));

const YES = set(
  'yes yeah yep yup yah aye correct right exactly sure absolutely definitely okay ok mhm mm-hm mmhm uh-huh',
);
const NO = set("no nope nah not wrong never didn't don't isn't wasn't");
/** What stands around a yes or a no and changes nothing about it. */
const AROUND = set(
  "please thank thanks you that that's is it it's i i'm did said say of course so oh um uh er hm hmm well perfect great good all",
);
/** What a recogniser makes of a breath before a short word: "in yes". By themselves, or with a yes or a no, they mean nothing. */
const STRAY = set('in and the a an at on to then this if as');
/** What a no is often followed by before the words that count: "no, I said a latte". */
const LEADS_IN = [
  set('no nope nah wrong sorry'),
  set('no nope nah wrong sorry oh um uh well sorry actually'),
  set('i'),
  set('said meant say mean'),
] as const;
/** Words that begin a sentence of their own: after "no", others may well be what is unwanted, as in "no milk". */
const BEGINS = set(
  "a an the one two i i'd i'll i'm i've can could may it it's we we'd just make get give my please let let's",
);
/** Words by which one goes on from a yes to more of the same sentence. */
const JOINS = set('and but with without plus also');

/** Reads the answer to a yes-or-no question of ours. */
export function readAnswer(text: string): Answer {
  const words = spokenWords(text);
  if (isBare(words) && words.some((word) => NO.has(word))) return { kind: 'no' };
  if (isBare(words) && (words.some((word) => YES.has(word)) || words.join(' ') === 'i did')) return { kind: 'yes' };
  const start = words.findIndex((word) => !YES.has(word) && !AROUND.has(word));
  const confirms = words.slice(0, Math.max(0, start)).some((word) => YES.has(word));
  const rest = confirms ? withoutFirstWords(text, start) : text;
  if (JOINS.has(words[confirms ? start : 0] ?? '')) return { kind: 'more', text: rest, confirms };
  return { kind: 'other', text: confirms ? rest : withoutNo(text, words) };
}

function isBare(words: readonly string[]): boolean {
  return words.every((word) => YES.has(word) || NO.has(word) || AROUND.has(word) || STRAY.has(word));
}

/** "No, I said a large latte" is "a large latte"; "no milk" stays what it is. */
function withoutNo(text: string, words: readonly string[]): string {
  const [no, filler, subject, verb] = LEADS_IN;
  if (!no.has(words[0] ?? '')) return text;
  let next = 1;
  while (filler.has(words[next] ?? '')) next += 1;
  if (subject.has(words[next] ?? '') && verb.has(words[next + 1] ?? ''))
    return withoutFirstWords(text, next + 2) || text;
  return BEGINS.has(words[next] ?? '') ? withoutFirstWords(text, next) : text;
}

/** Whether there is nothing in the words but yes, no, thanks and sounds of listening: nothing to ask about. */
export function isSmallTalk(text: string): boolean {
  return spokenWords(text).every((word) => isBare([word]) || GREETINGS.has(word));
}

const GREETINGS = set('hello hi hey bye goodbye cheers mm ah huh there see got nice cool fine alright sorry pardon');
