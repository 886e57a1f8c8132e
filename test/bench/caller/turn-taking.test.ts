import { describe, expect, it } from 'vitest';
import type { HeardStretch } from '../../../bench/caller/ear.js';
import { gaveWayAtMs, type Heard, replyProgress } from '../../../bench/caller/turn-taking.js';

const stretch = (startedAtMs: number, endedAtMs?: number): HeardStretch =>
  endedAtMs === undefined ? { startedAtMs } : { startedAtMs, endedAtMs };

function heard(heardUntilMs: number, stretches: HeardStretch[], agentState: string | undefined = 'listening'): Heard {
  return { heardUntilMs, stretches, agentState };
}

const question = { startedAtMs: 1_000, endedAtMs: 2_000 };

describe('the answer to a question', () => {
  it('begins with the first sound after the end of the question', () => {
    expect(replyProgress(heard(2_500, []), question)).toEqual({ kind: 'silent', cutIn: false });
    const speaking = { kind: 'speaking', startedAtMs: 2_700, cutIn: false };
    expect(replyProgress(heard(3_000, [stretch(2_700)]), question)).toEqual(speaking);
  });

  it('is over when the agent listens and has been quiet for a while', () => {
    const stretches = [stretch(2_700, 3_500)];
    expect(replyProgress(heard(4_199, stretches), question).kind).toBe('speaking');
    const over = { kind: 'over', startedAtMs: 2_700, endedAtMs: 3_500, cutIn: false };
    expect(replyProgress(heard(4_200, stretches), question)).toEqual(over);
    expect(replyProgress({ ...heard(4_200, stretches), agentState: undefined }, question)).toEqual(over);
  });

  it.each(['thinking', 'speaking'])('goes on over a pause while the agent is %s, but not for ever', (state) => {
    const stretches = [stretch(2_700, 3_500)];
    expect(replyProgress(heard(7_000, stretches, state), question).kind).toBe('speaking');
    expect(replyProgress(heard(7_500, stretches, state), question).kind).toBe('over');
  });

  it('holds all its sentences', () => {
    const stretches = [stretch(2_700, 3_500), stretch(3_900, 5_000)];
    expect(replyProgress(heard(6_000, stretches), question)).toMatchObject({ startedAtMs: 2_700, endedAtMs: 5_000 });
  });

  it('is not what was said before the question', () => {
    expect(replyProgress(heard(3_000, [stretch(0, 900)]), question).kind).toBe('silent');
    expect(replyProgress(heard(3_000, [stretch(500, 1_500)]), question)).toEqual({ kind: 'silent', cutIn: false });
  });

  it('may have begun too early: that is told, and what broke off is no answer', () => {
    const lasting = replyProgress(heard(5_000, [stretch(1_400, 2_600)]), question);
    expect(lasting).toEqual({ kind: 'over', startedAtMs: 1_400, endedAtMs: 2_600, cutIn: true });
    const brokenOff = [stretch(1_400, 1_700)];
    expect(replyProgress(heard(3_000, brokenOff), question)).toEqual({ kind: 'silent', cutIn: true });
    const again = replyProgress(heard(3_000, [...brokenOff, stretch(2_400)]), question);
    expect(again).toEqual({ kind: 'speaking', startedAtMs: 2_400, cutIn: true });
  });

  it('ends with the next question', () => {
    const closing = { ...question, closesAtMs: 4_000 };
    const over = replyProgress(heard(4_000, [stretch(2_700)]), closing);
    expect(over).toEqual({ kind: 'over', startedAtMs: 2_700, endedAtMs: 4_000, cutIn: false });
    expect(replyProgress(heard(5_000, [stretch(4_500)]), closing).kind).toBe('silent');
  });
});

describe('giving way', () => {
  it('is the last sound of what was being said', () => {
    expect(gaveWayAtMs(heard(2_000, [stretch(0)]), 1_000, 600)).toBeUndefined();
    expect(gaveWayAtMs(heard(1_700, [stretch(0, 1_150)]), 1_000, 600)).toBeUndefined();
    expect(gaveWayAtMs(heard(1_750, [stretch(0, 1_150)]), 1_000, 600)).toBe(1_150);
  });

  it('has not happened when the agent only took breath', () => {
    const stretches = [stretch(0, 1_150), stretch(1_500, 2_000)];
    expect(gaveWayAtMs(heard(2_300, stretches), 1_000, 600)).toBeUndefined();
    expect(gaveWayAtMs(heard(2_600, stretches), 1_000, 600)).toBe(2_000);
  });

  it('is not confused by the answer that follows', () => {
    expect(gaveWayAtMs(heard(3_000, [stretch(0, 1_150), stretch(2_500)]), 1_000, 600)).toBe(1_150);
  });
});
