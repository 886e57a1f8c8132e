import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hearLevels, NOTHING_SAID, type SpeechEnd, spokenUntilMs } from '../../../agent/turn/speech-end.js';

const WINDOW_MS = 32;

/** Windows one after the other from 0 on, each with the levels of its four parts; voiced unless said otherwise. */
function hear(windows: readonly (readonly number[])[], isVoiced = (_index: number) => true): SpeechEnd {
  return windows.reduce<SpeechEnd>(
    (end, levelsDb, index) =>
      hearLevels(end, { untilMs: (index + 1) * WINDOW_MS, lengthMs: WINDOW_MS, levelsDb, isVoiced: isVoiced(index) }),
    NOTHING_SAID,
  );
}

const LOUD = [-20, -20, -20, -20];
const ROOM = [-62, -60, -61, -60];

describe('the end of speech', () => {
  it('is where the level falls, within a window that is still taken for voice', () => {
    expect(spokenUntilMs(hear([LOUD, LOUD, [-22, -30, -55, -60], ROOM]), 4 * WINDOW_MS)).toBe(2 * WINDOW_MS + 16);
  });

  it('is told by the loudest moment of what was said, not by that of another utterance', () => {
    const quiet = [-45, -46, -47, -48];
    const said = hear([quiet, quiet, ROOM]);
    expect(spokenUntilMs(said, 3 * WINDOW_MS)).toBe(3 * WINDOW_MS);
    const later = { untilMs: 9_000, lengthMs: WINDOW_MS, levelsDb: quiet, isVoiced: true };
    const afterLoud = hearLevels(hear([[-10, -10, -10, -10]]), later);
    expect(spokenUntilMs(afterLoud, 9_000)).toBe(9_000);
  });

  it('goes on with noise only as long as there is a voice', () => {
    const noise = [-40, -40, -40, -40];
    const end = hear([LOUD, noise, noise, noise], (index) => index < 2);
    expect(spokenUntilMs(end, 2 * WINDOW_MS)).toBe(2 * WINDOW_MS);
  });

  it('is that of the voice where no level is known', () => {
    expect(spokenUntilMs(NOTHING_SAID, 640)).toBe(640);
    expect(spokenUntilMs(hear([[], []]), 640)).toBe(640);
  });

  it('is never after the last voiced window, whatever comes', () => {
    const levels = fc.array(fc.oneof(fc.double({ min: -100, max: 0 }), fc.constant(Number.NaN)), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(levels, { maxLength: 40 }), fc.integer({ min: 0, max: 2_000 }), (windows, voicedUntilMs) => {
        const untilMs = spokenUntilMs(hear(windows), voicedUntilMs);
        expect(untilMs).toBeLessThanOrEqual(voicedUntilMs);
        expect(voicedUntilMs - untilMs).toBeLessThanOrEqual(5_000);
      }),
    );
  });
});
