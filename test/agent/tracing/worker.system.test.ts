/** A real worker with a real collector: what one call leaves there, and that of the framework's own spans nothing does. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type ScriptedProviders, startProviders } from '../../../bench/scripted-providers.js';
import { readMetric } from '../../support/metrics.js';
import { jobProcessesOf } from '../../support/process-tree.js';
import { scriptedRecording } from '../../support/recordings.js';
import { placeCall, type Stack, startStack } from '../../support/stack.js';
import { type Collector, startCollector } from './collector.js';

const REPLY = 'One large light roast house coffee, with pleasure. Would you like anything else?';
const CALL = 'tracing';
const TIMEOUT_MS = 30_000;
const REPORTS = 'turnwise_heard_reports_total';
const limit = { timeoutMs: TIMEOUT_MS };

const stop = new AbortController();
let collector: Collector;
let providers: ScriptedProviders;
let stack: Stack;

beforeAll(async () => {
  collector = await startCollector();
  providers = await startProviders(stop.signal);
  const otel = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '200', WARM_PROCESSES: '1' };
  stack = await startStack({ env: { ...providers.envOf(CALL), ...otel, REGION: 'north' } });
});
afterAll(async () => {
  await stack?.close();
  await providers?.close();
  await collector?.close();
  stop.abort();
});

const namesOf = ({ spans }: Collector): string[] => spans.map(({ name }) => name);

it('tells one call as one trace, turn by turn as it goes, without a word of it', async () => {
  const { clip, turn } = await scriptedRecording('orders/7594182a.flac');
  await providers.script({ call: CALL, turns: [turn], replies: [REPLY], preset: 'fixed' }, stop.signal);
  const said: string[] = [];
  const problems: string[] = [];
  {
    await using placed = await placeCall(stack, { profile: 'good', onProblem: (problem) => problems.push(problem) });
    await placed.caller.waitForGreeting(limit);
    const { outcome, document, heard } = await placed.caller.say(clip, limit);
    expect(outcome).toBe('answered');
    said.push(document?.said ?? '?', document?.reply ?? '?', placed.roomName);
    // While the call still goes on.
    await expect.poll(() => namesOf(collector), { timeout: TIMEOUT_MS }).toContain('turn');
    expect(namesOf(collector)).not.toContain('call');
    // A report is told where it is believed; that of a caller whom a busy machine disturbs may not be.
    if (heard !== undefined && problems.length === 0) {
      await expect.poll(() => readMetric(stack.metricsUrl, REPORTS), { timeout: TIMEOUT_MS }).toBeGreaterThan(0);
      const taken = await readMetric(stack.metricsUrl, `${REPORTS}{result="taken",region="north"}`);
      if (taken > 0) await expect.poll(() => namesOf(collector), { timeout: TIMEOUT_MS }).toContain('heard');
    }
  }
  await expect.poll(() => namesOf(collector), { timeout: TIMEOUT_MS }).toContain('call');
  const { spans } = collector;
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  const root = spans.find(({ name }) => name === 'call');
  const answered = spans.find(({ name }) => name === 'turn');
  expect(root).toMatchObject({ parentId: '', attributes: { 'turnwise.outcome': 'completed' } });
  expect(answered?.parentId).toBe(root?.spanId);
  const parts = spans.filter(({ parentId }) => parentId === answered?.spanId);
  expect(parts.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['stt', 'endpointing', 'llm', 'text_aggregation', 'tts', 'playout', 'speaking']),
  );
  // All of it is this system's, and within the call.
  const known = ['call', 'greeting', 'turn', 'vad', 'tools', ...parts.map(({ name }) => name)];
  expect(spans.filter(({ name }) => !known.includes(name))).toEqual([]);
  for (const { startNs, endNs } of spans) {
    expect(startNs).toBeGreaterThanOrEqual(root?.startNs ?? 0n);
    expect(endNs).toBeGreaterThanOrEqual(startNs);
  }
  // The scripted model's time to its first token (source 003's figure), as far as this machine keeps time.
  const llm = parts.find(({ name }) => name === 'llm');
  expect(Number((llm?.endNs ?? 0n) - (llm?.startNs ?? 0n)) / 1e6).toBeGreaterThan(200);
  expect(collector.resource).toMatchObject({ 'service.name': 'turnwise', 'cloud.region': 'north' });
  const told = JSON.stringify(spans.map(({ name, attributes }) => [name, attributes]));
  for (const text of said) expect(told).not.toContain(text);
});

it('ends the trace of a call whose process is killed', async () => {
  // Of the first call's process nothing is left but its successor.
  const [busy = 0] = await vi.waitFor(
    () => {
      const processes = jobProcessesOf(stack.process.pid ?? 0);
      expect(processes).toHaveLength(1);
      return processes;
    },
    { timeout: TIMEOUT_MS, interval: 200 },
  );
  await using placed = await placeCall(stack, { profile: 'good' });
  await placed.caller.waitForGreeting(limit);
  process.kill(busy, 'SIGKILL');
  const crashed = () => collector.spans.find(({ attributes }) => attributes['turnwise.outcome'] === 'crashed');
  await expect.poll(crashed, { timeout: TIMEOUT_MS }).toMatchObject({ name: 'call', parentId: '', status: 2 });
});
