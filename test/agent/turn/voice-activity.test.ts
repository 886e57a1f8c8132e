import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hearWindow, SILENT, type VoiceActivity, WINDOW_MS } from '../../../agent/turn/voice-activity.js';

/** Runs one probability per window through, the first window ending at 32 ms. */
function hear(probabilities: readonly number[]): VoiceActivity {
  return probabilities.reduce((voice, p, i) => hearWindow(voice, (i + 1) * WINDOW_MS, p), SILENT);
}

describe('voice activity', () => {
  it('takes one loud window for a click and two for speech', () => {
    expect(hear([0, 0.9, 0]).isSpeaking).toBe(false);
    expect(hear([0, 0.9, 0.9]).isSpeaking).toBe(true);
  });

  it('lets speech begin where its first window began', () => {
    expect(hear([0, 0, 0.9, 0.9]).startedAtMs).toBe(2 * WINDOW_MS);
  });

  it('bridges a dip between the thresholds, and a silence of two windows', () => {
    expect(hear([0.9, 0.9, 0.4, 0.4, 0.4, 0.4]).isSpeaking).toBe(true);
    expect(hear([0.9, 0.9, 0.1, 0.1]).isSpeaking).toBe(true);
    expect(hear([0.9, 0.9, 0.1, 0.1, 0.1]).isSpeaking).toBe(false);
  });

  it('remembers where the voice last was', () => {
    expect(hear([0.9, 0.9, 0.9, 0, 0, 0, 0]).lastVoicedAtMs).toBe(3 * WINDOW_MS);
  });

  it('counts voice without its silences', () => {
    expect(hear([0.9, 0.9, 0.1, 0.9]).voicedMs).toBe(3 * WINDOW_MS);
  });

  it('takes broken probabilities for silence and never invents voice', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.double(), fc.constant(Number.NaN), fc.double({ min: 0, max: 1 }))), (ps) => {
        const voice = hear(ps);
        const loud = ps.filter((p) => p >= 0.35 && p <= 1).length;
        expect(voice.voicedMs).toBeLessThanOrEqual(loud * WINDOW_MS);
        if (voice.lastVoicedAtMs !== undefined) expect(voice.lastVoicedAtMs).toBeLessThanOrEqual(ps.length * WINDOW_MS);
      }),
    );
  });
});
