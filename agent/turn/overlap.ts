/** Someone speaks while the agent does: an interruption, or nothing that should stop it. */

export interface OverlapEvidence {
  /** Voice since the overlap began, in ms, without its silences. */
  readonly voicedMs: number;
  /** Silence since the last voiced window, in ms. */
  readonly silenceMs: number;
  /** Interim and final words of the overlap so far. */
  readonly text: string;
}

export type OverlapVerdict = 'interruption' | 'backchannel' | 'noise' | 'undecided';

/** Voice that is an interruption whatever its words, in ms: backchannels are shorter ("mm-hm" 200 to 350, "okay" 300 to 400). */
const INTERRUPTION_VOICED_MS = 450;
/** Voice from which words that are no backchannel are believed, in ms. */
const WORDS_VOICED_MS = 160;
/** Silence after which a short sound is over, in ms. */
const OVER_MS = 250;

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
export function judgeOverlap({ voicedMs, silenceMs, text }: OverlapEvidence): OverlapVerdict {
  const words = text.toLowerCase().match(/[\p{L}\p{N}'-]+/gu) ?? [];
  if (words.some((word) => ALWAYS_STOP.has(word))) return 'interruption';
  const onlyBackchannels = words.every((word) => BACKCHANNELS.has(word));
  if (words.length > 0 && !onlyBackchannels && voicedMs >= WORDS_VOICED_MS) return 'interruption';
  if (silenceMs >= OVER_MS) return words.length > 0 ? 'backchannel' : 'noise';
  if (words.length > 0 && onlyBackchannels && voicedMs < 2 * INTERRUPTION_VOICED_MS) return 'undecided';
  return voicedMs >= INTERRUPTION_VOICED_MS ? 'interruption' : 'undecided';
}
