import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { closeSinks } from '../../agent/record-sinks.js';
import type { RecordSink } from '../../agent/telemetry/call-record.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const told: string[] = [];
beforeEach(() => {
  told.length = 0;
});
const logger = { warn: (_fields: object, message: string) => told.push(message) };

function sink(close: RecordSink['close']): RecordSink {
  return { take: () => undefined, close };
}

it('closes every sink, though one fails and another throws', async () => {
  let closed = 0;
  const good = sink(async () => {
    closed += 1;
  });
  const failing = sink(async () => {
    throw new Error('disk');
  });
  const throwing = sink(() => {
    throw new Error('bug');
  });
  await closeSinks([failing, throwing, good], logger);
  expect(closed).toBe(1);
  expect(told).toEqual(['records of calls are lost', 'records of calls are lost']);
  expect(vi.getTimerCount()).toBe(0);
});

it('does not wait for one that hangs', async () => {
  const closing = closeSinks([sink(() => new Promise(() => undefined))], logger, 1_000);
  await vi.advanceTimersByTimeAsync(1_000);
  await closing;
  expect(told).toEqual(['records of calls were not all kept in time']);
});
