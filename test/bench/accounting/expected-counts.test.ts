import { describe, expect, it, vi } from 'vitest';
import { METRICS } from '../../../agent/telemetry/metric-names.js';
import { MetricReceiver } from '../../../agent/telemetry/metric-receiver.js';
import { Metrics } from '../../../agent/telemetry/metrics.js';
import {
  checkCounts,
  documentedCounts,
  expectedCounts,
  nameOf,
  UNKNOWN_TO_CALLERS,
} from '../../../bench/accounting/expected-counts.js';
import { type Exposition, parseExposition } from '../../../bench/accounting/exposition.js';
import { accountTurns } from '../../../bench/accounting/turn-cost.js';
import { turnDocument } from '../../agent/call-log/support.js';

const NOTHING = { heardResponseMs: 0, roundTripMs: 0, jitterBufferMs: 0, wholeWay: 0 };

describe('what callers know to have happened', () => {
  it('is what the worker’s own accounting of ordinary turns adds, to the one', async () => {
    const metrics = new Metrics('test');
    const receiver = new MetricReceiver(metrics, { warm: () => undefined });
    const before = parseExposition(await metrics.text());
    try {
      const { turns, warmUp } = await accountTurns(await receiver.listen(), 20, 5);
      expect([turns.length, warmUp.length]).toEqual([20, 5]);
      const spoken = 25;
      const reports = { heardResponseMs: spoken, roundTripMs: spoken, jitterBufferMs: spoken, wholeWay: spoken };
      const expected = expectedCounts({ calls: 0, spoken, typed: 0, speculated: spoken, reports });
      await vi.waitFor(async () => {
        const wrong = wrongCounts(expected, before, parseExposition(await metrics.text()));
        expect(wrong).toEqual([]);
      });
    } finally {
      await receiver.close();
    }
  });

  it('is not met by one turn too few, in any series that it adds to', () => {
    const empty = parseExposition('');
    const happened = { calls: 1, spoken: 3, typed: 1, speculated: 2, reports: { ...NOTHING, heardResponseMs: 3 } };
    const expected = expectedCounts(happened);
    const wrong = wrongCounts(expected, empty, empty);
    expect(wrong).toContain('turnwise_stage_seconds_count{stage="tools"}: 0 instead of 3');
    expect(wrong).toContain('turnwise_llm_ttft_seconds_count: 0 instead of 4');
    expect(wrong).toHaveLength(expected.filter(({ expected: count }) => count > 0).length);
  });

  it('is of every histogram that there is, but for those of which callers cannot know', () => {
    const expected = expectedCounts({ calls: 1, spoken: 1, typed: 0, speculated: 1, reports: NOTHING });
    const known = expected.map(({ series }) => series.replace(/_count$/, ''));
    const histograms = Object.entries(METRICS).flatMap(([name, { type }]) => (type === 'histogram' ? name : []));
    expect([...new Set([...known, ...UNKNOWN_TO_CALLERS])]).toEqual(expect.arrayContaining(histograms));
    expect(known.filter((name) => UNKNOWN_TO_CALLERS.includes(name))).toEqual([]);
  });

  it('leaves typed turns without an end of speech, and turns without a report unreported', () => {
    const expected = expectedCounts({ calls: 0, spoken: 0, typed: 2, speculated: 0, reports: NOTHING });
    const added = expected.filter(({ expected: count }) => count > 0).map(nameOf);
    expect(added.toSorted()).toEqual([
      'turnwise_llm_ttft_seconds_count',
      'turnwise_tts_first_sound_seconds_count',
      'turnwise_tts_ttfb_seconds_count',
      'turnwise_turns_total',
      'turnwise_turns_total{outcome="answered"}',
    ]);
  });
});

describe('what agents told of their turns', () => {
  it('is counted by what happened in each: nothing of a greeting, no latency of an answer that came too soon', () => {
    const documents = [
      turnDocument({ callId: 'a', turn: 0 }),
      turnDocument({ callId: 'a', turn: 1, outcome: 'interrupted', supersededBy: 2 }),
      turnDocument({ callId: 'a', turn: 2, continues: 1, components: { sttFinalMs: 100, llmTtftMs: 200 } }),
    ];
    const counts = documentedCounts(documents).map((one) => [nameOf(one), one.expected]);
    expect(Object.fromEntries(counts)).toMatchObject({
      turnwise_response_seconds_count: 1,
      'turnwise_stage_seconds_count{stage="llm"}': 1,
      turnwise_llm_ttft_seconds_count: 1,
      turnwise_tts_ttfb_seconds_count: 0,
      turnwise_turns_total: 2,
      'turnwise_turns_total{outcome="answered"}': 1,
      'turnwise_turns_total{outcome="interrupted"}': 1,
    });
  });
});

function wrongCounts(expected: Parameters<typeof checkCounts>[0], before: Exposition, after: Exposition): string[] {
  return checkCounts(expected, before, after).flatMap((one) =>
    one.counted === one.expected ? [] : [`${nameOf(one)}: ${one.counted} instead of ${one.expected}`],
  );
}
