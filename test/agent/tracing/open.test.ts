/** Over a real collector: what it is sent, and what the worker is spared where it is not there. */
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CallRecord, RecordSink } from '../../../agent/telemetry/call-record.js';
import { openTracing } from '../../../agent/tracing/open.js';
import { type Collector, type ReceivedSpan, startCollector } from './collector.js';
import { BEGAN_UNIX_MS, ended, heard, started, turn } from './records.js';

/** For collectors that answer: far more than they take. */
const ENOUGH_MS = 8_000;
/** For those that do not; in the worker it is ten times as much. */
const SHORT_MS = 200;
const soon = { timeout: ENOUGH_MS };

let collector: Collector;
let warnings: { dropped: number; reason: string }[];
let sink: RecordSink | undefined;

/** On a busy machine the SDK is a while in loading. */
const LOADING_MS = 60_000;
beforeAll(() => import('../../../agent/tracing/exporting.js').then(() => undefined), LOADING_MS);

beforeEach(async () => {
  collector = await startCollector();
  warnings = [];
});
afterEach(async () => {
  await sink?.close();
  vi.unstubAllEnvs();
  await collector.close();
});

async function open(env: Record<string, string> = {}, closeTimeoutMs = ENOUGH_MS): Promise<RecordSink> {
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url);
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const logger = { info: vi.fn(), warn: vi.fn((fields: { dropped: number; reason: string }) => warnings.push(fields)) };
  sink = await openTracing(process.env, { region: 'north', logger, closeTimeoutMs });
  if (sink === undefined) throw new Error('no traces');
  return sink;
}

/** Hands over the records and closes. @returns What came to the collector. */
async function trace(
  records: readonly CallRecord[],
  env: Record<string, string> = {},
): Promise<readonly ReceivedSpan[]> {
  const to = await open(env);
  for (const record of records) to.take(record);
  await to.close();
  return collector.spans;
}

const named = (spans: readonly ReceivedSpan[], name: string): ReceivedSpan => {
  const [span, ...others] = spans.filter((one) => one.name === name);
  if (span === undefined || others.length > 0) throw new Error(`${others.length + (span ? 1 : 0)} spans named ${name}`);
  return span;
};
const ns = (ms: number): bigint => BigInt(BEGAN_UNIX_MS) * 1_000_000n + BigInt(Math.round(ms * 1_000_000));

