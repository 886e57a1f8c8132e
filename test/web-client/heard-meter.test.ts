import { describe, expect, it } from 'vitest';
import { createHeardMeter } from '../../web-client/call/heard-meter.js';
import { rms, shownLevel } from '../../web-client/call/levels.js';

/** Plays levels to a meter, a sample every 10 ms: `you`, `agent`, `both` or `quiet` for as many ms. */
function play(...parts: ['you' | 'agent' | 'both' | 'quiet' | 'gap', number][]) {
  const meter = createHeardMeter();
  let nowMs = 1_000;
  for (const [who, durationMs] of parts) {
    const untilMs = nowMs + durationMs;
    if (who === 'gap') nowMs = untilMs;
    for (; nowMs < untilMs; nowMs += 10) {
      meter.sample({
        nowMs,
        youRms: who === 'you' || who === 'both' ? 0.05 : 0.0001,
        agentRms: who === 'agent' || who === 'both' ? 0.1 : 0,
      });
    }
  }
  return meter;
}

describe('the wait for an answer', () => {
  it('is from the last of one’s own sound to the first of the agent’s', () => {
    expect(play(['you', 800], ['quiet', 600], ['agent', 500]).take()).toBe(610);
  });

  it('is taken once', () => {
    const meter = play(['you', 800], ['quiet', 600], ['agent', 500]);
    meter.take();
    expect(meter.take()).toBeUndefined();
  });

  it('is not begun anew by a pause within the answer, nor by the loudspeaker in the microphone', () => {
    expect(play(['you', 800], ['quiet', 600], ['both', 500], ['quiet', 400], ['agent', 500]).take()).toBe(610);
  });

  it('is measured for the last of several utterances', () => {
    expect(play(['you', 300], ['quiet', 500], ['you', 300], ['quiet', 200], ['agent', 100]).take()).toBe(210);
  });

  it('does not exist for a greeting, or while nobody saw what happened', () => {
    expect(play(['quiet', 600], ['agent', 500]).take()).toBeUndefined();
    expect(play(['you', 300], ['gap', 1_000], ['quiet', 100], ['agent', 500]).take()).toBeUndefined();
  });

  it('stands on the root mean square', () => {
    expect(rms(new Float32Array([0.5, -0.5, 0.5, -0.5]))).toBeCloseTo(0.5);
    expect(rms(new Float32Array())).toBe(0);
  });

  it('is shown even to the ear, within bounds', () => {
    expect([0, 0.0001, 0.001, 1].map(shownLevel)).toEqual([0, 0, 0, 1]);
    expect(shownLevel(10 ** (-36 / 20))).toBeCloseTo(0.5);
  });
});
