import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Chance,
  hitRate,
  NO_SPECULATION,
  noteBegun,
  noteOutcome,
  type Speculation,
  type SpeculationOutcome,
  shouldSpeculate,
} from '../../../agent/turn/speculation.js';

const settings = { ceilingTokensPerMinute: 500, leastHitRate: 0.5 };
const chance: Chance = { waitMs: 600, silenceMs: 100, words: 'a latte with milk', stableForMs: 0, isFinal: false };

const ended = (outcome: SpeculationOutcome, wastedTokens = 0, wastedCharacters = 0) => ({
  outcome,
  wastedTokens,
  wastedCharacters,
});

function ending(outcomes: readonly SpeculationOutcome[]): Speculation {
  return outcomes.reduce((state, outcome) => noteOutcome(noteBegun(state), ended(outcome), 0), NO_SPECULATION);
}

describe('whether to begin a reply early', () => {
  it('begins on any words at first, as long as there is something to gain', () => {
    expect(shouldSpeculate(NO_SPECULATION, chance, 0, settings)).toBe(true);
    expect(shouldSpeculate(NO_SPECULATION, { ...chance, words: ' ?' }, 0, settings)).toBe(false);
    expect(shouldSpeculate(NO_SPECULATION, { ...chance, silenceMs: 600 }, 0, settings)).toBe(false);
  });

  it('asks for final or for stable words after many misses, and for longer stable ones after more', () => {
    const some = ending(['used', 'used', 'changed', 'changed', 'resumed', 'changed']);
    expect(shouldSpeculate(some, chance, 0, settings)).toBe(false);
    expect(shouldSpeculate(some, { ...chance, isFinal: true }, 0, settings)).toBe(true);
    expect(shouldSpeculate(some, { ...chance, stableForMs: 500 }, 0, settings)).toBe(true);
    expect(shouldSpeculate(some, { ...chance, stableForMs: 500, words: 'latte' }, 0, settings)).toBe(false);
    const none = ending(['changed', 'changed', 'changed', 'changed', 'changed']);
    expect(shouldSpeculate(none, { ...chance, stableForMs: 700 }, 0, settings)).toBe(false);
    expect(shouldSpeculate(none, { ...chance, stableForMs: 800 }, 0, settings)).toBe(true);
  });

  it('takes heart again', () => {
    const poor = ending(Array<SpeculationOutcome>(20).fill('changed'));
    const better = Array<SpeculationOutcome>(10)
      .fill('used')
      .reduce((state, outcome) => noteOutcome(state, ended(outcome), 0), poor);
    expect(shouldSpeculate(poor, chance, 0, settings)).toBe(false);
    expect(shouldSpeculate(better, chance, 0, settings)).toBe(true);
  });

  it('learns nothing from a call that ended', () => {
    expect(hitRate(ending(Array<SpeculationOutcome>(10).fill('abandoned')))).toBeUndefined();
  });

  it('stops at the ceiling until the minute is over', () => {
    const first = noteOutcome(NO_SPECULATION, ended('changed', 1), 100_000);
    const spent = noteOutcome(first, ended('changed', 499), 130_000);
    expect(shouldSpeculate(spent, { ...chance, isFinal: true }, 159_999, settings)).toBe(false);
    expect(shouldSpeculate(spent, chance, 160_000, settings)).toBe(true);
    const voiced = noteOutcome(NO_SPECULATION, ended('changed', 1, 900), 0);
    expect(shouldSpeculate(voiced, chance, 1, { ...settings, ceilingCharactersPerMinute: 900 })).toBe(false);
    expect(shouldSpeculate(voiced, chance, 1, settings)).toBe(true);
  });

  it('has two in flight at most', () => {
    const two = noteBegun(noteBegun(NO_SPECULATION));
    expect(shouldSpeculate(two, chance, 0, settings)).toBe(false);
    expect(shouldSpeculate(noteOutcome(two, ended('changed'), 0), chance, 0, settings)).toBe(true);
  });
});

describe('any course of a call', () => {
  const step = fc.record({
    afterMs: fc.nat(20_000),
    outcome: fc.constantFrom<SpeculationOutcome>('used', 'changed', 'resumed', 'abandoned'),
    tokens: fc.nat(200),
    characters: fc.nat(500),
    chance: fc.record({
      ...{
        waitMs: fc.nat(2_000),
        silenceMs: fc.nat(2_000),
        words: fc.constantFrom('', 'latte', 'a latte', 'one latte please'),
        stableForMs: fc.nat(1_000),
      },
      isFinal: fc.boolean(),
    }),
  });

  it('wastes no more than the ceiling and one reply a minute, counts exactly, and forgets', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.nat(600), (steps, ceilingTokensPerMinute) => {
        let state = NO_SPECULATION;
        let nowMs = 0;
        let tokens = 0;
        let characters = 0;
        let isBounded = true;
        for (const { afterMs, outcome, chance: now, ...wasted } of steps) {
          nowMs += afterMs;
          if (!shouldSpeculate(state, now, nowMs, { ceilingTokensPerMinute, leastHitRate: 0.5 })) continue;
          const isUsed = outcome === 'used';
          const end = ended(outcome, isUsed ? 0 : wasted.tokens, isUsed ? 0 : wasted.characters);
          tokens += end.wastedTokens;
          characters += end.wastedCharacters;
          state = noteOutcome(noteBegun(state), end, nowMs);
          isBounded &&= state.minute.tokens < ceilingTokensPerMinute + 200 && state.recent.length <= 20;
        }
        expect(isBounded).toBe(true);
        expect(state.inFlight).toBe(0);
        expect(state.total).toMatchObject({ wastedTokens: tokens, wastedCharacters: characters });
      }),
    );
  });

  it('never asks more of words that are final or longer stable', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), step, fc.nat(500), (past, { chance: now }, moreMs) => {
        const state = ending(past.map(({ outcome }) => outcome));
        if (!shouldSpeculate(state, now, 0, settings)) return;
        expect(shouldSpeculate(state, { ...now, isFinal: true }, 0, settings)).toBe(true);
        expect(shouldSpeculate(state, { ...now, stableForMs: now.stableForMs + moreMs }, 0, settings)).toBe(true);
      }),
    );
  });
});
