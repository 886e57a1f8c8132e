/** What call processes know together of their providers: real processes, over the worker's own socket. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { latencyKey } from '../../../agent/resilience/call-memory.js';
import { MetricReceiver } from '../../../agent/telemetry/metric-receiver.js';
import { Metrics } from '../../../agent/telemetry/metrics.js';

const Answer = z.object({ knownMs: z.array(z.number()), extra: z.number() });
const KEY = latencyKey('llm', 0, { provider: 'openai', model: 'gpt-4o-mini' });
const SHARE = 0.1;
/** Extra requests that are allowed before any is paid for. */
const BURST = 3;

let receiver: MetricReceiver;
let path: string;
const forked: ChildProcess[] = [];

beforeEach(async () => {
  receiver = new MetricReceiver(new Metrics('test'), { warm: () => undefined });
  path = await receiver.listen();
});
afterEach(async () => {
  for (const child of forked.splice(0)) child.kill('SIGKILL');
  await receiver.close();
});

function call(): ChildProcess {
  const child = fork(new URL('./sharing-call.mjs', import.meta.url), [path]);
  forked.push(child);
  return child;
}

async function ask(child: ChildProcess, what: object): Promise<z.infer<typeof Answer>> {
  const answer = once(child, 'message');
  child.send(what);
  return Answer.parse((await answer)[0]);
}

describe('calls of one worker', () => {
  it('begin with what the ones before have learnt', async () => {
    const first = call();
    const samplesMs = [510, 520, 530, 540, 550, 560, 570, 1_900];
    expect((await ask(first, { kind: 'note', key: KEY, samplesMs })).knownMs).toEqual(samplesMs);
    const ended = once(first, 'exit');
    await ask(first, { kind: 'end' });
    await ended;
    const second = call();
    await vi.waitFor(async () => expect((await ask(second, { kind: 'know', key: KEY })).knownMs).toEqual(samplesMs), {
      timeout: 10_000,
      interval: 50,
    });
  });

  it('learn from each other while they last', async () => {
    const [first, second] = [call(), call()];
    await ask(second, { kind: 'know', key: KEY });
    await ask(first, { kind: 'note', key: KEY, samplesMs: [420] });
    await vi.waitFor(async () => expect((await ask(second, { kind: 'know', key: KEY })).knownMs).toEqual([420]), {
      timeout: 10_000,
      interval: 50,
    });
  });

  it('spend what all of them together have earned, and a small burst', async () => {
    const calls = Array.from({ length: 4 }, call);
    // All of them have heard of the worker by then.
    await Promise.all(calls.map((child) => ask(child, { kind: 'note', key: KEY, samplesMs: [100] })));
    await vi.waitFor(
      async () => {
        const known = await Promise.all(calls.map((child) => ask(child, { kind: 'know', key: KEY })));
        expect(known.map(({ knownMs }) => knownMs.length)).toEqual([4, 4, 4, 4]);
      },
      { timeout: 10_000, interval: 50 },
    );
    const requests = 150;
    const answers = await Promise.all(calls.map((child) => ask(child, { kind: 'turns', requests })));
    const extra = answers.reduce((sum, answer) => sum + answer.extra, 0);
    expect(extra).toBeLessThanOrEqual(BURST + SHARE * requests * calls.length);
    // What is earned is spent, but for what is on its way.
    expect(extra).toBeGreaterThan(0.8 * SHARE * requests * calls.length);
  });
});
