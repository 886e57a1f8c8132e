/** From Silero's probability per window to "someone is speaking", with hysteresis and no other smoothing. */

/** Length of one Silero window, in ms: 512 samples at 16 kHz, the only size the model was trained on. */
export const WINDOW_MS = 32;

/** Probability at which silence becomes speech. Silero's own default. */
const ONSET_PROBABILITY = 0.5;
/** Probability below which speech becomes silence. Silero's own hysteresis is 0.15 under the onset. */
const OFFSET_PROBABILITY = 0.35;
/** Windows above the onset in a row that begin speech: one alone is a click or a door. */
const ONSET_WINDOWS = 2;
/** Silence that ends a stretch of speech, in ms: above it no plosive's closure lies. */
const OFFSET_MS = 3 * WINDOW_MS;

export interface VoiceActivity {
  readonly isSpeaking: boolean;
  /** Start of the present or last stretch of speech. */
  readonly startedAtMs: number | undefined;
  /** End of the last window that held voice. */
  readonly lastVoicedAtMs: number | undefined;
  /** Voice in the present or last stretch, in ms, without its silences. */
  readonly voicedMs: number;
  readonly onsetWindows: number;
}

export const SILENT: VoiceActivity = Object.freeze({
  isSpeaking: false,
  startedAtMs: undefined,
  lastVoicedAtMs: undefined,
  voicedMs: 0,
  onsetWindows: 0,
});

/**
 * Takes one window in.
 * @param atMs - End of the window on the call's clock.
 * @param probability - Silero's raw output, 0 to 1; anything else counts as silence.
 */
export function hearWindow(voice: VoiceActivity, atMs: number, probability: number): VoiceActivity {
  const p = probability >= 0 && probability <= 1 ? probability : 0;
  if (voice.isSpeaking) {
    if (p >= OFFSET_PROBABILITY) {
      return { ...voice, lastVoicedAtMs: atMs, voicedMs: voice.voicedMs + WINDOW_MS };
    }
    const silenceMs = atMs - (voice.lastVoicedAtMs ?? atMs);
    return silenceMs >= OFFSET_MS ? { ...voice, isSpeaking: false, onsetWindows: 0 } : voice;
  }
  if (p < ONSET_PROBABILITY) return voice.onsetWindows === 0 ? voice : { ...voice, onsetWindows: 0 };
  const onsetWindows = voice.onsetWindows + 1;
  if (onsetWindows < ONSET_WINDOWS) return { ...voice, onsetWindows };
  return {
    isSpeaking: true,
    startedAtMs: atMs - onsetWindows * WINDOW_MS,
    lastVoicedAtMs: atMs,
    voicedMs: onsetWindows * WINDOW_MS,
    onsetWindows,
  };
}
