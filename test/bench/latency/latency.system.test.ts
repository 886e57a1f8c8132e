/** Both workers are there and answer: what the suite measures is in the report, and neither arm is measured by the other. */
import { expect, it } from 'vitest';
import { planArms } from '../../../bench/latency/arm-plans.js';
import { latencyJson } from '../../../bench/latency/report.js';
import { runLatency } from '../../../bench/latency/suite.js';

/** A worker each, and a call to each to warm it: on a busy machine far more than the minute that it takes alone. */
const TIMEOUT_MS = 300_000;

it(
  'hears orders of two callers at once answered by ours and by the stock framework over slow providers, alike for both',
  async ({ signal }) => {
    const told: string[] = [];
    const report = await runLatency({
      folders: ['test/speech'],
      plans: planArms('ours,stock'),
      ...{ callers: 2, turns: 2, preset: 'tails', stalls: true },
      ...{ quick: true, seed: 1, signal, tell: (line) => told.push(line) },
    });
    const { ours, stock } = report.arms;
    expect(report.failed).toEqual({});
    // There and back over loopback, with two jitter buffers.
    expect(report.roundTripMs).toBeGreaterThan(20);
    for (const arm of [ours, stock]) {
      expect(arm?.each.map(({ outcome }) => outcome)).not.toContain('unanswered');
      expect(new Set(arm?.each.map(({ call }) => call)).size).toBeGreaterThanOrEqual(2);
      expect(arm?.greetingP50Ms).toBeGreaterThan(0);
      expect(arm?.requests.llm.requests).toBeGreaterThanOrEqual(2);
    }
    // Ours alone tells where the time went.
    expect(ours?.each[0]?.document?.stages).toBeDefined();
    expect(stock?.each[0]?.document).toBeUndefined();
    expect(told.filter((line) => /^(ours|stock) +caller [12] orders\//.test(line)).length).toBeGreaterThanOrEqual(4);
    expect(JSON.parse(latencyJson(report, 'bench latency'))).toMatchObject({
      schema: 1,
      settings: { calls: 2, draws: 'paired' },
      arms: { ours: { extraRequests: { both: { requests: expect.any(Number) } } }, stock: {} },
      // Which turns both arms have in time is for the machine to say: pairs have tests of their own (`paired.test.ts`).
      oursPairedWith: expect.any(Object),
    });
  },
  TIMEOUT_MS,
);
