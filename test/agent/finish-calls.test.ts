import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AcceptedCalls } from '../../agent/accepted-calls.js';
import { finishCalls } from '../../agent/finish-calls.js';

const HOUR_MS = 3_600_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));

/** A worker that was asked to stop: calls that run, calls on their way, and how the wait for them ended. */
function stopWorker({ running = [], onTheirWay = [] }: { running?: string[]; onTheirWay?: [string, number][] }) {
  const active = new Set(running);
  const accepted = new AcceptedCalls();
  for (const [jobId, untilMs] of onTheirWay) accepted.note(jobId, performance.now() + untilMs);
  const cut = new AbortController();
  const calls = () => active.size + accepted.beside(active, performance.now());
  const ends: string[] = [];
  void finishCalls({ calls, withinMs: HOUR_MS, cut: cut.signal }).then((end) => ends.push(end));
  return { active, cut, ends };
}

describe('a worker that is asked to stop', () => {
  it('waits for nothing where there is no call', async () => {
    const { ends } = stopWorker({});
    await vi.advanceTimersByTimeAsync(0);
    expect(ends).toEqual(['over']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits for the last call that runs', async () => {
    const { active, ends } = stopWorker({ running: ['a', 'b'] });
    await vi.advanceTimersByTimeAsync(600_000);
    active.delete('a');
    await vi.advanceTimersByTimeAsync(600_000);
    expect(ends).toEqual([]);
    active.delete('b');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ends).toEqual(['over']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits for a call that no process has yet, and for its end', async () => {
    const { active, ends } = stopWorker({ onTheirWay: [['a', 7_500]] });
    await vi.advanceTimersByTimeAsync(7_000);
    active.add('a');
    await vi.advanceTimersByTimeAsync(600_000);
    expect(ends).toEqual([]);
    active.delete('a');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ends).toEqual(['over']);
  });

  it('waits no longer than it may come for a call that does not come', async () => {
    const { ends } = stopWorker({ onTheirWay: [['a', 7_500]] });
    await vi.advanceTimersByTimeAsync(7_400);
    expect(ends).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ends).toEqual(['over']);
  });

  it('gives calls up that do not end in time', async () => {
    const { ends } = stopWorker({ running: ['a'] });
    await vi.advanceTimersByTimeAsync(HOUR_MS - 1_000);
    expect(ends).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ends).toEqual(['late']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits no more when it is asked twice', async () => {
    const { cut, ends } = stopWorker({ running: ['a'] });
    await vi.advanceTimersByTimeAsync(1_000);
    cut.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(ends).toEqual(['cut']);
    expect(vi.getTimerCount()).toBe(0);
  });
});
