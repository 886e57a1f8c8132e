/** Someone speaks while the agent does: an interruption, or nothing that should stop it. */

export interface OverlapEvidence {
  /** Voice since the overlap began, in ms, without its silences. */
  readonly voicedMs: number;
  /** Silence since the last voiced window, in ms. */
  readonly silenceMs: number;
  /** Interim and final words of the overlap so far. */
  readonly text: string;
  /** Whether the recogniser has said that no words are still to come. */
  readonly isFinalized: boolean;
}

export type OverlapVerdict = 'interruption' | 'backchannel' | 'noise' | 'undecided';

/** Voice that is an interruption whatever its words, in ms: backchannels are shorter ("mm-hm" 200 to 350, "okay" 300 to 400). */
const INTERRUPTION_VOICED_MS = 450;
/** Voice from which words that are no backchannel are believed, in ms. */
const WORDS_VOICED_MS = 160;
/** Silence after which a few words are over, in ms. */
const OVER_MS = 250;
/** Silence after which a short sound had no words: a recogniser shows them 150 to 400 ms after they were said. */
const WORDLESS_MS = 600;

const BACKCHANNELS = new Set([
  ...['mm', 'hm', 'hmm', 'mhm', 'mm-hm', 'mmhm', 'uh-huh', 'uhhuh', 'huh', 'uh', 'um', 'ah', 'oh'],
  ...[
    'yeah',
    'yep',
    'yes',
    'okay',
    'ok',
    'right',
    'sure',
    'alright',
    'great',
    'good',
    'cool',
    'nice',
    'i',
    'see',
    'got',
    'it',
  ],
]);
const ALWAYS_STOP = new Set(['stop', 'wait', 'no', 'nope', 'hold', 'cancel', 'sorry', 'actually', 'hello', 'hey']);

/** Judges an overlap by what is known of it so far; `undecided` asks for more. */
export function judgeOverlap({ voicedMs, silenceMs, text, isFinalized }: OverlapEvidence): OverlapVerdict {
  const words = text.toLowerCase().match(/[\p{L}\p{N}'-]+/gu) ?? [];
  if (words.some((word) => ALWAYS_STOP.has(word))) return 'interruption';
  if (words.length === 0) {
    if (voicedMs >= INTERRUPTION_VOICED_MS) return 'interruption';
    return silenceMs >= WORDLESS_MS || (isFinalized && silenceMs > 0) ? 'noise' : 'undecided';
  }
  if (words.every((word) => BACKCHANNELS.has(word))) {
    if (silenceMs >= OVER_MS) return 'backchannel';
    // "Yeah, okay, right, so ...": someone who goes on for that long wants to speak.
    return voicedMs >= 2 * INTERRUPTION_VOICED_MS ? 'interruption' : 'undecided';
  }
  return voicedMs >= WORDS_VOICED_MS || silenceMs >= OVER_MS ? 'interruption' : 'undecided';
}
