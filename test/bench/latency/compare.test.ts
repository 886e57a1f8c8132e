import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  COST_MS,
  type ComparedTurn,
  compareArms,
  comparePairs,
  LEAST,
  type Pair,
  pairsOf,
  powerOf,
  unlikeSettings,
  verdictOf,
} from '../../../bench/latency/compare.js';
import { comparisonTable, slowerLine } from '../../../bench/latency/compare-table.js';
import { seededRandom } from '../../../bench/statistics.js';

const turn = (file: string, heardMs: number | undefined, over: Partial<ComparedTurn> = {}): ComparedTurn => ({
  call: 'c',
  file,
  outcome: heardMs === undefined ? 'unanswered' : 'answered',
  heardMs,
  lagMs: 0,
  ...over,
});

/** Normal noise, the same for the same seed. */
function noiseOf(seed: number): () => number {
  const random = seededRandom(seed * 7_919 + 13);
  // The generator's first draws of near seeds are near each other.
  for (let skipped = 0; skipped < 5; skipped += 1) random();
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

interface World {
  readonly calls: number;
  readonly turns: number;
  /** Standard deviations of a call and of a turn in each run, in ms. */
  readonly callMs: number;
  readonly turnMs: number;
  /** Whether a turn in ten is late besides. */
  readonly hasTails?: boolean;
}

function simulate(costMs: number, { calls, turns, callMs, turnMs, hasTails }: World, seed: number): Pair[] {
  const normal = noiseOf(seed);
  const late = seededRandom(seed + 1_000);
  const noise = (): number => (hasTails && late() < 0.1 ? Math.abs(normal()) * 6 * turnMs : normal() * turnMs);
  return Array.from({ length: calls }, (_, call) => {
    const [before, after] = [normal() * callMs, normal() * callMs];
    return Array.from({ length: turns }, () => ({
      costMs: costMs + after + noise() - before - noise(),
      callBefore: `before ${call}`,
      callAfter: `after ${call}`,
    }));
  }).flat();
}

const RUNS = 80;
const RESAMPLES = 150;
/** They compute for a second each; a busy machine takes its time. */
const simulation = { timeout: 60_000 };

/** What such runs came to: share of each verdict, and the mean of the power that they stated. */
function verdictsOf(costMs: number, world: World): { slower: number; excluded: number; stated: number } {
  const runs = Array.from({ length: RUNS }, (_, seed) => comparePairs(simulate(costMs, world, seed), RESAMPLES));
  const share = (of: (verdict: string) => boolean): number => runs.filter(({ verdict }) => of(verdict)).length / RUNS;
  return {
    slower: share((verdict) => verdict === 'slower' || verdict === 'costly'),
    excluded: share((verdict) => verdict === 'excluded'),
    stated: runs.reduce((sum, { power }) => sum + (power?.at50 ?? 0), 0) / RUNS,
  };
}

const LARGE: World = { calls: 30, turns: 3, callMs: 15, turnMs: 50 };
const USUAL: World = { calls: 20, turns: 5, callMs: 20, turnMs: 60, hasTails: true };
const SMALLEST: World = { calls: LEAST.calls, turns: LEAST.pairs / LEAST.calls, callMs: 30, turnMs: 80 };

describe('two runs of one program', () => {
  it.each([
    ['the turns of a usual run', USUAL],
    ['as few turns as are compared', SMALLEST],
    ['calls that are more unlike than their turns', { calls: 12, turns: 8, callMs: 60, turnMs: 30 }],
  ])('are called slower in one case of twenty at most: %s', simulation, (_, world) => {
    expect(verdictsOf(0, world).slower).toBeLessThanOrEqual(0.05);
  });

  it('exclude a cost where there are enough turns', simulation, () => {
    const { excluded, slower } = verdictsOf(0, LARGE);
    expect(excluded).toBeGreaterThan(0.9);
    expect(slower).toBeLessThanOrEqual(0.05);
  });
});

describe('a change that costs 50 ms', () => {
  it.each([
    ['many turns', LARGE, 0.85],
    ['the turns of a usual run', USUAL, 0.8],
    ['as few turns as are compared', SMALLEST, 0.1],
  ])('is found as often as the run says: %s', simulation, (_, world, least) => {
    const { slower, excluded, stated } = verdictsOf(COST_MS, world);
    expect(slower).toBeGreaterThan(least);
    expect(Math.abs(slower - stated)).toBeLessThan(0.1);
    expect(excluded).toBeLessThanOrEqual(0.06);
  });
});

describe('the verdict', () => {
  it.each([
    [-30, 49.9, 'excluded'],
    [10, 40, 'excluded'],
    [-1, 50, 'undecided'],
    [0, 80, 'undecided'],
    [1, 50, 'slower'],
    [49, 80, 'slower'],
    [50, 80, 'costly'],
  ] as const)('of %d to %d ms is %s', (low, high, verdict) => {
    expect(verdictOf([low, high])).toBe(verdict);
  });

  it('is none with too few pairs or calls', () => {
    const world = { ...LARGE, turns: 1 };
    expect(comparePairs(simulate(500, { ...world, calls: LEAST.pairs - 1 }, 1))).toMatchObject({
      verdict: 'undecided',
      costCiMs: null,
    });
    expect(comparePairs(simulate(500, { ...world, calls: LEAST.calls - 1, turns: 10 }, 1)).verdict).toBe('undecided');
    expect(comparePairs([])).toEqual({ pairs: 0, calls: 0, costMs: null, costCiMs: null, verdict: 'undecided' });
  });

  it('moves with the cost, and does not depend on the order of the turns', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: -300, max: 300 }), (seed, shiftMs) => {
        const pairs = simulate(0, USUAL, seed);
        const plain = comparePairs(pairs, 50);
        const shifted = comparePairs(
          pairs.map((pair) => ({ ...pair, costMs: pair.costMs + shiftMs })),
          50,
        );
        expect(shifted.costMs).toBeCloseTo((plain.costMs ?? Number.NaN) + shiftMs, 6);
        expect(shifted.costCiMs?.[0]).toBeCloseTo((plain.costCiMs?.[0] ?? Number.NaN) + shiftMs, 6);
        expect(shifted.power?.detectableMs).toBeCloseTo(plain.power?.detectableMs ?? Number.NaN, 6);
        expect(comparePairs(pairs.toReversed(), 50).costMs).toBe(plain.costMs);
      }),
      { numRuns: 30 },
    );
  });

  it('holds its estimate between the ends of its interval', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e4, max: 1e4, noNaN: true }), { minLength: 20, maxLength: 60 }),
        (costs) => {
          const pairs = costs.map((costMs, index) => ({
            costMs,
            callBefore: `${index >> 1}`,
            callAfter: `${index % 11}`,
          }));
          const { costMs, costCiMs } = comparePairs(pairs, 40);
          expect(costMs).not.toBeNull();
          expect(costCiMs?.[0]).toBeLessThanOrEqual(costMs ?? Number.NaN);
          expect(costCiMs?.[1]).toBeGreaterThanOrEqual(costMs ?? Number.NaN);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('the power', () => {
  it('grows as the spread shrinks, and asks for four times the pairs at twice the spread', () => {
    const [narrow, wide] = [powerOf(25, 100), powerOf(50, 100)];
    expect(narrow.at50).toBeGreaterThan(wide.at50);
    expect(narrow.detectableMs).toBeLessThan(wide.detectableMs);
    expect(narrow.pairsNeeded).toBe(197);
    expect(wide.pairsNeeded).toBe(785);
    expect(powerOf(5, 100)).toMatchObject({ pairsNeeded: 8 });
    expect(powerOf(0, 100)).toEqual({ detectableMs: 50, at50: 1, pairsNeeded: 0 });
    // 1.96 standard deviations below 50 is where a cost of 50 is missed by chance in any run.
    expect(powerOf(5, 100).at50).toBeCloseTo(0.975, 3);
  });
});

describe('pairs', () => {
  it('are the same recording in both runs, the first time with the first', () => {
    const before = [turn('a', 500), turn('b', 600), turn('a', 520), turn('only before', 1)];
    const after = [turn('b', 610), turn('a', 505), turn('a', 540), turn('a', 999), turn('only after', 1)];
    expect(pairsOf(before, after).map(({ costMs }) => costMs)).toEqual([10, 5, 20]);
  });

  it('count calls at once as one, in both runs', () => {
    const run = [0, 1, 2, 3].map((index) => turn(`${index}`, 500, { call: `7-${index}` }));
    expect(compareArms(run, run)).toMatchObject({ pairs: 4, calls: 1 });
  });

  it('leave out who was not answered, cut in, or said late by the bench itself', () => {
    const before = [turn('a', 500), turn('b', undefined), turn('c', 500, { lagMs: 5_000 }), turn('d', 500)];
    const after = [turn('a', undefined), turn('b', 500), turn('c', 500), turn('d', undefined, { outcome: 'answered' })];
    const compared = compareArms(before, after);
    expect(compared).toMatchObject({ pairs: 0, unpaired: 4, unanswered: { before: 1, after: 1 } });
  });

  it('are never more than the turns of either run, whatever was said', () => {
    const turns = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.option(fc.nat(3_000), { nil: undefined })));
    fc.assert(
      fc.property(turns, turns, (before, after) => {
        const [earlier, later] = [before, after].map((run) => run.map(([file, ms]) => turn(file, ms)));
        const pairs = pairsOf(earlier ?? [], later ?? []);
        expect(pairs.length).toBeLessThanOrEqual(Math.min(before.length, after.length));
        expect(pairsOf(later ?? [], earlier ?? [])).toHaveLength(pairs.length);
      }),
    );
  });
});

