import { describe, expect, it } from 'vitest';
import { type AudioClock, anchor, instantOf, UNANCHORED } from '../../../agent/turn/audio-clock.js';

describe('the audio clock', () => {
  it('tells instants from samples, by the frame that came with the least delay', () => {
    const late = anchor(UNANCHORED, 1_060, 10);
    const prompt = anchor(late, 1_030, 20);
    expect(instantOf(prompt, 20)).toBe(1_030);
  });

  it('shows a stall as lag: frames that come late change nothing', () => {
    const steady = anchor(UNANCHORED, 1_010, 10);
    expect(instantOf(anchor(steady, 1_500, 20), 20)).toBe(1_020);
  });

  it('takes what comes in a burst for held up, and a stream that goes on at its pace after a silence for a pause', () => {
    const before = anchor(anchor(UNANCHORED, 1_010, 10), 1_020, 20);
    const sounded = (clock: AudioClock, fromMs: number, everyMs: number) => {
      let [next, positionMs] = [clock, 20];
      for (let frame = 0; frame < 150; frame += 1) {
        positionMs += 10;
        next = anchor(next, fromMs + frame * everyMs, positionMs);
      }
      return instantOf(next, positionMs);
    };
    // 1.5 s of sound, all at once, 1.5 s late: it was spoken meanwhile.
    expect(sounded(before, 2_520, 0)).toBe(2_520);
    // 1.5 s of sound behind a pause of 1.5 s: it is spoken as it comes.
    expect(sounded(before, 2_530, 10)).toBe(2_530 + 149 * 10);
  });

  it('goes with the time when the stream itself paused', () => {
    const steady = anchor(UNANCHORED, 1_010, 10);
    expect(instantOf(anchor(steady, 61_010, 20), 20)).toBe(61_010);
  });

  it('forgets a frame that came early, once that is long ago: what was lost since is not made up for', () => {
    const early = anchor(UNANCHORED, 1_010, 10);
    // 170 ms of sound never came; all that follows is later than its count by so much.
    const later = anchor(early, 1_200, 30);
    expect(instantOf(later, 30)).toBe(1_030);
    const after = anchor(later, 11_030, 9_860);
    expect(instantOf(after, 9_860)).toBe(11_030);
  });

  it('keeps no more than the arrivals of the last 10 s that may yet be the lowest', () => {
    let clock = UNANCHORED;
    for (let frame = 1; frame <= 5_000; frame += 1) clock = anchor(clock, 1_000 + frame * 10 + (frame % 7), frame * 10);
    expect(clock.arrivals.length).toBeLessThan(10);
    expect(clock.originAtMs).toBe(1_000);
  });

  it('knows nothing before the first frame', () => {
    expect(() => instantOf(UNANCHORED, 0)).toThrow(RangeError);
  });
});
