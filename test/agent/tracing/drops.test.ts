import { describe, expect, it } from 'vitest';
import { Drops } from '../../../agent/tracing/drops.js';

describe('lost spans', () => {
  it('are told by one line a minute with all that came between, and none is left out', () => {
    let nowMs = 5;
    const told: [number, string][] = [];
    const drops = new Drops({ nowMs: () => nowMs, tell: (dropped, reason) => told.push([dropped, reason]) });
    drops.count(3, 'ECONNREFUSED');
    expect(told).toEqual([[3, 'ECONNREFUSED']]);
    for (let second = 0; second < 59; second += 1) {
      nowMs += 1_000;
      drops.count(1, '503');
    }
    expect(told).toHaveLength(1);
    nowMs += 1_000;
    drops.count(1, 'the queue is full');
    expect(told[1]).toEqual([60, 'the queue is full']);
    drops.count(2, '400');
    drops.tellRest();
    drops.tellRest();
    expect(told).toHaveLength(3);
    expect(told[2]).toEqual([2, '400']);
  });
});
