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
  /** Likeness of the overlap so far to what the agent plays, 0 to 1 (`echo.ts`); 0 where it is not measured. */
  readonly echo: number;
  /** What the agent says: the last 5 s and what it is about to say; '' where it is not known. */
  readonly agentText: string;
  /** BCP 47 tag. */
  readonly language: string;
}

export type OverlapVerdict = 'interruption' | 'backchannel' | 'noise' | 'echo' | 'undecided';

/** Since the onset, in ms: whatever is known then decides. */
const DEADLINE_MS = 1_200;
/**
 * Voice like speech that is an interruption without words, in ms. On the tuning half, from 512 to 704 the recall stays the
 * same and false stops on backchannels fall by a point every 20 ms; the agent is silent long before (`shouldHush`).
 */
const INTERRUPTION_VOICED_MS = 576;
/** The same for voice that is little like speech: coughs come in fits of that length. */
const UNLIKELY_VOICED_MS = 900;
/** Voice that no word shown so far accounts for, in ms: more is being said, and the recogniser is behind. */
const UNACCOUNTED_MS = 600;
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
/**
 * Evidence of an echo: how far the likeness is above chance, in standard deviations, and a word in the agent's order counts as
 * one. Measured over the tuning half: callers' own voices come to 2.5 (P95 4.6, P99 5.6) after 8 to 28 windows alike, the
 * agent's echo to 6 and more after 12. Callers repeat two or three words ("oat milk") to choose.
 */
const ECHO_EVIDENCE = 6;
/** What a caller's own voice comes to by chance; stands for a likeness that was not measured. */
const CHANCE_EVIDENCE = 2;
/** Evidence from which "stop" may be the agent's own, when the agent said it, and a long sound without words may be. */
const SUSPECTED_ECHO = 4.5;
/** Likeness is what a correlation over so many windows has beyond chance: as `echo.ts` has it. */
const ECHO_WINDOWS = { min: 8, max: 32 } as const;
const ECHO_CHANCE = 2.3;
/** "Stop serving at": a stop's own word and what follows it, said by the agent. */
const ECHOED_WORDS_MIN = 3;
const WINDOW_MS = 32;

/** Evidence with what was not measured made neutral. */
interface Known {
  readonly elapsedMs: number;
  readonly voicedMs: number;
  readonly silenceMs: number;
  readonly unaccountedMs: number;
  readonly isFinalized: boolean;
  readonly isSpeechlike: boolean;
  /** In standard deviations above chance. */
  readonly likeness: number;
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
  if (known.words.words.length === 0) return judgeSound(known);
  // Heard out: the next word comes late, and alone it would pass for a caller's.
  if (isEcho(known)) return mayWait ? 'undecided' : 'echo';
  if (known.words.contentWords === 0) return judgeBackchannel(known, mayWait);
  return known.words.isKnownLanguage ? judgeWords(known, mayWait) : judgeForeignWords(known, mayWait);
}

/** Whether what is known so far is the agent's own voice come back: asked where there is no time left to hear it out. */
export function soundsLikeEcho(evidence: OverlapEvidence): boolean {
  return isEcho(weigh(evidence));
}

/** Whether to go silent, losslessly, before it is judged: someone goes on, and it sounds like speech. */
export function shouldHush(evidence: OverlapEvidence): boolean {
  const known = weigh(evidence);
  const { words, contentWords, stopWord } = known.words;
  if (stopWord !== undefined) return true;
  if (isEcho(known) || known.likeness >= SUSPECTED_ECHO) return false;
  if (known.silenceMs > GOES_ON_MS) return false;
  if (contentWords > 0) return known.voicedMs >= WORDS_VOICED_MS;
  const goesOnMs = words.length > 0 ? known.unaccountedMs : known.voicedMs;
  return goesOnMs >= (known.isSpeechlike ? HUSH_VOICED_MS : HUSH_UNLIKELY_MS);
}

/**
 * "Stop" stops, whoever else says it. Only where the agent says that word and the sound is like its own, or hardly any, is it
 * heard out, so that the echo of "we stop serving at ten" does not stop the agent that says it: alone, it stops even then.
 */
function judgeStop(known: Known, mayWait: boolean): OverlapVerdict {
  const isSuspected = known.likeness >= SUSPECTED_ECHO || known.voicedMs < MURMUR_MS;
  if (!isSuspected || !known.saysStopItself) return 'interruption';
  if (known.echoedWords >= ECHOED_WORDS_MIN) return mayWait ? 'undecided' : 'echo';
  return mayWait && known.echoedWords === known.words.words.length ? 'undecided' : 'interruption';
}

function isEcho({ likeness, echoedWords, voicedMs, words }: Known): boolean {
  // Words without a voice are an echo too soft for Silero; so is what comes late of one that was judged.
  const isSoft = voicedMs < MURMUR_MS && echoedWords > 0 && echoedWords === words.words.length;
  return isSoft || likeness + echoedWords >= ECHO_EVIDENCE;
}

/** Fisher's z of the correlation that the likeness stands for: worth the same of few windows and of many. */
function deviationsOf(echo: number, voicedMs: number): number {
  if (!(echo > 0 && echo <= 1)) return CHANCE_EVIDENCE;
  const windows = Math.min(ECHO_WINDOWS.max, Math.max(ECHO_WINDOWS.min, voicedMs / WINDOW_MS));
  const chance = ECHO_CHANCE / Math.sqrt(windows);
  return Math.min(10, Math.atanh(chance + echo * (1 - chance)) * Math.sqrt(windows - 3));
}

/** Without a word. */
function judgeSound(known: Known): OverlapVerdict {
  const { voicedMs, silenceMs, elapsedMs, likeness, isFinalized, isSpeechlike } = known;
  const isLikely = isSpeechlike && likeness < SUSPECTED_ECHO;
  const isLong = voicedMs >= (isLikely ? INTERRUPTION_VOICED_MS : UNLIKELY_VOICED_MS);
  if (isLong && !isEcho(known)) return 'interruption';
  const isWordless = silenceMs >= WORDLESS_MS || (isFinalized && silenceMs > 0);
  if (!isWordless && elapsedMs < DEADLINE_MS) return 'undecided';
  if (isEcho(known)) return 'echo';
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
  if (contentWords === 1 && !known.isSpeechlike && known.voicedMs < UNLIKELY_VOICED_MS) {
    if (mayWait) return 'undecided';
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
    likeness: deviationsOf(evidence.echo, voicedMs),
    echoedWords: agentWords.length === 0 ? 0 : alignWithAgent(words.words, agentWords),
    saysStopItself: words.stopWord !== undefined && agentWords.includes(words.stopWord),
    words,
  };
}

/**
 * Below either it is little like speech. On the tuning half, after 288 ms of voice: 92 % of (synthetic) coughs, 2 % of people's
 * and 7 % of synthetic voices' interruptions. Backchannels cannot be told from interruptions by such figures (areas under the
 * curve of 0.49 to 0.69 for probability, pitch and slope at 288 to 512 ms), hence no fitted model stands here.
 */
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
  const [first] = heard;
  const fromMs = first?.fromMs ?? (first?.untilMs ?? Number.NaN) - WORD_MS;
  return words.length === 0 ? 0 : measured((heard.at(-1)?.untilMs ?? Number.NaN) - fromMs, words.length * WORD_MS);
}

function measured(value: number, otherwise: number): number {
  return value >= 0 && value < Number.POSITIVE_INFINITY ? value : otherwise;
}
