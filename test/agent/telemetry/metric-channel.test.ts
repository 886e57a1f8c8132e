import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MetricReceiver } from '../../../agent/telemetry/metric-receiver.js';
import { MetricSender } from '../../../agent/telemetry/metric-sender.js';
import { Metrics } from '../../../agent/telemetry/metrics.js';
import { sample } from './samples.js';

const DROPPED = 'turnwise_dropped_metric_batches_total{region="test"}';

describe('the channel from call processes', () => {
  let m: Metrics;
  let receiver: MetricReceiver;
  let path: string;
  let warm: number;

  beforeEach(async () => {
    m = new Metrics('test');
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
