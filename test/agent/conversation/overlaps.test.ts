import { initializeLogger } from '@livekit/agents';
import { dispose } from '@livekit/rtc-node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Mouth } from '../../../agent/conversation/mouth.js';
import { Overlaps } from '../../../agent/conversation/overlaps.js';
import { ManualClock } from '../../support/manual-clock.js';

let mouth: Mouth;
let overlaps: Overlaps;
/** Of each interruption, whether it may go on with the turn that was answered. */
let interruptions: boolean[];

beforeAll(() => initializeLogger({ pretty: false, level: 'error' }));
afterAll(() => dispose());

beforeEach(() => {
  const clock = new ManualClock(5_000);
  interruptions = [];
  mouth = new Mouth(clock, { onStarted: () => undefined, onStopped: () => undefined });
  overlaps = new Overlaps({
    mouth,
    measurements: { observe: () => undefined, count: () => undefined },
    nowMs: () => clock.nowMs(),
    latestTurn: () => undefined,
    interrupt: (mayContinue) => interruptions.push(mayContinue),
  });
});

afterEach(() => mouth.close());

it('is known for a second half while it is judged, and cuts the reply as one', () => {
  expect(overlaps.mayContinue).toBe(false);
  overlaps.duck(true);
  expect(overlaps.mayContinue).toBe(true);
  overlaps.judged('interruption', 600);
  expect(overlaps.mayContinue).toBe(false);
  expect(interruptions).toEqual([true]);
});

it('is a second half no more once it went by, nor is the next one for its sake', () => {
  overlaps.duck(true);
  overlaps.unduck();
  expect(overlaps.mayContinue).toBe(false);
  overlaps.judged('backchannel', 600);
  overlaps.duck(false);
  expect(overlaps.mayContinue).toBe(false);
  overlaps.judged('interruption', 600);
  expect(interruptions).toEqual([false]);
});
