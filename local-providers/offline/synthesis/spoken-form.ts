/** Written text as phrases that can be spoken one after the other. */

/** One word as it was written, and what is said for it. */
export interface SpokenToken {
  readonly written: string;
  readonly spoken: string;
}

/** Words spoken in one breath. */
export interface Phrase {
  readonly tokens: readonly SpokenToken[];
  /** Silence after it, in ms. */
  readonly pauseMs: number;
}

/** Pauses after a comma and after a sentence, in ms: short enough to sound like one speaker, long enough to part. */
const COMMA_PAUSE_MS = 120;
const SENTENCE_PAUSE_MS = 260;
/** A phrase without punctuation is cut after this many words, before a joining word, so that its sound starts early. */
const PHRASE_WORDS_MAX = 9;
const JOINING_WORDS = new Set(['and', 'or', 'but', 'with', 'that', 'so', 'because', 'when', 'if']);

/** @returns The text in phrases, prices, times and signs in words; no phrases when nothing in it can be said. */
export function toPhrases(text: string): Phrase[] {
  const phrases: Phrase[] = [];
  let tokens: SpokenToken[] = [];
  const finish = (pauseMs: number): void => {
    if (tokens.some(({ spoken }) => spoken !== '')) phrases.push({ tokens, pauseMs });
    tokens = [];
  };
  const written = text.split(/\s+/).filter((word) => word !== '');
  written.forEach((word, index) => {
    if (tokens.length >= PHRASE_WORDS_MAX && JOINING_WORDS.has(word.toLowerCase())) finish(0);
    tokens.push({ written: word, spoken: spokenForm(word, written[index + 1]) });
    if (/[.!?\u2026]["')\]]*$/.test(word) && !/^(?:mr|mrs|ms|dr|st|e\.g|i\.e)\.$/i.test(word))
      finish(SENTENCE_PAUSE_MS);
    else if (/[,;:\u2014]$|^[-\u2013\u2014]$/.test(word)) finish(COMMA_PAUSE_MS);
  });
  finish(0);
  return phrases;
}

/** @param next - The word after it: an hour is spoken without "o'clock" before AM and PM. */
function spokenForm(written: string, next: string | undefined): string {
  const plain = written
    .normalize('NFKD')
    .replaceAll(/[\u2018\u2019]/g, "'")
    .replaceAll(/[*_#`~<>|\\^"()[\]{}]/g, '')
    .replaceAll(/[^\x20-\x7e]/g, '')
    .replace(/^[,.;:!?]+|[,.;:!?]+$/g, '');
  return price(plain) ?? time(plain, next) ?? sign(plain);
}

function price(word: string): string | undefined {
  const match = /^([+-]?)\$(\d{1,6})(?:\.(\d{2}))?$/.exec(word);
  if (match === null) return undefined;
  const dollars = Number(match[2]);
  const cents = Number(match[3] ?? 0);
  const sign = match[1] === '-' ? 'minus ' : match[1] === '+' ? 'plus ' : '';
  if (dollars === 0 && cents > 0) return `${sign}${cents} cent${cents === 1 ? '' : 's'}`;
  const whole = `${dollars} dollar${dollars === 1 ? '' : 's'}`;
  return `${sign}${whole}${cents === 0 ? '' : ` ${cents < 10 ? 'and ' : ''}${cents}`}`;
}

function time(word: string, next: string | undefined): string | undefined {
  const match = /^(\d{1,2}):(\d{2})(am|pm)?$/i.exec(word);
  if (match === null || Number(match[1]) > 24 || Number(match[2]) > 59) return undefined;
  const hour = Number(match[1]);
  const minute = Number(match[2]);
  const half = match[3]?.toUpperCase();
  const halfFollows = half !== undefined || /^[ap]\.?m\b/i.test(next ?? '');
  const said =
    minute === 0 ? (halfFollows ? `${hour}` : `${hour} o'clock`) : `${hour} ${minute < 10 ? 'oh ' : ''}${minute}`;
  return half === undefined ? said : `${said} ${half}`;
}

function sign(word: string): string {
  if (/^\d+oz$/i.test(word)) return word.replace(/oz$/i, ' ounce');
  if (/^oz$/i.test(word)) return 'ounce';
  return word
    .replaceAll('&', ' and ')
    .replaceAll('%', ' percent')
    .replaceAll('@', ' at ')
    .replaceAll('+', ' plus ')
    .replaceAll('=', ' equals ')
    .replaceAll('/', ' ')
    .replaceAll(/(?<=[a-z])-(?=[a-z])/gi, ' ')
    .replaceAll(/^-+$/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
