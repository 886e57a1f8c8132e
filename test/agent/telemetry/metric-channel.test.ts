import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RecordSink } from '../../../agent/telemetry/call-record.js';
import { MetricReceiver } from '../../../agent/telemetry/metric-receiver.js';
import { MetricSender } from '../../../agent/telemetry/metric-sender.js';
import { Metrics } from '../../../agent/telemetry/metrics.js';
import { collector, ended, started, turn } from './records.js';
import { sample } from './samples.js';

const DROPPED = 'turnwise_dropped_metric_batches_total{region="test"}';
const ANSWERED = 'turnwise_turns_total{region="test",profile="good",outcome="answered"}';
const calls = (outcome: string) => `turnwise_calls_total{region="test",outcome="${outcome}"}`;

const answered = { profile: 'good', outcome: 'answered' } as const;
const answeredEvent = { kind: 'count', name: 'turnwise_turns_total', labels: answered, value: 1 };
const lineOf = (...events: object[]) => `${JSON.stringify(events)}\n`;

let m: Metrics;
let receiver: MetricReceiver;
let path: string;
let warm: number;
let sinkErrors: unknown[];
const kept = { first: collector(), second: collector() };
let sinks: RecordSink[];

beforeEach(async () => {
  m = new Metrics('test');
  warm = 0;
  sinkErrors = [];
  kept.first = collector();
  kept.second = collector();
  sinks = [kept.first, kept.second];
  receiver = new MetricReceiver(
    m,
    {
      warm: () => {
        warm += 1;
      },
      sinkFailed: (error) => sinkErrors.push(error),
    },
    sinks,
  );
  path = await receiver.listen();
});

afterEach(async () => {
  await receiver.close();
});

/** The machine may be busy. */
const patience = { timeout: 5_000, interval: 20 };
const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, patience);
const seen = (name: string, value: number) => eventually(async () => expect(await sample(m, name)).toBe(value));

/** Runs a process that sends this and is killed at once. */
async function sendAndBeKilled(text: string): Promise<void> {
  const child = fork(new URL('./killed-sender.mjs', import.meta.url), [path, text]);
  const [, signal] = await once(child, 'exit');
  expect(signal).toBe('SIGKILL');
}

describe('the channel from call processes', () => {
  it('brings every event of every call to the parent', async () => {
    const senders = Array.from({ length: 4 }, () => new MetricSender(path));
    for (const sender of senders) {
      for (let i = 0; i < 50; i++) sender.observe('turnwise_response_seconds', { profile: 'good' }, 500);
      sender.count('turnwise_fillers_total', { reason: 'tool' });
    }
    await Promise.all(senders.map((sender) => sender.close()));
    await seen('turnwise_response_seconds_count{region="test",profile="good"}', 200);
    await seen('turnwise_fillers_total{region="test",reason="tool"}', 4);
    await seen(DROPPED, 0);
  });

  it('knows which processes are warm, and forgets those that are gone', async () => {
    const [first, second] = [new MetricSender(path), new MetricSender(path)];
    first.setState('warm');
    second.setState('warm');
    await eventually(() => expect(receiver.warmProcesses).toBe(2));
    expect(warm).toBe(2);
    first.setState('busy');
    await eventually(() => expect(receiver.warmProcesses).toBe(1));
    expect(receiver.processes).toEqual([
      { pid: process.pid, hasCall: true },
      { pid: process.pid, hasCall: false },
    ]);
    await Promise.all([first.close(), second.close()]);
    await eventually(() => expect(receiver.processes).toEqual([]));
  });

  it('brings more than one batch can hold, in batches that are taken', async () => {
    const sender = new MetricSender(path);
    const text = 'x'.repeat(3_000);
    for (let i = 0; i < 400; i += 1) sender.record(turn('c', i, text));
    for (let i = 0; i < 1_900; i += 1) sender.count('turnwise_turns_total', answered);
    await sender.close();
    await seen(ANSWERED, 1_900);
    await eventually(() => expect(kept.first.records).toHaveLength(400));
    expect(kept.first.records.at(-1)).toEqual(turn('c', 399, text));
    await seen(DROPPED, 0);
  });

  it('hands records to every sink, in order, and one that throws harms nobody', async () => {
    sinks.unshift({
      take: () => {
        throw new Error('full');
      },
      close: async () => undefined,
    });
    const sender = new MetricSender(path);
    const told = [started('c'), turn('c', 0, 'one'), turn('c', 1, 'two'), ended('c')];
    for (const record of told) sender.record(record);
    sender.count('turnwise_turns_total', answered);
    await sender.close();
    await eventually(() => expect(kept.second.records).toEqual(told));
    expect(kept.first.records).toEqual(told);
    expect(sinkErrors).toHaveLength(1);
    await seen(ANSWERED, 1);
  });
});

