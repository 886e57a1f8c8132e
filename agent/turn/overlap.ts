/**
 * Someone speaks while the agent does: an interruption, or nothing that should stop it. Pure, and decided by what is known so
 * far: words where there are any, else how long and how much like a voice it sounds. Between duck (at the onset) and verdict,
 * `shouldHush` silences the agent without loss: a wrong hush costs a pause, a wrong verdict costs the reply.
 */
import { alignWithAgent } from './overlap-echo.js';
import { type OverlapWords, overlapWords, readOverlapWords } from './overlap-words.js';
import type { HeardWord } from './words.js';

/** Numbers may be NaN, negative or absurd: they count as not measured. */
export interface OverlapEvidence {
  /** Since the overlap's first voiced window began, in ms. */
  readonly sinceOnsetMs: number;
  /** Voice since the overlap began, in ms, without its silences. */
  readonly voicedMs: number;
  /** Silence since the last voiced window, in ms. */
  readonly silenceMs: number;
  /** The words of the overlap so far; their times give how much of the voice they account for. */
  readonly words: readonly HeardWord[];
  /** Interim and final words of the overlap so far. */
  readonly text: string;
  /** Whether the recogniser has said that no words are still to come. */
  readonly isFinalized: boolean;
  /** Silero's mean over the voiced windows, 0 to 1. */
  readonly meanProbability: number;
  /** Share of the voiced windows that have a pitch, 0 to 1. */
  readonly pitchedShare: number;
  /** Mean of the voiced windows, in dBFS; NaN where level and pitch are not measured. */
  readonly levelDb: number;
  readonly levelSlopeDbPerS: number;
  /** Likeness to what the agent plays, 0 to 1; 0 where it is not measured. */
  readonly echo: number;
  /** What the agent says: the last 5 s and what it is about to say; '' where it is not known. */
  readonly agentText: string;
  /** BCP 47 tag. */
  readonly language: string;
}

export type OverlapVerdict = 'interruption' | 'backchannel' | 'noise' | 'echo' | 'undecided';

/** Since the onset, in ms: whatever is known then decides. */
const DEADLINE_MS = 1_200;
/** Voice like speech that is an interruption without words, in ms: "mm-hm" takes 250 to 450. */
const INTERRUPTION_VOICED_MS = 512;
/** The same for voice that is little like speech: coughs come in fits of that length. */
const UNLIKELY_VOICED_MS = 900;
/** Voice that no word shown so far accounts for, in ms: more is being said, and the recogniser is behind. */
const UNACCOUNTED_MS = 500;
/** Voice from which words are believed before they are over, in ms. */
const WORDS_VOICED_MS = 160;
/** Silence after which a few words are over, in ms. */
const OVER_MS = 250;
/** Silence after which a short sound had no words: a recogniser shows them 150 to 400 ms after they were said. */
const WORDLESS_MS = 600;
/** Silence up to which someone still goes on, in ms: the closure of a plosive. */
const GOES_ON_MS = 64;
/** Voice like speech that silences the agent before the verdict, in ms. */
const HUSH_VOICED_MS = 256;
/** The same for voice that is little like speech. */
const HUSH_UNLIKELY_MS = 448;
/** Voice without words that was a murmur and not a click, in ms. */
const MURMUR_MS = 192;
/** Words of a language without lists that are too many for a backchannel. */
const FOREIGN_WORDS = 3;
/** Words in the agent's order that are its echo by themselves: callers repeat one, two or three ("oat milk") to choose. */
const ECHOED_WORDS = 4;
/** Words that a full likeness (1) is as good as: 0.67 is an echo without words, 0.33 with two. */
const ECHO_WORTH_WORDS = 6;
/** Likeness from which "stop" may be the agent's own, when the agent said it. */
const ECHO_OF_STOP = 0.5;
/** Voice that acoustic likeness alone is judged on, in ms. */
const ECHO_VOICED_MS = 256;

/** Evidence with what was not measured made neutral. */
interface Known {
  readonly elapsedMs: number;
  readonly voicedMs: number;
  readonly silenceMs: number;
  readonly unaccountedMs: number;
  readonly isFinalized: boolean;
  readonly isSpeechlike: boolean;
  readonly echo: number;
  /** See {@link alignWithAgent}. */
  readonly echoedWords: number;
  readonly saysStopItself: boolean;
  readonly words: OverlapWords;
}

/** Judges an overlap by what is known of it so far; `undecided` asks for more, and is over {@link DEADLINE_MS} after the onset. */
export function judgeOverlap(evidence: OverlapEvidence): OverlapVerdict {
  const known = weigh(evidence);
  const isOver = known.silenceMs >= OVER_MS || (known.isFinalized && known.silenceMs > 0);
  const mayWait = !isOver && known.elapsedMs < DEADLINE_MS;
  if (known.words.stopWord !== undefined) return judgeStop(known, mayWait);
  if (isEcho(known)) return 'echo';
  if (known.words.words.length === 0) return judgeSound(known);
  if (known.words.contentWords === 0) return judgeBackchannel(known, mayWait);
  return known.words.isKnownLanguage ? judgeWords(known, mayWait) : judgeForeignWords(known, mayWait);
}

/** Whether to go silent, losslessly, before it is judged: someone goes on, and it sounds like speech. */
export function shouldHush(evidence: OverlapEvidence): boolean {
  const known = weigh(evidence);
  const { words, contentWords, stopWord } = known.words;
  if (stopWord !== undefined) return true;
  if (isEcho(known) || echoStrength(known) >= ECHOED_WORDS / 2) return false;
  if (known.silenceMs > GOES_ON_MS) return false;
  if (contentWords > 0) return known.voicedMs >= WORDS_VOICED_MS;
  const goesOnMs = words.length > 0 ? known.unaccountedMs : known.voicedMs;
  return goesOnMs >= (known.isSpeechlike ? HUSH_VOICED_MS : HUSH_UNLIKELY_MS);
}

