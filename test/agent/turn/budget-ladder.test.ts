import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BUDGET_STEPS,
  type BudgetLadder,
  type BudgetStep,
  GROUND,
  isInForce,
  type LadderSettings,
  noteRest,
  noteTurn,
  stepOf,
} from '../../../agent/turn/budget-ladder.js';

const settings: LadderSettings = { responseMs: 500 };

interface Climb {
  readonly ladder: BudgetLadder;
  readonly steps: readonly BudgetStep[];
}

function run(latenciesMs: readonly number[], from = GROUND, used = settings): Climb {
  let ladder = from;
  const steps: BudgetStep[] = [];
  for (const ms of latenciesMs) {
    const next = noteTurn(ladder, ms, used, 0);
    if (next.changed !== undefined) steps.push(next.changed.step);
    ladder = next.ladder;
  }
  return { ladder, steps };
}

const turns = (count: number, ms: number): number[] => Array<number>(count).fill(ms);

describe('the ladder of the budget', () => {
  it('stays on the ground while replies are in time', () => {
    expect(run(turns(500, 749)).steps).toEqual([]);
  });

  it('climbs one step after another while the P95 burns the budget, and stops at the top', () => {
    const { ladder, steps } = run(turns(300, 1_501));
    expect(steps).toEqual(BUDGET_STEPS.slice(1));
    expect(stepOf(ladder, settings)).toBe('refuseCalls');
    expect(isInForce('shorterAnswers', ladder, settings)).toBe(true);
  });

  it('refuses calls only where turns are twice as slow as is allowed', () => {
    const { ladder, steps } = run(turns(300, 1_500));
    expect(steps).toEqual(BUDGET_STEPS.slice(1, -1));
    expect(run(turns(300, 1_600), ladder).steps).toEqual(['refuseCalls']);
  });

  it('takes calls again once turns are not that slow any more, however slow they still are', () => {
    const { ladder } = run(turns(300, 1_600));
    expect(stepOf(ladder, settings)).toBe('refuseCalls');
    expect(run(turns(300, 1_600), ladder).steps).toEqual([]);
    // 48 turns until only two in fifty of the last are slower, then ten in a row.
    expect(run(turns(56, 1_400), ladder).steps).toEqual([]);
    expect(run(turns(57, 1_400), ladder).steps).toEqual(['openings']);
    expect(run(turns(300, 1_400), ladder).steps).toEqual(['openings']);
  });

  it('gives each step time to work', () => {
    expect(run(turns(28, 2_000)).steps).toEqual([]);
    expect(run(turns(29, 2_000)).steps).toEqual(['shorterAnswers']);
    expect(run([...turns(29, 2_000), ...turns(28, 2_000)]).steps).toHaveLength(1);
  });

  it('does not climb for one slow turn, whichever it is, nor for one in forty', () => {
    for (let slow = 0; slow < 40; slow += 1) {
      const latenciesMs = Array.from({ length: 400 }, (_, turn) => (turn % 40 === slow ? 5_000 : 400));
      expect(run(latenciesMs).steps).toEqual([]);
    }
  });

  it('comes down after a longer while with room, and not within the hysteresis', () => {
    const { ladder } = run(turns(58, 2_000));
    expect(stepOf(ladder, settings)).toBe('skipSummary');
    expect(run(turns(400, 700), ladder).steps).toEqual([]);
    expect(run(turns(58, 400), ladder).steps).toEqual([]);
    expect(run(turns(59, 400), ladder).steps).toEqual(['shorterAnswers']);
    expect(run(turns(118, 400), ladder).steps).toEqual(['shorterAnswers', 'none']);
  });

  it('becomes more patient when a step down had to be taken back', () => {
    const down = run([...turns(29, 2_000), ...turns(59, 400), ...turns(29, 2_000)]).ladder;
    expect(stepOf(down, settings)).toBe('shorterAnswers');
    expect(run(turns(98, 400), down).steps).toEqual([]);
    expect(run(turns(99, 400), down).steps).toEqual(['none']);
  });

  it('comes down in time where no turn tells any more', () => {
    const { ladder } = run(turns(300, 2_000));
    expect(noteRest(ladder, settings, 59_999).changed).toBeUndefined();
    const first = noteRest(ladder, settings, 60_000);
    expect(first.changed).toEqual({ step: 'openings', direction: 'down' });
    expect(noteRest(first.ladder, settings, 60_001).changed).toBeUndefined();
    expect(noteRest(GROUND, settings, 1e9).changed).toBeUndefined();
  });

  it('has only the steps that there are', () => {
    const few: LadderSettings = { responseMs: 500, steps: ['none', 'shorterAnswers', 'refuseCalls'] };
    const { ladder, steps } = run(turns(300, 2_000), GROUND, few);
    expect(steps).toEqual(['shorterAnswers', 'refuseCalls']);
    expect(isInForce('openings', ladder, few)).toBe(false);
  });

  it('ignores what is no duration', () => {
    expect(run([Number.NaN, -1, Number.POSITIVE_INFINITY]).ladder).toEqual(GROUND);
  });

  it('never skips a step, never changes twice within twenty turns, and stays bounded', () => {
    const stretch = fc.tuple(fc.integer({ min: 1, max: 80 }), fc.double({ min: 0, max: 3_000, noNaN: true }));
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 12 }), (stretches) => {
        let ladder = GROUND;
        let sinceChange = 0;
        const faults: string[] = [];
        for (const ms of stretches.flatMap(([count, latencyMs]) => turns(count, latencyMs))) {
          const next = noteTurn(ladder, ms, settings, 0);
          sinceChange += 1;
          const { changed } = next;
          if (Math.abs(next.ladder.at - ladder.at) !== (changed === undefined ? 0 : 1)) faults.push('skipped');
          if (changed !== undefined && changed.step !== BUDGET_STEPS[next.ladder.at]) faults.push('named wrongly');
          if (changed !== undefined && sinceChange <= 20) faults.push('flapped');
          if (changed !== undefined) sinceChange = 0;
          ladder = next.ladder;
          const { latenciesMs, turnsUnder, turnsOver } = ladder;
          if (latenciesMs.length > 50 || turnsUnder > 320 || turnsOver > 10) faults.push('not bounded');
        }
        expect(faults).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('never changes within the hysteresis', () => {
    fc.assert(
      fc.property(
        fc.nat(300),
        fc.array(fc.double({ min: 600, max: 750, noNaN: true }), { maxLength: 300 }),
        (up, ms) => {
          const { ladder } = run(turns(up, 2_000));
          // What was counted before may still tip over with the first turn that is no longer slow.
          const settled = run(turns(60, 700), ladder).ladder;
          expect(run(ms, settled).steps).toEqual([]);
        },
      ),
    );
  });
});
