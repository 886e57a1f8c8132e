import { describe, expect, it } from 'vitest';
import { CallMemory, latencyKey, type MemoryEvent } from '../../../agent/resilience/call-memory.js';
import { WorkerMemory } from '../../../agent/resilience/worker-memory.js';

const KEY = latencyKey('llm', 0, { provider: 'openai', model: 'gpt-4o-mini' });

function sharing() {
  const told: MemoryEvent[] = [];
  return { memory: new CallMemory((event) => told.push(event)), told };
}

describe('what a call knows of its providers', () => {
  it('is what it noted itself where nobody shares with it', () => {
    const memory = new CallMemory();
    for (const ms of [300, Number.NaN, 400]) memory.noteLatency(KEY, ms);
    memory.noteRequest('answers', 0.1);
    expect(memory.latencies(KEY).samplesMs).toEqual([300, 400]);
    expect(memory.mayHedge('answers', 0.1)).toBe(true);
    memory.noteExtra('answers');
    expect(memory.mayHedge('answers', 0.1)).toBe(false);
    expect(memory.mayHedge('recognition', 0.1)).toBe(true);
  });

  it('is told to the worker: each latency, and all that was earned and spent', () => {
    const { memory, told } = sharing();
    memory.noteLatency(KEY, 300);
    memory.noteLatency(KEY, -1);
    memory.noteRequest('answers', 0.5);
    memory.noteRequest('answers', 0.5);
    memory.noteExtra('answers');
    memory.noteRequest('answers', 0);
    expect(told).toEqual([
      { kind: 'latency', key: KEY, ms: 300 },
      { kind: 'hedges', purpose: 'answers', earned: 0.5, spent: 0 },
      { kind: 'hedges', purpose: 'answers', earned: 1, spent: 0 },
      { kind: 'hedges', purpose: 'answers', earned: 1, spent: 1 },
    ]);
  });

  it('is what the worker says once it says something, and spends only what it is granted', () => {
    const { memory } = sharing();
    memory.noteLatency(KEY, 300);
    memory.take({ latencies: { [KEY]: [100, 200] } });
    expect(memory.latencies(KEY).samplesMs).toEqual([100, 200]);
    expect(memory.mayHedge('answers', 0.1)).toBe(false);
    memory.take({ hedges: { answers: { granted: 1, reserve: 2 } } });
    expect(memory.mayHedge('answers', 0.1)).toBe(true);
    expect(memory.reserve('answers')).toBe(3);
    // What is not told again has not changed.
    memory.take({ latencies: {} });
    expect(memory.mayHedge('answers', 0.1)).toBe(true);
    expect(memory.latencies(KEY).samplesMs).toEqual([100, 200]);
  });

  it('goes on with what it knows, and with what it saved itself, when the worker is gone', () => {
    const { memory } = sharing();
    memory.take({ latencies: { [KEY]: [100] } });
    memory.leave();
    expect(memory.latencies(KEY).samplesMs).toEqual([100]);
    expect(memory.mayHedge('recognition', 0.1)).toBe(true);
  });

  it('keeps two providers of the same name apart by their place, and keys short', () => {
    expect(latencyKey('llm', 1, { provider: 'openai', model: 'gpt-4o-mini' })).not.toBe(KEY);
    expect(latencyKey('tts', 0, { provider: 'p', model: 'm'.repeat(1_000) })).toHaveLength(160);
  });
});

describe('what a worker remembers', () => {
  it('is the last fifty latencies of each provider, of all calls', () => {
    const worker = new WorkerMemory<string>();
    for (let ms = 1; ms <= 60; ms += 1) worker.take({ kind: 'latency', key: KEY, ms: ms + 0.4 }, `call ${ms % 3}`);
    expect(worker.latencies()).toEqual({ latencies: { [KEY]: Array.from({ length: 50 }, (_, index) => index + 11) } });
  });

  it('has a bound, whatever names calls come up with', () => {
    const worker = new WorkerMemory<string>();
    for (let at = 0; at < 100; at += 1) worker.take({ kind: 'latency', key: `strange ${at}`, ms: 1 }, 'call');
    worker.take({ kind: 'latency', key: 'strange 0', ms: 2 }, 'call');
    const { latencies = {} } = worker.latencies();
    expect(Object.keys(latencies)).toHaveLength(32);
    expect(latencies['strange 0']).toEqual([1, 2]);
  });

  it('tells whose grants have changed', () => {
    const worker = new WorkerMemory<string>();
    const hedges = (spent: number) => ({ kind: 'hedges', purpose: 'answers', earned: 0, spent }) as const;
    expect(worker.take(hedges(0), 'a')).toEqual(['a']);
    expect(worker.take(hedges(0), 'a')).toEqual([]);
    expect(worker.take(hedges(0), 'b')).toEqual(['b']);
    expect(worker.take(hedges(1), 'a')).toEqual(['a']);
    expect(worker.take(hedges(2), 'a')).toEqual([]);
    expect(worker.grants('a')).toMatchObject({ hedges: { answers: { granted: 2, reserve: 0 } } });
    expect(worker.leave('b')).toEqual(['a']);
    expect(worker.grants('a')).toMatchObject({ hedges: { answers: { granted: 3, reserve: 0 } } });
  });
});
