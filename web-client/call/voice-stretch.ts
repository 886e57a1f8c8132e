/** Decides from levels alone when a voice begins and ends. Pure: told windows with their instants, it keeps no time of its own. */

/** A click is no voice: so much of so long must be audible before a voice has begun, in ms. */
const ONSET_AUDIBLE_MS = 30;
const ONSET_WITHIN_MS = 60;

/** Quiet that ends a voice, in ms: longer than the stop of a consonant, shorter than the pause after a sentence. */
export const HANG_OVER_MS = 200;

export interface LevelWindow {
  readonly fromMs: number;
  readonly toMs: number;
  /** RMS of full scale. */
  readonly rms: number;
}

export interface VoiceStretch {
  /** Whether it is heard now, short pauses included. */
  readonly sounding: boolean;
  /**
   * Takes the next window.
   * @returns The audible windows it makes part of a voice: the ones of a beginning come together, the first one first.
   */
  push(window: LevelWindow): readonly LevelWindow[];
  /** What comes next has nothing to do with what came before. */
  reset(): void;
}

export function createVoiceStretch(audibleRms: number): VoiceStretch {
  let lastAudibleAtMs: number | undefined;
  let onset: LevelWindow[] = [];
  return {
    get sounding() {
      return lastAudibleAtMs !== undefined;
    },
    push(window) {
      if (lastAudibleAtMs !== undefined && window.toMs - lastAudibleAtMs > HANG_OVER_MS) lastAudibleAtMs = undefined;
      onset = onset.filter(({ fromMs }) => window.toMs - fromMs <= ONSET_WITHIN_MS);
      if (window.rms < audibleRms) return [];
      if (lastAudibleAtMs !== undefined) {
        lastAudibleAtMs = window.toMs;
        return [window];
      }
      onset.push(window);
      const audibleMs = onset.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
      if (audibleMs < ONSET_AUDIBLE_MS) return [];
      const begun = onset;
      onset = [];
      lastAudibleAtMs = window.toMs;
      return begun;
    },
    reset() {
      lastAudibleAtMs = undefined;
      onset = [];
    },
  };
}