describe('the end of a call', () => {
  it('is counted once when it is told, whatever becomes of the process', async () => {
    const sender = new MetricSender(path);
    sender.setState('warm');
    sender.setState('busy');
    sender.record(started('c'));
    sender.record(ended('c', 'lost'));
    sender.endCall('lost');
    await sender.close();
    await seen(calls('lost'), 1);
    await eventually(() => expect(receiver.processes).toEqual([]));
    await seen(calls('crashed'), 0);
    expect(kept.first.records).toEqual([started('c'), ended('c', 'lost')]);
  });

  it('is a crash when the process is killed; what it had sent is kept, and nothing is counted twice', async () => {
    // The process never reads this: its end of the connection is reset when it is killed.
    receiver.tellBudget(new Map([['good', 'openings']]));
    const before = Date.now();
    await sendAndBeKilled(
      lineOf({ kind: 'process', pid: 7 }, { kind: 'state', state: 'warm' }) +
        lineOf({ kind: 'state', state: 'busy' }, { kind: 'record', record: started('c') }) +
        lineOf(answeredEvent, answeredEvent, { kind: 'record', record: turn('c', 1) }) +
        // A line that was not done.
        lineOf(answeredEvent).slice(0, 20),
    );
    await seen(calls('crashed'), 1);
    await seen(ANSWERED, 2);
    await eventually(() => expect(kept.first.records).toHaveLength(3));
    const end = kept.first.records.at(-1);
    expect(end).toMatchObject({ type: 'call-ended', callId: 'c', outcome: 'crashed' });
    expect(end?.type === 'call-ended' && end.endedAtUnixMs).toBeGreaterThanOrEqual(before);

    const survivor = new MetricSender(path);
    survivor.count('turnwise_turns_total', answered);
    await survivor.close();
    await seen(ANSWERED, 3);
    await receiver.close();
    await seen(calls('crashed'), 1);
    expect(kept.first.records).toHaveLength(3);
  });

  it('keeps all of a backlog that the system had when the process was killed', async () => {
    await sendAndBeKilled(lineOf(...Array.from({ length: 900 }, () => answeredEvent)));
    await seen(ANSWERED, 900);
  });

  it('is no crash of a process that had no call yet', async () => {
    await sendAndBeKilled(lineOf({ kind: 'process', pid: 7 }, { kind: 'state', state: 'warm' }, answeredEvent));
    await seen(ANSWERED, 1);
    await eventually(() => expect(receiver.warmProcesses).toBe(0));
    await seen(calls('crashed'), 0);
    expect(kept.first.records).toEqual([]);
  });

  it('is told to whoever keeps records even if the process could not, with the outcome it gave', async () => {
    await sendAndBeKilled(
      lineOf(
        { kind: 'state', state: 'busy' },
        { kind: 'record', record: started('c') },
        { kind: 'over', outcome: 'completed' },
      ),
    );
    await eventually(() => expect(kept.first.records).toHaveLength(2));
    expect(kept.first.records[1]).toMatchObject({ type: 'call-ended', outcome: 'completed' });
    await seen(calls('completed'), 1);
    await seen(calls('crashed'), 0);
  });

  it('is a crash, once, for calls that the parent leaves behind', async () => {
    const sender = new MetricSender(path);
    sender.setState('busy');
    sender.record(started('c'));
    await eventually(() => expect(kept.first.records).toHaveLength(1));
    await receiver.close();
    await receiver.close();
    expect(kept.first.records.slice(1)).toMatchObject([{ type: 'call-ended', callId: 'c', outcome: 'crashed' }]);
    await seen(calls('crashed'), 1);
    await sender.close();
  });
});

