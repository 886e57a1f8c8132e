import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../../bench/turns/outcome.js';

const recording = {
  speech: { startMs: 200, endMs: 3_000 },
  pauses: [
    { startMs: 1_000, endMs: 1_300 },
    { startMs: 2_000, endMs: 2_150 },
  ],
};

describe('the outcome of a recording', () => {
  it('is a wait from the end of speech where nothing was cut into', () => {
    expect(outcomeOf(recording, [3_250])).toEqual({ cutIns: 0, cutInsInSpeech: 0, waitMs: 250 });
  });

  it('counts each pause on its own, until the voice is heard again', () => {
    expect(outcomeOf(recording, [1_200, 2_200, 3_250])).toEqual({ cutIns: 2, cutInsInSpeech: 0, waitMs: 250 });
    expect(outcomeOf(recording, [1_000, 3_250]).cutIns).toBe(1);
    expect(outcomeOf(recording, [1_364, 3_250])).toMatchObject({ cutIns: 0, cutInsInSpeech: 1 });
  });

  it('knows a commit in a soft end from one in the middle of speech', () => {
    expect(outcomeOf(recording, [2_900])).toEqual({ cutIns: 0, cutInsInSpeech: 0, waitMs: 0 });
    expect(outcomeOf(recording, [2_500])).toEqual({ cutIns: 0, cutInsInSpeech: 1, waitMs: undefined });
  });

  it('has no wait where nothing was committed after the end', () => {
    expect(outcomeOf(recording, [])).toEqual({ cutIns: 0, cutInsInSpeech: 0, waitMs: undefined });
    expect(outcomeOf(recording, [1_100])).toEqual({ cutIns: 1, cutInsInSpeech: 0, waitMs: undefined });
  });
});
