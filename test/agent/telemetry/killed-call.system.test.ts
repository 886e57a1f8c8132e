/** A call whose process is killed in the middle of it: what the worker's parent makes of that. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { readMetric } from '../../support/metrics.js';
import { jobProcessesOf } from '../../support/process-tree.js';
import { placeCall, type Stack, startStack } from '../../support/stack.js';

const Rows = z.array(z.object({ call_id: z.string(), outcome: z.string().nullable() }));
const soon = { timeout: 15_000, interval: 100 };

let stack: Stack;
let folder: string;
let callLog: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'turnwise-killed-'));
  callLog = join(folder, 'calls.db');
  stack = await startStack({ env: { WARM_PROCESSES: '1', CALL_LOG_URL: `file:${callLog}` } });
});
afterAll(async () => {
  await stack?.close();
  await rm(folder, { recursive: true, force: true });
});

const metric = (series: string) => readMetric(stack.metricsUrl, series);

/** What has happened so far, by series: whatever may never go back. */
async function counts(): Promise<Map<string, number>> {
  const lines = (await (await fetch(stack.metricsUrl)).text()).split('\n');
  return new Map(
    lines.flatMap((line): [string, number][] => {
      const [, series, value] = /^(turnwise_\w+(?:_total|_count|_sum|_bucket)\{.*\}) (\S+)$/.exec(line) ?? [];
      return series === undefined ? [] : [[series, Number(value)]];
    }),
  );
}

async function outcomes(): Promise<string[]> {
  const db = new Database(callLog, { readonly: true });
  try {
    return Rows.parse(db.prepare('SELECT call_id, outcome FROM calls').all()).map(({ outcome }) => outcome ?? 'open');
  } finally {
    db.close();
  }
}

describe('a worker', () => {
  it('tells what its processes take', async () => {
    await vi.waitFor(async () => {
      for (const kind of ['parent', 'warm', 'turn_model']) {
        expect(await metric(`turnwise_process_memory_bytes{kind="${kind}",region="local"}`), kind).toBeGreaterThan(2e7);
      }
    }, soon);
    expect(await metric('lk_agents_child_process_count')).toBe(1);
    expect(await metric('lk_agents_proc_initialize_duration_seconds_count')).toBeGreaterThanOrEqual(1);
    expect(await metric('lk_agents_proc_initialize_duration_seconds_sum')).toBeGreaterThan(0.2);
  });

  it('counts a killed call once, keeps what it had told, and closes its account', async () => {
    const [busy] = jobProcessesOf(stack.process.pid ?? 0);
    if (busy === undefined) throw new Error('There is no process for the call.');
    await using call = await placeCall(stack);
    await call.caller.waitForGreeting({ timeoutMs: 15_000 });
    await vi.waitFor(async () => {
      expect(await metric('turnwise_greeting_seconds_count')).toBe(1);
      expect(await metric('turnwise_call_loop_lag_seconds_count')).toBeGreaterThan(0);
    }, soon);
    const before = await counts();

    process.kill(busy, 'SIGKILL');
    await vi.waitFor(
      async () => expect(await metric('turnwise_calls_total{outcome="crashed",region="local"}')).toBe(1),
      soon,
    );
    await vi.waitFor(async () => expect(await outcomes()).toContain('crashed'), soon);

    const after = await counts();
    const gone = [...before].filter(([series, value]) => (after.get(series) ?? -1) < value);
    expect(gone).toEqual([]);
    expect(await metric('turnwise_greeting_seconds_count')).toBeGreaterThanOrEqual(1);
  });

  it('counts a call that ends well as nothing else', async () => {
    // The killed call may have been dispatched once more.
    await vi.waitFor(
      async () => {
        expect(await metric('turnwise_calls')).toBe(0);
        expect(await metric('turnwise_warm_processes')).toBe(1);
      },
      { ...soon, timeout: 40_000 },
    );
    const crashed = await metric('turnwise_calls_total{outcome="crashed",region="local"}');
    const completed = await metric('turnwise_calls_total{outcome="completed",region="local"}');
    const kept = (await outcomes()).filter((outcome) => outcome === 'completed').length;
    {
      await using call = await placeCall(stack);
      await call.caller.waitForGreeting({ timeoutMs: 15_000 });
    }
    await vi.waitFor(
      async () => expect(await metric('turnwise_calls_total{outcome="completed",region="local"}')).toBe(completed + 1),
      soon,
    );
    await vi.waitFor(
      async () => expect((await outcomes()).filter((outcome) => outcome === 'completed')).toHaveLength(kept + 1),
      soon,
    );
    expect(await metric('turnwise_calls_total{outcome="crashed",region="local"}')).toBe(crashed);
  });

  it('understood all that its calls sent, and knows every label', async () => {
    expect(await metric('turnwise_dropped_metric_batches_total')).toBe(0);
    expect((await (await fetch(stack.metricsUrl)).text()).match(/^.*="(?:other|unknown)".*$/gm)).toBeNull();
  });
});
