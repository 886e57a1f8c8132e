/** What readers that are slow or gone cost a call: nothing. */
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { z } from 'zod';
import { MetricSender } from '../../../agent/telemetry/metric-sender.js';
import { turn } from './records.js';
import { unreadWorker } from './unread-worker.js';

const Event = z.object({ kind: z.string(), name: z.string().optional(), value: z.number().optional() });

const worker = unreadWorker();

const soon = () => new Promise((resolve) => setImmediate(resolve));

it('keeps no more than a bound for a reader that stalls, and tells it what was dropped once it reads again', async () => {
  const sender = new MetricSender(worker.path);
  const socket = await worker.connection;
  const sent = { metrics: 100_000, records: 5_000 };
  for (let i = 0; i < sent.records; i += 1) {
    sender.record(turn('c', i, 'x'.repeat(2_000)));
    for (let j = 0; j < sent.metrics / sent.records; j += 1)
      sender.count('turnwise_openings_total', { outcome: 'spoken' });
    if (i % 10 === 0) await soon();
  }
  sender.endCall('completed');
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  socket.resume();
  await Promise.all([sender.close(), once(socket, 'end')]);

  const events = text.split('\n').flatMap((line) => (line === '' ? [] : z.array(Event).parse(JSON.parse(line))));
  const of = (kind: string, name?: string) => events.filter((event) => event.kind === kind && event.name === name);
  expect(of('over')).toHaveLength(1);
  const metrics = of('count', 'turnwise_openings_total').length;
  const records = of('record').length;
  // What waits is bounded, and so is what is with the socket and the system: a batch and a few buffers.
  expect(metrics).toBeGreaterThan(1_000);
  expect(metrics).toBeLessThan(15_000);
  expect(records).toBeGreaterThan(500);
  expect(Buffer.byteLength(text)).toBeLessThan(8_000_000);
  const dropped = of('count', 'turnwise_dropped_metric_batches_total').reduce((sum, { value = 0 }) => sum + value, 0);
  const lost = sent.metrics + sent.records - metrics - records;
  expect(dropped).toBeGreaterThanOrEqual(Math.floor(lost / 1_000));
  expect(dropped).toBeLessThanOrEqual(Math.ceil(lost / 1_000) + 20);
});

it('ends though its reader never reads', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const sender = new MetricSender(worker.path);
  const socket = await worker.connection;
  for (let i = 0; i < 2_000; i += 1) sender.record(turn('c', i, 'x'.repeat(2_000)));
  await soon();
  const closed = sender.close();
  expect(sender.close()).toBe(closed);
  await vi.advanceTimersByTimeAsync(1_000);
  await closed;
  socket.destroy();
});

it('gives all that waited to a reader that is slow while the call ends', async () => {
  const sender = new MetricSender(worker.path);
  const socket = await worker.connection;
  for (let i = 0; i < 900; i += 1) sender.record(turn('c', i, 'x'.repeat(2_000)));
  await soon();
  const closed = sender.close();
  await soon();
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  socket.resume();
  await Promise.all([closed, once(socket, 'end')]);
  expect(text.match(/"kind":"record"/g)).toHaveLength(900);
});

it('goes on when nobody listens, or nobody does any more, and counts what it did not tell', async () => {
  const unheard = new MetricSender(worker.nobody);
  for (let i = 0; i < 10_000; i += 1) unheard.count('turnwise_openings_total', { outcome: 'spoken' });
  await unheard.close();
  // And what it began with: who it is.
  expect(unheard.droppedEvents).toBe(10_001);

  const left = new MetricSender(worker.path);
  const socket = await worker.connection;
  left.setState('busy');
  await soon();
  socket.destroy();
  for (let i = 0; i < 1_000; i += 1) {
    left.record(turn('c', i));
    await soon();
  }
  await left.close();
  // The first few went before it was known that nobody reads.
  expect(left.droppedEvents).toBeGreaterThan(900);
  expect(left.droppedEvents).toBeLessThanOrEqual(1_000);
  const { droppedEvents } = left;
  left.count('turnwise_openings_total', { outcome: 'spoken' });
  await left.close();
  expect(left.droppedEvents).toBe(droppedEvents);
});

it('counts what a reader that never reads has not taken when the call ends', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const sender = new MetricSender(worker.path);
  const socket = await worker.connection;
  for (let i = 0; i < 900; i += 1) sender.record(turn('c', i, 'x'.repeat(2_000)));
  await soon();
  expect(sender.droppedEvents).toBe(0);
  const closed = sender.close();
  await vi.advanceTimersByTimeAsync(1_000);
  await closed;
  // All but what is with the socket and the system: a batch and a few buffers.
  expect(sender.droppedEvents).toBeGreaterThan(500);
  expect(sender.droppedEvents).toBeLessThan(900);
  socket.destroy();
});
