import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Told } from '../../../agent/conversation/fillers.js';
import { WaitingCaller } from '../../../agent/conversation/waiting-caller.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A caller who is told to wait after 1,500 ms; what the reply and the tools can say is set by the test. */
function startWaiting() {
  const state = {
    isOwed: true,
    isJudging: false,
    filler: { kind: 'told', reason: 'answer' } as Told | undefined,
    toolFiller: true,
  };
  const told: string[] = [];
  const latestAtMs: number[] = [];
  const counted: string[] = [];
  const caller = new WaitingCaller({
    afterMs: 1_500,
    measurements: {
      observe: () => undefined,
      count: (_name, labels) => void counted.push(...Object.values<string>(labels)),
    },
    isOwed: () => state.isOwed,
    isJudging: () => state.isJudging,
    nowMs: () => Date.now(),
    fillReply: (latest) => {
      latestAtMs.push(latest);
      if (state.filler?.kind === 'told') told.push(state.filler.reason);
      return state.filler;
    },
    sayWhileToolRuns: () => {
      told.push('tool');
      return state.toolFiller;
    },
  });
  return { state, caller, told, counted, latestAtMs };
}

describe('a caller who waits', () => {
  it('is told so once the silence has lasted, what they waited before included', () => {
    const { caller, told, counted } = startWaiting();
    caller.begin(400);
    vi.advanceTimersByTime(1_099);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(told).toEqual(['answer']);
    expect(counted).toEqual(['answer']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is told nothing once there is sound, or nothing is owed', () => {
    const { state, caller, told } = startWaiting();
    caller.begin();
    caller.end();
    vi.advanceTimersByTime(5_000);
    caller.begin();
    state.isOwed = false;
    vi.advanceTimersByTime(5_000);
    expect(told).toEqual([]);
  });

  it('is told nothing while they speak over the reply, but is not forgotten', () => {
    const { state, caller, told } = startWaiting();
    state.isJudging = true;
    caller.begin();
    vi.advanceTimersByTime(1_500);
    expect(told).toEqual([]);
    state.isJudging = false;
    vi.advanceTimersByTime(1_500);
    expect(told).toEqual(['answer']);
  });

  it('is told that a tool takes its time only while one runs and no reply can say it', () => {
    const { state, caller, told, counted } = startWaiting();
    state.filler = undefined;
    caller.begin();
    vi.advanceTimersByTime(1_500);
    expect(told).toEqual([]);
    caller.noteTool(1);
    caller.begin();
    vi.advanceTimersByTime(1_500);
    expect(counted).toEqual(['tool']);
    caller.noteTool(-1);
    caller.begin();
    vi.advanceTimersByTime(1_500);
    expect(told).toEqual(['tool']);
  });

  it('is not counted as told when nothing was ready to be said', () => {
    const { state, caller, counted } = startWaiting();
    state.filler = undefined;
    state.toolFiller = false;
    caller.noteTool(1);
    caller.begin();
    vi.advanceTimersByTime(1_500);
    expect(counted).toEqual([]);
  });

  it('is told only once the answer that was due has not come, and by when at the latest', () => {
    const { state, caller, told, latestAtMs } = startWaiting();
    const spokenUntilMs = Date.now();
    vi.advanceTimersByTime(400);
    state.filler = { kind: 'held', untilMs: spokenUntilMs + 1_800 };
    caller.begin(400);
    vi.advanceTimersByTime(1_399);
    expect(latestAtMs).toEqual([spokenUntilMs + 2_500]);
    state.filler = { kind: 'told', reason: 'voice' };
    vi.advanceTimersByTime(1);
    expect(told).toEqual(['voice']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is told nothing by a hold whose answer has come', () => {
    const { state, caller, told } = startWaiting();
    state.filler = { kind: 'held', untilMs: Date.now() + 2_000 };
    caller.begin();
    vi.advanceTimersByTime(1_600);
    state.filler = { kind: 'told', reason: 'voice' };
    caller.end();
    vi.advanceTimersByTime(5_000);
    expect(told).toEqual([]);
  });

  it('is told as soon as there is a reply that can say it, where the turn was taken for over late', () => {
    const { state, caller, told } = startWaiting();
    state.filler = undefined;
    caller.begin(1_600);
    vi.advanceTimersByTime(30);
    state.filler = { kind: 'told', reason: 'answer' };
    vi.advanceTimersByTime(70);
    expect(told).toEqual(['answer']);
  });

  it('is given up, without a timer left, where none ever can', () => {
    const { state, caller, told } = startWaiting();
    state.filler = undefined;
    caller.begin();
    vi.advanceTimersByTime(10_000);
    expect(told).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is told again after a longer while, and in the next turn as soon as in the first', () => {
    const { caller, told } = startWaiting();
    caller.begin();
    vi.advanceTimersByTime(1_500);
    caller.goOn();
    vi.advanceTimersByTime(1_999);
    expect(told).toEqual(['answer']);
    vi.advanceTimersByTime(1);
    expect(told).toEqual(['answer', 'answer']);
    caller.begin();
    vi.advanceTimersByTime(1_500);
    expect(told).toHaveLength(3);
  });
});
