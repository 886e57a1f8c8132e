/** What a call knows of its providers when the worker's parent does not listen, says nothing or goes. */
import { expect, it, vi } from 'vitest';
import { latencyKey } from '../../../agent/resilience/call-memory.js';
import { MetricSender } from '../../../agent/telemetry/metric-sender.js';
import { unreadWorker } from './unread-worker.js';

const KEY = latencyKey('tts', 0, { provider: 'cartesia', model: 'sonic-3' });
const SHARE = 0.1;

const worker = unreadWorker();

/** As a call that makes ten requests, all of them late. @returns How many it hedged. */
function hedged({ memory }: MetricSender): number {
  let extra = 0;
  for (let request = 0; request < 10; request += 1) {
    memory.noteRequest('answers', SHARE);
    memory.noteLatency(KEY, 200);
    if (!memory.mayHedge('answers', SHARE)) continue;
    memory.noteExtra('answers');
    extra += 1;
  }
  return extra;
}

it('is its own while nobody says anything: two of ten, as its requests pay for', async () => {
  const absent = new MetricSender(worker.nobody);
  expect(hedged(absent)).toBe(2);
  expect(absent.memory.latencies(KEY).samplesMs).toHaveLength(10);
  await absent.close();

  const unread = new MetricSender(worker.path);
  const socket = await worker.connection;
  expect(hedged(unread)).toBe(2);
  socket.destroy();
  await unread.close();
});

it('is its own again once the worker is gone, and what it learnt stays', async () => {
  const sender = new MetricSender(worker.path);
  const { memory } = sender;
  const socket = await worker.connection;
  socket.write(
    `${JSON.stringify({ latencies: { [KEY]: [150, 160] }, hedges: { answers: { granted: 0, reserve: 0 } } })}\n`,
  );
  await vi.waitFor(() => expect(memory.latencies(KEY).samplesMs).toEqual([150, 160]));
  expect(hedged(sender)).toBe(0);
  socket.destroy();
  await vi.waitFor(() => expect(memory.mayHedge('answers', SHARE)).toBe(true));
  expect(memory.latencies(KEY).samplesMs).toHaveLength(12);
  await sender.close();
});

it('is not changed by what makes no sense', async () => {
  const sender = new MetricSender(worker.path);
  const socket = await worker.connection;
  socket.write(`${JSON.stringify({ latencies: { [KEY]: [-5] } })}\n`);
  socket.write(`${JSON.stringify({ latencies: { [KEY]: Array(51).fill(1) } })}\n`);
  socket.write(`${JSON.stringify({ hedges: { answers: { granted: -1, reserve: 0 } } })}\n`);
  socket.write(`${JSON.stringify({ hedges: { other: { granted: 9, reserve: 9 } } })}\nnothing\n`);
  socket.write(`${JSON.stringify({ budget: { good: 'openings' } })}\n`);
  await vi.waitFor(() => expect(sender.budgetStep('good')).toBe('openings'));
  expect(sender.memory.latencies(KEY).samplesMs).toEqual([]);
  socket.destroy();
  await sender.close();
});
