/**
 * The templates as one finite-state grammar: the smallest deterministic automaton that accepts exactly the sentences the
 * templates can produce, its arcs weighted by a sampled corpus.
 */

import type { Template, TemplateSet } from './templates.js';

export interface Arc {
  readonly from: number;
  readonly to: number;
  readonly word: string;
  readonly probability: number;
}

export interface Grammar {
  readonly states: number;
  readonly start: number;
  readonly arcs: readonly Arc[];
  /** Chance that a sentence ends in a state; absent where none can. */
  readonly endProbability: ReadonlyMap<number, number>;
}

/** Automaton with empty moves, as templates translate into it part by part. */
interface Nfa {
  readonly byWord: { readonly word: string; readonly to: number }[][];
  readonly empty: number[][];
}

interface Dfa {
  readonly arcs: Map<string, number>[];
  readonly accepting: boolean[];
}

/**
 * Pseudo-count added to each arc and each possible end, so that what the templates allow is never ruled out by a corpus too
 * small to have drawn it.
 */
const SMOOTHING = 1;

/** Builds the grammar; `corpus` must be drawn from the same templates. */
export function buildGrammar(set: TemplateSet, corpus: Iterable<readonly string[]>): Grammar {
  const dfa = minimise(determinise(translate(set)));
  const counts = dfa.arcs.map((arcs) => new Map([...arcs.keys()].map((word) => [word, SMOOTHING])));
  const ends: number[] = dfa.accepting.map((accepting) => (accepting ? SMOOTHING : 0));
  for (const sentence of corpus) {
    let state = 0;
    for (const word of sentence) {
      const next = dfa.arcs[state]?.get(word);
      if (next === undefined)
        throw new Error(`The grammar does not accept "${sentence.join(' ')}", drawn from itself.`);
      const here = counts[state] as Map<string, number>;
      here.set(word, (here.get(word) as number) + 1);
      state = next;
    }
    ends[state] = (ends[state] as number) + 1;
  }
  const arcs: Arc[] = [];
  const endProbability = new Map<number, number>();
  for (const [from, here] of counts.entries()) {
    const total = [...here.values()].reduce((sum, count) => sum + count, ends[from] as number);
    if (dfa.accepting[from]) endProbability.set(from, (ends[from] as number) / total);
    for (const [word, count] of here) {
      arcs.push({ from, to: dfa.arcs[from]?.get(word) as number, word, probability: count / total });
    }
  }
  return { states: dfa.arcs.length, start: 0, arcs, endProbability };
}

/**
 * Chance that a speaker stops where no sentence ends: to think, or because the client asked for a final. Without it the search
 * would hear some other, finished sentence in the unfinished one.
 */
const BROKEN_OFF = 1e-3;

/** The grammar in the text form PocketSphinx reads; one final state that every possible end leads to. */
export function toFsg({ states, start, arcs, endProbability }: Grammar, name: string): string {
  const lines = [`FSG_BEGIN ${name}`, `NUM_STATES ${states + 1}`, `START_STATE ${start}`, `FINAL_STATE ${states}`];
  for (const arc of arcs) lines.push(`TRANSITION ${arc.from} ${arc.to} ${arc.probability.toPrecision(6)} ${arc.word}`);
  for (let state = 0; state < states; state += 1) {
    lines.push(`TRANSITION ${state} ${states} ${(endProbability.get(state) ?? BROKEN_OFF).toPrecision(6)}`);
  }
  return `${lines.join('\n')}\nFSG_END\n`;
}

function translate({ slots, phrases }: TemplateSet): Nfa {
  const nfa: Nfa = { byWord: [], empty: [] };
  const newState = () => {
    nfa.empty.push([]);
    return nfa.byWord.push([]) - 1;
  };
  const START = newState();
  const END = newState();
  const connect = (parts: Template, from: number): number => {
    let at = from;
    for (const part of parts) {
      const next = newState();
      if (part.kind === 'word') nfa.byWord[at]?.push({ word: part.word, to: next });
      else {
        const alternatives = part.kind === 'optional' ? [part.parts, []] : (slots.get(part.name) ?? []);
        for (const alternative of alternatives) nfa.empty[connect(alternative, at)]?.push(next);
      }
      at = next;
    }
    return at;
  };
  for (const { template } of phrases) nfa.empty[connect(template, START)]?.push(END);
  return nfa;
}

/** State 1 of the automaton from {@link translate} is its only end. */
function determinise(nfa: Nfa): Dfa {
  const closure = (states: Iterable<number>): number[] => {
    const seen = new Set(states);
    for (const state of seen) for (const next of nfa.empty[state] ?? []) seen.add(next);
    // Only states with word arcs, and the end, tell sets apart.
    return [...seen].filter((state) => state === 1 || nfa.byWord[state]?.length).sort((left, right) => left - right);
  };
  const dfa: Dfa = { arcs: [], accepting: [] };
  const known = new Map<string, number>();
  const sets: number[][] = [];
  const stateOf = (set: number[]): number => {
    const key = set.join(' ');
    const existing = known.get(key);
    if (existing !== undefined) return existing;
    known.set(key, sets.length);
    dfa.arcs.push(new Map());
    dfa.accepting.push(set.includes(1));
    return sets.push(set) - 1;
  };
  stateOf(closure([0]));
  for (const [at, set] of sets.entries()) {
    const targets = new Map<string, Set<number>>();
    for (const state of set) {
      for (const { word, to } of nfa.byWord[state] ?? []) {
        const reached = targets.get(word);
        if (reached === undefined) targets.set(word, new Set([to]));
        else reached.add(to);
      }
    }
    for (const [word, reached] of targets) dfa.arcs[at]?.set(word, stateOf(closure(reached)));
  }
  return dfa;
}

/** Merges states with the same future (Moore's partition refinement); state 0 stays the start. */
function minimise(dfa: Dfa): Dfa {
  let classes: number[] = dfa.accepting.map(Number);
  for (let count = 0; ; ) {
    const known = new Map<string, number>();
    const refined = dfa.arcs.map((arcs, state) => {
      const future = [...arcs].map(([word, to]) => `${word}:${classes[to]}`).sort();
      const key = `${classes[state]}|${future.join(' ')}`;
      const existing = known.get(key) ?? known.size;
      known.set(key, existing);
      return existing;
    });
    classes = refined;
    if (known.size === count) break;
    count = known.size;
  }
  const merged: Dfa = { arcs: [], accepting: [] };
  for (const [state, arcs] of dfa.arcs.entries()) {
    const into = classes[state] as number;
    merged.arcs[into] ??= new Map([...arcs].map(([word, to]) => [word, classes[to] as number]));
    merged.accepting[into] ??= dfa.accepting[state] as boolean;
  }
  return merged;
}
