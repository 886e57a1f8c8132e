import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WaitingCaller } from '../../../agent/conversation/waiting-caller.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A caller who is told to wait after 1,500 ms; what the reply and the tools can say is set by the test. */
function startWaiting() {
  const state = { isOwed: true, isJudging: false, filler: 'answer' as string | undefined, toolFiller: true };
  const told: string[] = [];
  const counted: string[] = [];
  const caller = new WaitingCaller({
    afterMs: 1_500,
    measurements: {
      observe: () => undefined,
      count: (_name, labels) => void counted.push(...Object.values<string>(labels)),
    },
    isOwed: () => state.isOwed,
    isJudging: () => state.isJudging,
    fillReply: () => {
      if (state.filler !== undefined) told.push(state.filler);
      return state.filler;
    },
    sayWhileToolRuns: () => {
      told.push('tool');
      return state.toolFiller;
    },
  });
  return { state, caller, told, counted };
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
});