describe('what a process sends that is none of our events', () => {
  it('is dropped and counted, without losing the next one', async () => {
    const socket = connect(path);
    socket.write('garbage\n[{"kind":"observe","name":"turnwise_response_seconds","labels":{},"value":-5}]\n');
    socket.write('[{"kind":"count","name":"no_such_metric","labels":{},"value":1}]\n');
    socket.write(`${JSON.stringify(Array.from({ length: 1_001 }, () => answeredEvent))}\n`);
    socket.write(`${'x'.repeat(1_500_000)}\n`);
    socket.end('[{"kind":"count","name":"turnwise_failovers_total","labels":{"component":"llm"},"value":1}]\n');
    await seen(DROPPED, 5);
    await seen('turnwise_failovers_total{region="test",component="llm"}', 1);
    await seen(ANSWERED, 0);
  });

  it('costs nothing of what came with it', async () => {
    const malformed = { kind: 'record', record: { ...turn('c', 1), startedAtUnixMs: -1 } };
    const socket = connect(path);
    socket.end(lineOf(answeredEvent, malformed, { kind: 'strange' }, answeredEvent));
    await seen(ANSWERED, 2);
    await seen(DROPPED, 1);
    expect(kept.first.records).toEqual([]);
  });

  it('counts one call at most, and speaks for its own alone', async () => {
    const socket = connect(path);
    const over = (outcome: string) => ({ kind: 'over', outcome });
    socket.write(lineOf({ kind: 'state', state: 'busy' }, { kind: 'record', record: started('mine') }));
    socket.write(lineOf({ kind: 'record', record: turn('yours', 1) }, { kind: 'record', record: ended('yours') }));
    socket.write(lineOf({ kind: 'record', record: ended('mine') }, over('completed'), over('completed'), over('lost')));
    socket.end(lineOf({ kind: 'state', state: 'warm' }, { kind: 'state', state: 'busy' }, answeredEvent));
    await seen(ANSWERED, 1);
    await eventually(() => expect(receiver.processes).toEqual([]));
    await seen(calls('completed'), 1);
    await seen(calls('lost'), 0);
    await seen(calls('crashed'), 0);
    expect(warm).toBe(0);
    expect(kept.first.records).toEqual([started('mine'), ended('mine')]);
    await seen(DROPPED, 2);
  });

  it('makes no series without end', async () => {
    const socket = connect(path);
    const strange = (i: number) => ({
      kind: 'observe',
      name: 'turnwise_llm_ttft_seconds',
      labels: { provider: `p${i % 97}`, model: `m${i % 89}`, __proto__: 'x', more: String(i) },
      value: i,
    });
    for (let i = 0; i < 5_000; i += 100) {
      socket.write(lineOf(...Array.from({ length: 100 }, (_, at) => strange(i + at))));
    }
    socket.end(lineOf(answeredEvent));
    await seen(ANSWERED, 1);
    const sets = (await m.text()).split('\n').filter((line) => line.startsWith('turnwise_llm_ttft_seconds_count'));
    expect(sets.length).toBeLessThanOrEqual(101);
    expect(sets.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)).toBe(5_000);
    await seen(DROPPED, 0);
  });
});
