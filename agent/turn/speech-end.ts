/**
 * Where speech really ended: a voice detector holds on to it for some 100 ms longer, and who waits for an answer does not.
 * Pure; the end by level is what the benches and clients measure from, too.
 */

/** One utterance as far as it was heard. */
export interface SpeechEnd {
  /** Loudest moment, in dBFS. */
  readonly peakDb: number;
  /** End of the last moment within {@link SPEECH_RANGE_DB} of the loudest that the voice detector took for voice. */
  readonly loudUntilMs: number;
}

export const NOTHING_SAID: SpeechEnd = Object.freeze({
  peakDb: Number.NEGATIVE_INFINITY,
  loudUntilMs: Number.NEGATIVE_INFINITY,
});

/** What lies further below an utterance's loudest moment is room, breath or the tail of an echo, in dB (docs/sources.md). */
const SPEECH_RANGE_DB = 30;
/** Speech that ended so long ago belongs to another utterance, in ms. */
const FORGOTTEN_AFTER_MS = 5_000;

/**
 * Takes one window of a voice detector in.
 * @param untilMs - Its end. @param lengthMs - Its length.
 * @param levelsDb - Of its parts in dBFS, oldest first, all equally long.
 * @param isVoiced - What the detector says of it.
 */
export function hearLevels(
  end: SpeechEnd,
  window: {
    readonly untilMs: number;
    readonly lengthMs: number;
    readonly levelsDb: readonly number[];
    readonly isVoiced: boolean;
  },
): SpeechEnd {
  const { untilMs, lengthMs, levelsDb, isVoiced } = window;
  if (!isVoiced) return end;
  let { peakDb, loudUntilMs } = untilMs - end.loudUntilMs > FORGOTTEN_AFTER_MS ? NOTHING_SAID : end;
  for (const [index, levelDb] of levelsDb.entries()) {
    if (!Number.isFinite(levelDb)) continue;
    peakDb = Math.max(peakDb, levelDb);
    if (levelDb >= peakDb - SPEECH_RANGE_DB) {
      loudUntilMs = untilMs - lengthMs + ((index + 1) * lengthMs) / levelsDb.length;
    }
  }
  return { peakDb, loudUntilMs };
}

/**
 * End of speech on the clock of the windows, in ms.
 * @param voicedUntilMs - End of the last voiced window: never later than that, and that where nothing is known of levels.
 */
export function spokenUntilMs({ loudUntilMs }: SpeechEnd, voicedUntilMs: number): number {
  const isKnown = loudUntilMs <= voicedUntilMs && voicedUntilMs - loudUntilMs <= FORGOTTEN_AFTER_MS;
  return isKnown ? loudUntilMs : voicedUntilMs;
}
