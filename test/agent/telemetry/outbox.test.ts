import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MAX_BATCH_EVENTS } from '../../../agent/telemetry/metric-channel.js';
import { MAX_BATCH_BYTES, Outbox, type Urgency } from '../../../agent/telemetry/outbox.js';

const DROPPED = 'turnwise_dropped_metric_batches_total';
const Entry = z.union([z.string(), z.object({ name: z.literal(DROPPED), value: z.number() })]);

/** All batches that wait, as they would be sent. */
function batchesOf(outbox: Outbox): string[] {
  const batches: string[] = [];
  for (let batch = outbox.take(); batch !== undefined; batch = outbox.take()) batches.push(batch.json);
  return batches;
}

function entriesOf(batches: readonly string[]): { events: string[]; dropped: number } {
  const entries = batches.flatMap((batch) => z.array(Entry).parse(JSON.parse(batch)));
  return {
    events: entries.filter((entry) => typeof entry === 'string'),
    dropped: entries.reduce((sum, entry) => sum + (typeof entry === 'string' ? 0 : entry.value), 0),
  };
}

describe('what a call has to tell', () => {
  it('goes in batches of bounded events and bytes, in order, and nothing of it twice or never', () => {
    const event = fc.record({
      urgency: fc.constantFrom<Urgency>('metric', 'record'),
      // Up to what is just too large for a batch, some of it in characters of three bytes.
      text: fc
        .tuple(fc.constantFrom('x', '…'), fc.constantFrom(1, 50, 3_000, 60_000, 130_000))
        .map(([unit, length]) => unit.repeat(length)),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const outbox = new Outbox();
        const told: Record<Urgency, string[]> = { state: [], metric: [], record: [] };
        let lost = 0;
        for (const [at, { urgency, text }] of events.entries()) {
          const before = outbox.isEmpty;
          const json = JSON.stringify(`${at} ${text}`);
          outbox.add(urgency, json);
          if (Buffer.byteLength(json) > MAX_BATCH_BYTES - 257) {
            lost += 1;
            expect(outbox.isEmpty).toBe(before);
          } else told[urgency].push(String(at));
        }
        const batches = batchesOf(outbox);
        for (const batch of batches) expect(Buffer.byteLength(batch)).toBeLessThanOrEqual(MAX_BATCH_BYTES);
        const { events: sent, dropped } = entriesOf(batches);
        const order = sent.map((text) => text.slice(0, text.indexOf(' ')));
        // Metrics are bounded to half a megabyte, which these may exceed: what is sent is the beginning of what was told.
        const metrics = order.filter((at) => told.metric.includes(at));
        expect(metrics).toEqual(told.metric.filter((at) => metrics.includes(at)));
        const records = order.filter((at) => told.record.includes(at));
        expect(order).toEqual([...metrics, ...records]);
        const isAllSent = order.length === events.length;
        if (batches.length > 0) expect(dropped).toBe(isAllSent ? 0 : 1);
        if (isAllSent) expect(lost).toBe(0);
      }),
    );
  });

  it('is kept up to a bound, metrics whatever the records, and told as batches that were dropped', () => {
    const outbox = new Outbox();
    for (let i = 0; i < 10_000; i += 1) outbox.add('record', JSON.stringify(`record ${i} ${'x'.repeat(3_000)}`));
    for (let i = 0; i < 500; i += 1) outbox.add('metric', JSON.stringify(`metric ${i}`));
    outbox.add('state', '"over"');
    const batches = batchesOf(outbox);
    const { events, dropped } = entriesOf(batches);
    expect(events[0]).toBe('over');
    expect(events.filter((text) => text.startsWith('metric'))).toHaveLength(500);
    const records = events.filter((text) => text.startsWith('record'));
    expect(records).toHaveLength(1_000);
    expect(records.at(-1)).toMatch(/^record 999 /);
    // 9,000 events, of up to 1,000 a batch.
    expect(dropped).toBe(9);
  });

  it('of many small events needs more than one batch', () => {
    const outbox = new Outbox();
    for (let i = 0; i < 1_500; i += 1) outbox.add('metric', String(i));
    const batches = batchesOf(outbox).map((batch) => z.array(z.number()).parse(JSON.parse(batch)));
    expect(batches.map(({ length }) => length)).toEqual([MAX_BATCH_EVENTS - 1, 501]);
    expect(batches.flat()).toEqual(Array.from({ length: 1_500 }, (_, i) => i));
  });

  it('is forgotten when nobody will take it, and counted', () => {
    const outbox = new Outbox();
    for (let i = 0; i < 5_000; i += 1) outbox.add('metric', '1');
    outbox.close();
    expect(outbox.isEmpty).toBe(true);
    outbox.add('metric', '2');
    outbox.close();
    expect(batchesOf(outbox)).toEqual([]);
    expect(outbox.droppedEvents).toBe(5_001);
  });

  it('is counted as dropped until a batch tells of it, and again when that batch did not arrive', () => {
    const outbox = new Outbox();
    for (let i = 0; i < 2_500; i += 1) outbox.add('metric', '1');
    expect(outbox.droppedEvents).toBe(500);
    const batch = outbox.take();
    expect(outbox.droppedEvents).toBe(0);
    expect(batch?.events).toBe(MAX_BATCH_EVENTS - 1 + 500);
    outbox.noteLost(batch?.events ?? 0);
    outbox.close();
    expect(outbox.droppedEvents).toBe(2_500);
  });
});