/**
 * "Stop" stops, whoever else says it. Only where the sound is like the agent's own and the agent has just said that word is it
 * heard out, so that the echo of "we stop serving at ten" does not stop the agent that says it: alone, it stops even then.
 */
function judgeStop(known: Known, mayWait: boolean): OverlapVerdict {
  if (known.echo < ECHO_OF_STOP || !known.saysStopItself) return 'interruption';
  if (known.echoedWords >= ECHOED_WORDS - 1) return 'echo';
  return mayWait && known.echoedWords === known.words.words.length ? 'undecided' : 'interruption';
}

function echoStrength({ echo, echoedWords }: Known): number {
  return echoedWords + ECHO_WORTH_WORDS * echo;
}

function isEcho(known: Known): boolean {
  const isHeardEnough = known.words.words.length > 0 || known.voicedMs >= ECHO_VOICED_MS || known.silenceMs >= OVER_MS;
  return isHeardEnough && echoStrength(known) >= ECHOED_WORDS;
}

/** Without a word. */
function judgeSound({ voicedMs, silenceMs, elapsedMs, isFinalized, isSpeechlike }: Known): OverlapVerdict {
  if (voicedMs >= (isSpeechlike ? INTERRUPTION_VOICED_MS : UNLIKELY_VOICED_MS)) return 'interruption';
  const isWordless = silenceMs >= WORDLESS_MS || (isFinalized && silenceMs > 0);
  if (!isWordless && elapsedMs < DEADLINE_MS) return 'undecided';
  // Recognisers leave out most murmurs: what sounds like a voice was one.
  return isSpeechlike && voicedMs >= MURMUR_MS ? 'backchannel' : 'noise';
}

function judgeBackchannel({ unaccountedMs }: Known, mayWait: boolean): OverlapVerdict {
  if (unaccountedMs >= UNACCOUNTED_MS) return 'interruption';
  return mayWait ? 'undecided' : 'backchannel';
}

function judgeWords(known: Known, mayWait: boolean): OverlapVerdict {
  const { contentWords, isWeak, isOpen } = known.words;
  // One to three words of the agent's own may be its echo or a choice from what it offered: heard out.
  const mayBeEcho = known.echoedWords > 0 && known.echoedWords === known.words.words.length;
  if (mayWait && (isOpen || mayBeEcho) && known.unaccountedMs < UNACCOUNTED_MS) return 'undecided';
  if (contentWords === 1 && !known.isSpeechlike) {
    if (mayWait && known.voicedMs < UNLIKELY_VOICED_MS) return 'undecided';
    return isWeak ? 'noise' : 'interruption';
  }
  const isBelieved = contentWords > 1 || known.voicedMs >= WORDS_VOICED_MS;
  return isBelieved || !mayWait ? 'interruption' : 'undecided';
}

/** How much is said, since what is said is not understood. */
function judgeForeignWords(known: Known, mayWait: boolean): OverlapVerdict {
  if (known.words.contentWords >= FOREIGN_WORDS) return 'interruption';
  if (known.voicedMs >= INTERRUPTION_VOICED_MS) return 'interruption';
  return mayWait ? 'undecided' : 'backchannel';
}

function weigh(evidence: OverlapEvidence): Known {
  const words = readOverlapWords(evidence.text, evidence.language);
  const agentWords = overlapWords(evidence.agentText);
  const voicedMs = measured(evidence.voicedMs, 0);
  const silenceMs = measured(evidence.silenceMs, 0);
  // Without a time that goes on nothing would ever end the wait: it is over at once.
  const goneByMs = measured(evidence.voicedMs + evidence.silenceMs, DEADLINE_MS);
  return {
    elapsedMs: Math.max(voicedMs + silenceMs, measured(evidence.sinceOnsetMs, goneByMs)),
    voicedMs,
    silenceMs,
    unaccountedMs: voicedMs - spokenMs(evidence.words, words.words),
    isFinalized: evidence.isFinalized,
    isSpeechlike: isSpeechlike(evidence),
    echo: Math.min(1, measured(evidence.echo, 0)),
    echoedWords: agentWords.length === 0 ? 0 : alignWithAgent(words.words, agentWords),
    saysStopItself: words.stopWord !== undefined && agentWords.includes(words.stopWord),
    words,
  };
}

const SPEECH_PROBABILITY = 0.6;
const SPEECH_PITCHED_SHARE = 0.25;

/** What was not measured speaks for speech: a missed interruption is worse than a pause. */
function isSpeechlike({ meanProbability, pitchedShare, levelDb }: OverlapEvidence): boolean {
  const isPitched = Number.isNaN(levelDb) || measured(pitchedShare, 1) >= SPEECH_PITCHED_SHARE;
  return isPitched && measured(meanProbability, 1) >= SPEECH_PROBABILITY;
}

/** Duration of a word whose beginning is not known, in ms. */
const WORD_MS = 250;

/** How much of the voice the words account for, in ms. */
function spokenMs(heard: readonly HeardWord[], words: readonly string[]): number {
  const spanMs = (heard.at(-1)?.untilMs ?? Number.NaN) - (heard[0]?.untilMs ?? Number.NaN);
  return words.length === 0 ? 0 : measured(spanMs, (words.length - 1) * WORD_MS) + WORD_MS;
}

function measured(value: number, otherwise: number): number {
  return value >= 0 && value < Number.POSITIVE_INFINITY ? value : otherwise;
}
