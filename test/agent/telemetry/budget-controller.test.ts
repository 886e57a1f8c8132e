import { beforeEach, describe, expect, it } from 'vitest';
import { PROFILES } from '../../../agent/config/profiles.js';
import { BudgetController } from '../../../agent/telemetry/budget-controller.js';
import { MetricReceiver } from '../../../agent/telemetry/metric-receiver.js';
import { MetricSender } from '../../../agent/telemetry/metric-sender.js';
import { Metrics } from '../../../agent/telemetry/metrics.js';

const SLOW_MS = 3_000;
const FAST_MS = 300;

let nowMs: number;
let steps: string[];
let metrics: Metrics;

beforeEach(() => {
  nowMs = 0;
  steps = [];
  metrics = new Metrics('test');
});

function controller(hasFasterModel = false): BudgetController {
  return new BudgetController({
    profiles: PROFILES,
    hasFasterModel,
    metrics,
    nowMs: () => nowMs,
    onStep: (profile, step, direction) => steps.push(`${profile} ${direction} ${step}`),
  });
}

function turns(budget: BudgetController, profile: string, responseMs: number, count: number): void {
  for (let turn = 0; turn < count; turn += 1) {
    nowMs += 1_000;
    budget.note(profile, responseMs);
  }
}

describe('the budget of a profile', () => {
  it('is held to step by step up to refusing calls, and back again once it is kept', async () => {
    const budget = controller(true);
    turns(budget, 'good', SLOW_MS, 200);
    expect(steps).toEqual([
      'good up shorterAnswers',
      'good up skipSummary',
      'good up fasterModel',
      'good up openings',
      'good up refuseCalls',
    ]);
    expect(budget.refusesCalls).toBe(true);
    expect(budget.steps).toEqual(new Map([['good', 'refuseCalls']]));
    const text = await metrics.text();
    expect(text).toMatch(/turnwise_budget_step\{[^}]*\} 5/);
    expect(text).toMatch(/turnwise_budget_steps_total\{step="refuseCalls",direction="up"[^}]*\} 1/);
    turns(budget, 'good', FAST_MS, 1_000);
    expect(budget.refusesCalls).toBe(false);
    expect(budget.steps).toEqual(new Map());
  });

  it('leaves out steps that the profile has taken anyway, or that there is nothing for', () => {
    const budget = controller();
    turns(budget, 'excellent', SLOW_MS, 200);
    expect(steps).toEqual(['excellent up shorterAnswers', 'excellent up skipSummary', 'excellent up refuseCalls']);
  });

  it('lets calls in again when nobody calls any more', () => {
    const budget = controller();
    turns(budget, 'good', SLOW_MS, 200);
    expect(budget.refusesCalls).toBe(true);
    for (let second = 0; second < 120; second += 1) {
      nowMs += 1_000;
      budget.rest();
    }
    expect(budget.refusesCalls).toBe(false);
  });

  it('knows no budget of profiles without one, nor of names that are none', () => {
    const budget = controller();
    for (const name of ['naive', 'constructor', 'nobody']) turns(budget, name, 60_000, 100);
    expect(steps).toEqual([]);
  });

  it('is told to every call, those that come later as well', async () => {
    let connected = () => {};
    const told = new Promise<void>((resolve) => {
      connected = resolve;
    });
    const receiver = new MetricReceiver(metrics, { warm: () => connected() });
    try {
      receiver.tellBudget(new Map([['good', 'skipSummary']]));
      const sender = new MetricSender(await receiver.listen());
      sender.setState('warm');
      await told;
      await expect.poll(() => sender.budgetStep('good')).toBe('skipSummary');
      expect(sender.budgetStep('excellent')).toBe('none');
      receiver.tellBudget(new Map());
      await expect.poll(() => sender.budgetStep('good')).toBe('none');
      await sender.close();
    } finally {
      await receiver.close();
    }
  });
});
