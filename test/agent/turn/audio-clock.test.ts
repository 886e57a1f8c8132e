import { describe, expect, it } from 'vitest';
import { anchor, instantOf, UNANCHORED } from '../../../agent/turn/audio-clock.js';

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

  it('goes with the time when the stream itself paused', () => {
    const steady = anchor(UNANCHORED, 1_010, 10);
    expect(instantOf(anchor(steady, 61_010, 20), 20)).toBe(61_010);
  });

  it('knows nothing before the first frame', () => {
    expect(() => instantOf(UNANCHORED, 0)).toThrow(RangeError);
  });
});
