import { describe, expect, it } from 'vitest';
import { attributeToPauses } from '../../../bench/cut-ins/attribution.js';

const order = {
  speech: { startMs: 200, endMs: 3_000 },
  pauses: [
    { startMs: 1_000, endMs: 1_300 },
    { startMs: 2_000, endMs: 2_200 },
  ],
};

describe('a moment at which the agent took the floor', () => {
  it('belongs to the pause it is in', () => {
    expect(attributeToPauses(order, [1_250])).toEqual({ cutIn: [true, false], elsewhere: 0 });
  });

  it('belongs to the last pause that had begun when the caller had gone on already', () => {
    expect(attributeToPauses(order, [1_900])).toEqual({ cutIn: [true, false], elsewhere: 0 });
    expect(attributeToPauses(order, [2_999])).toEqual({ cutIn: [false, true], elsewhere: 0 });
  });

  it('is in none that counts before the first', () => {
    expect(attributeToPauses(order, [700])).toEqual({ cutIn: [false, false], elsewhere: 1 });
  });

  it('is an answer after the end, and belongs to what was before at the beginning', () => {
    expect(attributeToPauses(order, [100, 3_000, 3_400])).toEqual({ cutIn: [false, false], elsewhere: 0 });
  });

  it('counts a pause once, however often the agent began in it', () => {
    expect(attributeToPauses(order, [1_100, 1_200, 2_100])).toEqual({ cutIn: [true, true], elsewhere: 0 });
  });
});
