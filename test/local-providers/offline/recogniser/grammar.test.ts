import { describe, expect, it } from 'vitest';
import { buildGrammar, type Grammar, toFsg } from '../../../../local-providers/offline/recogniser/grammar.js';
import { parseTemplates, sampleCorpus } from '../../../../local-providers/offline/recogniser/templates.js';

const set = parseTemplates({
  slots: { size: ['small', 'large', 'twelve ounce'], drink: ['latte', 'iced mocha'] },
  phrases: [{ text: '[may i have] a {size} {drink}', weight: 5 }, { text: 'cancel' }],
});
const grammar = buildGrammar(set, sampleCorpus(set, { sentences: 600, atLeast: 1, seed: 1 }));

function accepts({ start, arcs, endProbability }: Grammar, sentence: string): boolean {
  let state: number | undefined = start;
  for (const word of sentence.split(' ')) state = arcs.find((arc) => arc.from === state && arc.word === word)?.to;
  return state !== undefined && endProbability.has(state);
}

describe('a grammar', () => {
  it.each(['a small latte', 'may i have a twelve ounce iced mocha', 'cancel'])('accepts "%s"', (sentence) => {
    expect(accepts(grammar, sentence)).toBe(true);
  });

  it.each(['a latte', 'may i have a', 'a small iced latte', 'cancel a small latte'])('refuses "%s"', (sentence) => {
    expect(accepts(grammar, sentence)).toBe(false);
  });

  it('leaves every state with a probability of 1 in all', () => {
    for (let state = 0; state < grammar.states; state += 1) {
      const leaving = grammar.arcs.filter((arc) => arc.from === state);
      const sum = leaving.reduce((total, arc) => total + arc.probability, grammar.endProbability.get(state) ?? 0);
      expect(sum).toBeCloseTo(1, 10);
    }
  });

  it('weighs sentences as the corpus does', () => {
    const first = (word: string) =>
      grammar.arcs.find((arc) => arc.from === grammar.start && arc.word === word)?.probability;
    expect(first('cancel')).toBeCloseTo(1 / 6, 1);
    expect(first('may')).toBeCloseTo(5 / 12, 1);
  });

  it('is as small as its language: two sentences with one ending share it', () => {
    const shared = parseTemplates({ slots: {}, phrases: [{ text: 'x a b c' }, { text: 'y a b c' }] });
    expect(buildGrammar(shared, []).states).toBe(5);
  });

  it('writes itself for the decoder, one final state within reach of every other, for speakers who break off', () => {
    const text = toFsg(grammar, 'orders');
    expect(text).toMatch(/^FSG_BEGIN orders\nNUM_STATES (\d+)\nSTART_STATE 0\nFINAL_STATE \d+\n/);
    expect(text.trimEnd().endsWith('FSG_END')).toBe(true);
    expect(text.match(/^TRANSITION .*$/gm)).toHaveLength(grammar.arcs.length + grammar.states);
  });
});
