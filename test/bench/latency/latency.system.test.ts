/** Both workers are there and answer: what the suite measures is in the report, and neither arm is measured by the other. */
import { expect, it } from 'vitest';
import { planArms } from '../../../bench/latency/arm-plans.js';
import { latencyJson } from '../../../bench/latency/report.js';
import { runLatency } from '../../../bench/latency/suite.js';

/** A worker each, and a call to each to warm it: on a busy machine far more than the minute that it takes alone. */
const TIMEOUT_MS = 300_000;

it(
  'hears two orders answered by ours and by the stock framework, and what ours was beyond the bound',
  async ({ signal }) => {
    const report = await runLatency({
      folders: ['test/speech'],
      plans: planArms('ours,stock'),
      ...{ quick: true, turns: 2, stalls: false, seed: 1, signal, tell: () => undefined },
    });
    const { ours, stock } = report.arms;
    expect(report.failed).toEqual({});
    // There and back over loopback, with two jitter buffers.
    expect(report.roundTripMs).toBeGreaterThan(20);
    for (const arm of [ours, stock]) {
      expect(arm?.each.map(({ outcome }) => outcome)).not.toContain('unanswered');
      expect(arm?.each.length).toBeGreaterThanOrEqual(2);
      expect(arm?.greetingP50Ms).toBeGreaterThan(0);
      expect(arm?.requests.llm.requests).toBeGreaterThanOrEqual(2);
    }
    // Ours alone tells where the time went.
    expect(ours?.each[0]?.document?.stages).toBeDefined();
    expect(stock?.each[0]?.document).toBeUndefined();
    expect(JSON.parse(latencyJson(report, 'bench latency'))).toMatchObject({
      schema: 1,
      arms: { ours: {}, stock: {} },
    });
  },
  TIMEOUT_MS,
);