describe('settings', () => {
  const settings = { set: 'orders', preset: 'fixed', faults: 'none', calls: 1, turns: 100, seed: 1 };
  it('may differ in how much was said, but not in what was measured', () => {
    expect(unlikeSettings(settings, { ...settings, turns: 50, seed: 2 })).toEqual([]);
    expect(unlikeSettings(settings, { ...settings, preset: 'tails', handshakeMs: 250 })).toEqual([
      'preset',
      'handshakeMs',
    ]);
  });
});

describe('what is said of it', () => {
  const run = (costMs: number, world = LARGE) => {
    const turns = (shiftMs: number): ComparedTurn[] =>
      simulate(0, world, 3).map(({ costMs: noiseMs, callAfter }, index) =>
        turn(`${index}`, 800 + (shiftMs > 0 ? noiseMs : 0) + shiftMs, { call: callAfter }),
      );
    return compareArms(turns(0), turns(costMs));
  };

  it('is that it is slower, by how much, and what such runs can show', () => {
    const comparisons = { ours: run(100) };
    const lines = comparisonTable(comparisons, 'before.json');
    expect(lines[1]).toMatch(/^ours: \d+ \(\d+\.\.\d+\) ms: a cost of 50 ms or more is proven$/);
    expect(lines[2]).toMatch(
      /^ours: 90 pairs of 30 calls show a cost of \d+ ms in 8 of 10 runs, and one of 50 ms in \d+ %$/,
    );
    expect(slowerLine(comparisons)).toMatch(/^slower than before: ours by \d+ \(\d+\.\.\d+\) ms$/);
  });

  it('is nothing to fail for while ours costs nothing, whatever the others do', () => {
    const [same, slower] = [run(0), run(100)];
    expect(slowerLine({ ours: same, stock: slower })).toBeUndefined();
    expect(slowerLine({ openings: slower })).toMatch(/^slower than before: openings by/);
    expect(slowerLine({})).toBeUndefined();
    expect(comparisonTable({}, 'before.json')).toEqual(['compared with before.json: no arm is in both']);
  });

  it('is how many turns it would take where too few were made', () => {
    const few = comparisonTable({ ours: run(40, { ...SMALLEST, turnMs: 200 }) }, 'before.json').join('\n');
    expect(few).toMatch(/not decided: neither 0 nor 50 ms is excluded/);
    expect(few).toMatch(/for 50 ms it takes about \d{3,} pairs/);
    const none = comparisonTable({ ours: run(40, { ...SMALLEST, calls: 2 }) }, 'before.json').join('\n');
    expect(none).toMatch(/not decided: 4 pairs of 2 calls are too few \(20 of 10 at least\)/);
  });
});
