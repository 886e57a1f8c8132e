import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MetricReceiver, MetricSender } from '../../../agent/telemetry/metric-channel.js';
import { Metrics } from '../../../agent/telemetry/metrics.js';

const metrics = () => new Metrics('test');

const partsOf = (sampleName: string) =>
  sampleName
    .split(/[{},]/)
    .filter((part) => part !== '')
    .sort()
    .join();

/** The value of one sample, found by its name and labels in whatever order. */
async function sample(of: Metrics, wanted: string): Promise<number | undefined> {
  const lines = (await of.text()).split('\n').filter((line) => !line.startsWith('#'));
  const found = lines.find((line) => partsOf(line.slice(0, line.lastIndexOf(' '))) === partsOf(wanted));
  return found === undefined ? undefined : Number(found.slice(found.lastIndexOf(' ') + 1));
}

const DROPPED = 'turnwise_dropped_metric_batches_total{region="test"}';

describe('the metrics', () => {
  it('export durations in seconds, in the bucket they belong to', async () => {
    const m = metrics();
    m.observe('turnwise_response_seconds', { profile: 'good' }, 740);
    expect(await sample(m, 'turnwise_response_seconds_sum{region="test",profile="good"}')).toBeCloseTo(0.74);
    expect(await sample(m, 'turnwise_response_seconds_bucket{le="0.7",region="test",profile="good"}')).toBe(0);
    expect(await sample(m, 'turnwise_response_seconds_bucket{le="0.8",region="test",profile="good"}')).toBe(1);
  });

  it('refuse durations that are none', () => {
    for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => metrics().observe('turnwise_endpointing_seconds', {}, ms)).toThrow(RangeError);
    }
  });

  it('keep label sets bounded: strange and further values are called other', async () => {
    const m = metrics();
    for (let i = 0; i < 100; i++) m.count('turnwise_interruptions_total', { verdict: `v${i}` });
    m.count('turnwise_interruptions_total', { verdict: 'a room name: "x"' });
    const text = await m.text();
    expect(text.match(/^turnwise_interruptions_total\{/gm)?.length).toBe(33);
    expect(await sample(m, 'turnwise_interruptions_total{region="test",verdict="other"}')).toBe(69);
  });
});

describe('the channel from call processes', () => {
  let m: Metrics;
  let receiver: MetricReceiver;
  let path: string;
  let warm: number;

  beforeEach(async () => {
    m = metrics();
    warm = 0;
    receiver = new MetricReceiver(m, {
      warm: () => {
        warm += 1;
      },
    });
    path = await receiver.listen();
  });

  afterEach(async () => {
    await receiver.close();
  });

  it('brings every event of every call to the parent', async () => {
    const senders = Array.from({ length: 4 }, () => new MetricSender(path));
    for (const sender of senders) {
      for (let i = 0; i < 50; i++) sender.observe('turnwise_response_seconds', { profile: 'good' }, 500);
      sender.count('turnwise_calls_total', { outcome: 'completed' });
    }
    await Promise.all(senders.map((sender) => sender.close()));
    await vi.waitFor(async () => {
      expect(await sample(m, 'turnwise_response_seconds_count{region="test",profile="good"}')).toBe(200);
      expect(await sample(m, 'turnwise_calls_total{region="test",outcome="completed"}')).toBe(4);
    });
  });

  it('knows which processes are warm, and forgets those that are gone', async () => {
    const [first, second] = [new MetricSender(path), new MetricSender(path)];
    first.setState('warm');
    second.setState('warm');
    await vi.waitFor(() => expect(receiver.warmProcesses).toBe(2));
    expect(warm).toBe(2);
    first.setState('busy');
    await vi.waitFor(() => expect(receiver.warmProcesses).toBe(1));
    await Promise.all([first.close(), second.close()]);
    await vi.waitFor(() => expect(receiver.warmProcesses).toBe(0));
  });

  it('keeps what a killed process had sent, and goes on', async () => {
    const child = fork(new URL('./killed-sender.mjs', import.meta.url), [path]);
    await vi.waitFor(async () => {
      expect(await sample(m, 'turnwise_turns_total{region="test",profile="good",outcome="answered"}')).toBe(3);
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const survivor = new MetricSender(path);
    survivor.count('turnwise_turns_total', { profile: 'good', outcome: 'answered' });
    await survivor.close();
    await vi.waitFor(async () => {
      expect(await sample(m, 'turnwise_turns_total{region="test",profile="good",outcome="answered"}')).toBe(4);
    });
  });

  it('drops and counts what is no batch, without losing the next one', async () => {
    const socket = connect(path);
    socket.write('garbage\n[{"kind":"observe","name":"turnwise_response_seconds","labels":{},"value":-5}]\n');
    socket.write('[{"kind":"count","name":"no_such_metric","labels":{},"value":1}]\n');
    socket.end('[{"kind":"count","name":"turnwise_calls_total","labels":{"outcome":"completed"},"value":1}]\n');
    await vi.waitFor(async () => {
      expect(await sample(m, DROPPED)).toBe(3);
      expect(await sample(m, 'turnwise_calls_total{region="test",outcome="completed"}')).toBe(1);
    });
  });

  it('costs a call nothing when nobody listens', async () => {
    await receiver.close();
    const sender = new MetricSender(path);
    for (let i = 0; i < 10_000; i++) sender.count('turnwise_calls_total', { outcome: 'completed' });
    await sender.close();
  });
});
