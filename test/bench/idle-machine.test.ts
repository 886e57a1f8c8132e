import { describe, expect, it } from 'vitest';
import { busyShare, type ProcessorTimes, untilIdle } from '../../bench/idle-machine.js';

/** Two processors that have worked and rested for so long, each, in ms. */
function counted(worked: number, idle: number): ProcessorTimes {
  const times = { user: worked / 2, nice: 0, sys: worked / 2, idle, irq: 0 };
  return [{ times }, { times }];
}

/** Processors that are as busy as told in each half second, and the clock that they are read by. */
function machine(shares: readonly number[]) {
  let nowMs = 0;
  let worked = 0;
  const clock = {
    nowMs: () => nowMs,
    async sleep(delayMs: number, signal?: AbortSignal) {
      signal?.throwIfAborted();
      worked += delayMs * (shares[Math.floor(nowMs / 500)] ?? 0);
      nowMs += delayMs;
    },
  };
  return { clock, read: () => counted(worked, nowMs - worked) };
}

describe('how busy a machine is', () => {
  it('is the share of all processors’ time that they did not rest', () => {
    expect(busyShare(counted(100, 900), counted(200, 1_200))).toBeCloseTo(0.25);
    expect(busyShare(counted(100, 900), counted(100, 1_400))).toBe(0);
  });

  it('is nothing where no time has passed, or a count went back', () => {
    expect(busyShare(counted(1, 1), counted(1, 1))).toBe(0);
    expect(busyShare(counted(100, 900), counted(50, 1_000))).toBe(0);
  });
});

describe('waiting for an idle machine', () => {
  it('goes on with the first half second that is idle', async () => {
    const { clock, read } = machine([1, 0.6, 0.05, 1]);
    const { busy, isIdle } = await untilIdle({ withinMs: 10_000, clock, read });
    expect(isIdle).toBe(true);
    expect(busy).toBeCloseTo(0.05);
    expect(clock.nowMs()).toBe(1_500);
  });

  it('ends with its time, and tells how busy the machine is', async () => {
    const { clock, read } = machine(new Array(100).fill(0.7));
    const { busy, isIdle } = await untilIdle({ withinMs: 2_000, clock, read });
    expect(isIdle).toBe(false);
    expect(busy).toBeCloseTo(0.7);
    expect(clock.nowMs()).toBe(2_000);
  });

  it('ends with its signal', async () => {
    const { clock, read } = machine([1, 1]);
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(untilIdle({ withinMs: 2_000, clock, read, signal })).rejects.toThrow('stopped');
  });
});