describe('a call', () => {
  it('is one trace: the call, its turns, and the parts of each, at their real times', async () => {
    const spans = await trace([
      started('AJ_1'),
      turn('AJ_1', 0, { instants: { playoutStartedAtMs: 800, playoutEndedAtMs: 2_000 } }),
      turn('AJ_1', 1),
      heard('AJ_1', 1),
      ended('AJ_1'),
    ]);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    const root = named(spans, 'call');
    const answered = named(spans, 'turn');
    expect(root).toMatchObject({ parentId: '', startNs: ns(0), endNs: ns(9_000), status: 0 });
    expect(root.attributes).toEqual({
      'session.id': 'AJ_1',
      'gen_ai.conversation.id': 'AJ_1',
      'turnwise.profile': 'good',
      'turnwise.outcome': 'completed',
    });
    expect(named(spans, 'greeting').parentId).toBe(root.spanId);
    expect(answered).toMatchObject({ parentId: root.spanId, startNs: ns(4_000), endNs: ns(7_000), kind: 1 });
    expect(answered.events.find(({ name }) => name === 'committed')?.atNs).toBe(ns(5_300));
    const parts = spans.filter(({ parentId }) => parentId === answered.spanId).map(({ name }) => name);
    expect(parts).toEqual([
      'vad',
      'stt',
      'endpointing',
      'llm',
      'text_aggregation',
      'tts',
      'unexplained',
      'playout',
      'speaking',
      'heard',
    ]);
    expect(named(spans, 'stt')).toMatchObject({ startNs: ns(5_000), endNs: ns(5_180.25), kind: 3 });
    expect(named(spans, 'heard')).toMatchObject({ startNs: ns(5_000), endNs: ns(5_560.5) });
    expect(
      JSON.stringify(spans.map(({ attributes, events }) => [attributes, events.map(({ name }) => name)])),
    ).not.toMatch(/what the/);
    expect(warnings).toEqual([]);
  });

  it('comes by OTLP with the headers, the service and the attributes that the variables name', async () => {
    await trace([started('AJ_1'), ended('AJ_1')], {
      OTEL_EXPORTER_OTLP_HEADERS: 'x-team=voice',
      OTEL_SERVICE_NAME: 'pizza',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
    expect(collector.requests).toHaveLength(1);
    expect(collector.requests[0]).toMatchObject({
      path: '/v1/traces',
      headers: { 'content-type': 'application/x-protobuf', 'x-team': 'voice' },
    });
    expect(collector.resource).toMatchObject({
      'service.name': 'pizza',
      'deployment.environment.name': 'test',
      'cloud.region': 'north',
      'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'telemetry.sdk.language': 'nodejs',
    });
    expect(Object.keys(collector.resource).filter((name) => /^(host|process|os)\./.test(name))).toEqual([]);
  });

  it('is told while it goes on, and its own span when it is over', async () => {
    const to = await open({ OTEL_BSP_SCHEDULE_DELAY: '10' });
    to.take(started('AJ_1'));
    to.take(turn('AJ_1', 1));
    await vi.waitFor(() => expect(named(collector.spans, 'turn').parentId).toMatch(/^[0-9a-f]{16}$/), soon);
    expect(collector.spans.filter(({ name }) => name === 'call')).toEqual([]);
    to.take(ended('AJ_1', 'crashed'));
    await vi.waitFor(() => expect(named(collector.spans, 'call').status).toBe(2), soon);
    expect(named(collector.spans, 'call').spanId).toBe(named(collector.spans, 'turn').parentId);
  });

  it('stays one trace whatever comes late, early, twice or not at all', async () => {
    const spans = await trace([
      turn('AJ_2', 1), // its beginning was missed
      turn('AJ_2', 1),
      heard('AJ_1', 2), // of a call that nobody knows
      started('AJ_1'),
      heard('AJ_1', 1),
      turn('AJ_1', 1),
      ended('AJ_1'),
      ended('AJ_1'),
      turn('AJ_1', 2),
      heard('AJ_1', 2),
      heard('AJ_1', 77), // never told
    ]);
    const roots = spans.filter(({ name }) => name === 'call');
    expect(roots.map(({ attributes }) => attributes['session.id']).sort()).toEqual(['AJ_1', 'AJ_2']);
    for (const { traceId, attributes } of roots) {
      const its = spans.filter((span) => span.traceId === traceId);
      const turns = its.filter(({ name }) => name === 'turn').map((span) => span.attributes['turnwise.turn']);
      expect(turns).toEqual(attributes['session.id'] === 'AJ_1' ? [1, 2] : [1]);
      expect(its.filter(({ name }) => name === 'heard')).toHaveLength(attributes['session.id'] === 'AJ_1' ? 2 : 0);
    }
    // Nobody ended it: it is over where the last that was told of it is.
    expect(roots.find(({ attributes }) => attributes['session.id'] === 'AJ_2')?.endNs).toBe(ns(7_000));
  });

  it('is traced whole or not at all where only a share is', async () => {
    const calls = Array.from({ length: 60 }, (_, index) => `AJ_${index}`);
    const spans = await trace(
      calls.flatMap((call) => [started(call), turn(call, 1), ended(call)]),
      { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' },
    );
    const traces = new Set(spans.map(({ traceId }) => traceId));
    expect(traces.size).toBeGreaterThan(5);
    expect(traces.size).toBeLessThan(55);
    for (const traceId of traces) expect(spans.filter((span) => span.traceId === traceId)).toHaveLength(11);
  });

  it('does not stay open for ever when its end never comes', async () => {
    const calls = Array.from({ length: 1_010 }, (_, index) => `AJ_${index}`);
    const to = await open({ OTEL_BSP_SCHEDULE_DELAY: '1' });
    for (const call of calls) to.take(started(call));
    await vi.waitFor(() => expect(collector.spans).toHaveLength(10), soon);
    expect(collector.spans[0]?.attributes['session.id']).toBe('AJ_0');
  });
});

describe('a collector', () => {
  const lost = (): number => warnings.reduce((sum, { dropped }) => sum + dropped, 0);

  it('that refuses costs nothing but the spans, which are counted', async () => {
    collector.status = 400;
    const to = await open();
    for (const record of [started('AJ_1'), turn('AJ_1', 1), ended('AJ_1')]) to.take(record);
    await to.close();
    expect(warnings).toEqual([{ dropped: 11, reason: '400' }]);
  });

  it('that is too busy is asked again, but not while the worker waits to stop', async () => {
    collector.status = 503;
    const to = await open({}, SHORT_MS);
    for (const record of [started('AJ_1'), turn('AJ_1', 1), ended('AJ_1')]) to.take(record);
    const beganAtMs = performance.now();
    await to.close();
    expect(performance.now() - beganAtMs).toBeLessThan(SHORT_MS + 4_000);
    expect(lost()).toBe(11);
  });

  it('that never answers is waited for so long and no longer when the worker stops', async () => {
    collector.status = undefined;
    const to = await open({}, SHORT_MS);
    for (const record of [started('AJ_1'), turn('AJ_1', 1), ended('AJ_1')]) to.take(record);
    const beganAtMs = performance.now();
    await Promise.all([to.close(), to.close()]);
    const tookMs = performance.now() - beganAtMs;
    expect(tookMs).toBeGreaterThan(SHORT_MS - 10);
    expect(tookMs).toBeLessThan(SHORT_MS + 4_000);
    expect(warnings).toEqual([{ dropped: 11, reason: 'the worker stopped' }]);
    to.take(started('AJ_2')); // after the end: nothing
  });

  it('that is not there is not waited for while calls go on, and takes no more memory than the queue', async () => {
    const gone = collector;
    collector = await startCollector();
    await gone.close();
    const settings = { OTEL_BSP_MAX_QUEUE_SIZE: '50', OTEL_BSP_SCHEDULE_DELAY: '60000' };
    const to = await open({ ...settings, OTEL_EXPORTER_OTLP_ENDPOINT: gone.url }, SHORT_MS);
    to.take(started('AJ_1'));
    for (let number = 1; number <= 100; number += 1) to.take(turn('AJ_1', number));
    await to.close();
    // 100 turns of 10 spans and the call's own, of which nobody took any.
    expect(lost()).toBe(1_001);
    expect(warnings[0]).toEqual({ dropped: 1, reason: 'the queue is full' });
  });
});
