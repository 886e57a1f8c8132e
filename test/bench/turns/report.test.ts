import { describe, expect, it } from 'vitest';
import type { MeasuredSet } from '../../../bench/turns/measure.js';
import type { Outcome } from '../../../bench/turns/outcome.js';
import { preformatted, turnsPage } from '../../../bench/turns/page.js';
import { svgOf } from '../../../bench/turns/plot.js';
import { reportOf } from '../../../bench/turns/report.js';
import { Sweep } from '../../../bench/turns/sweep.js';
import { turnsTable } from '../../../bench/turns/table.js';

const RECORDINGS = 120;
const MISSED_MS = 3_000;

/** An arm that cuts into every tenth pause at 200 ms and into none at 600 ms, and waits `slownessMs` longer than that. */
function sweepOf(slownessMs: number): Sweep {
  const counted = Array.from({ length: RECORDINGS }, () => ({ pauses: 1, countsWait: true }));
  const outcomes = counted.map((_, index): Outcome[] => [
    { cutIns: index % 10 === 0 ? 1 : 0, cutInsInSpeech: 0, waitMs: 200 + slownessMs },
    { cutIns: 0, cutInsInSpeech: 0, waitMs: 600 + slownessMs },
  ]);
  return new Sweep(['200 ms', '600 ms'], counted, outcomes, MISSED_MS);
}

function setOf(name: string): MeasuredSet {
  const arm = (slownessMs: number) => ({ withFinal: sweepOf(slownessMs), alone: sweepOf(slownessMs) });
  return {
    name,
    recordings: [],
    clusters: Array.from({ length: RECORDINGS }, (_, index) => `speaker ${index % 30}`),
    pauses: RECORDINGS,
    turns: RECORDINGS,
    disputed: [],
    arms: new Map([
      ['policy', arm(0)],
      ['v1-mini', arm(400)],
      ['vad-silero', arm(800)],
    ]),
  };
}

describe('the report', () => {
  const report = reportOf([setOf('human-natural'), setOf('band')], 1);

  it('holds curves, waits at 5 and 10 %, and the settings they were had with', () => {
    expect(report.arms.policy?.curve).toEqual([
      { cutInRate: 0, meanWaitMs: 600, p50WaitMs: 600, p95WaitMs: 600 },
      { cutInRate: 0.1, meanWaitMs: 200, p50WaitMs: 200, p95WaitMs: 200 },
    ]);
    expect(report.arms.policy?.at5.meanWaitMs).toBeCloseTo(400);
    expect(report.arms.policy?.at10.p95WaitMs).toBe(200);
    expect(report.sets.band?.operating.policy?.at10).toMatchObject({ setting: '200 ms', cutIns: 12, cutInRate: 0.1 });
    expect(report.n).toMatchObject({ pauses: RECORDINGS, turns: RECORDINGS });
  });

  it('compares the policy with its rivals, within intervals', () => {
    const mean = report.ratios.find(
      ({ against, measure, at }) => `${against} ${measure} ${at}` === 'v1-mini meanWaitMs at5',
    );
    expect(mean?.ratio).toBeCloseTo(400 / 800);
    const [low, high] = mean?.interval ?? [1, 0];
    expect(low).toBeLessThanOrEqual(0.5);
    expect(high).toBeGreaterThanOrEqual(0.5);
  });

  it('says when there is too little to claim anything', () => {
    const few = reportOf([{ ...setOf('human-natural'), pauses: 20 }], 1);
    expect(turnsTable(few).join('\n')).toContain('Too few pauses or turns for a claim.');
    expect(turnsTable(report).join('\n')).not.toContain('Too few');
  });

  it('is one page without anything from elsewhere, with a text beside each plot', () => {
    const page = turnsPage(report, { command: 'bench turns <x>', more: [preformatted('More', ['a < b'])] });
    expect(page).not.toMatch(/(src|href)=|@import|<script/);
    expect(page).toContain('bench turns &lt;x&gt;');
    expect(page).toContain('a &lt; b');
    expect(page.match(/<svg /g)).toHaveLength(4);
    expect(page.match(/<title id=/g)).toHaveLength(4);
    expect(page.match(/<desc id=/g)).toHaveLength(4);
  });
});

describe('a plot', () => {
  it('draws each envelope within its axes', () => {
    const svg = svgOf({
      ...{ id: 'a', title: 'A & B', description: '', measure: 'meanWaitMs', maxRate: 0.2, maxWaitMs: 1_000 },
      curves: [
        {
          name: 'one',
          points: sweepOf(0)
            .points()
            .filter((point) => point !== undefined),
        },
      ],
    });
    expect(svg).toContain('A &amp; B');
    expect(svg).toMatch(/<polyline [^>]*points="60\.0,136\.0 265\.0,256\.0"/);
    expect(svg).not.toContain('NaN');
  });
});
