import { describe, expect, it } from 'vitest';
import { describeWay, reportTurn, wayToEar } from '../../../bench/call/report.js';
import type { CallerTurn } from '../../../bench/caller/simulated-caller.js';

const turn: CallerTurn = {
  outcome: 'answered',
  said: 'a latte',
  reply: 'One latte.',
  cutIn: false,
  heardResponseMs: 700,
  heard: { schema: 1, turn: 1, heardResponseMs: 700, roundTripMs: 1.24, jitterBufferMs: 48 },
  document: {
    schema: 1,
    callId: 'c',
    turn: 1,
    profile: 'good',
    outcome: 'answered',
    said: 'a latte',
    reply: 'One latte.',
    instants: {},
    responseMs: 600,
    components: {},
  },
};

describe('the way to the ear', () => {
  it('adds up to what was heard later than the worker says', () => {
    const way = wayToEar(turn);
    expect(way).toEqual({ roundTripMs: 1.2, jitterBufferMs: 48, restMs: 50.8 });
    expect(reportTurn(turn)).toMatchObject({ heardResponseMs: 700, responseMs: 600, heard: way });
    if (way === null) throw new Error('the way is missing');
    expect(describeWay(way)).toBe('on the way to the ear: network 1 ms, jitter buffer 48 ms, the rest 51 ms');
  });

  it('is all rest where nothing of it was measured', () => {
    const heard = { schema: 1 as const, turn: 1, heardResponseMs: 700 };
    expect(wayToEar({ ...turn, heard })).toEqual({ roundTripMs: null, jitterBufferMs: null, restMs: 100 });
  });

  it('is not told where it is of another turn, or of none', () => {
    const { heard: _, ...unheard } = turn;
    expect(reportTurn(unheard).heard).toBeNull();
    expect(wayToEar({ ...turn, heard: { schema: 1, turn: 2, heardResponseMs: 700 } })).toBeNull();
  });
});
