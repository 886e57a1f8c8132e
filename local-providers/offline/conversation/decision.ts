/** What is decided on one turn, and the few shapes a decision takes. */
import { notUnderstood } from './phrases.js';
import type { Action, Draft, State } from './state.js';

export interface Decision {
  readonly action: Action;
  readonly state: State;
}

export function call(tool: string, args: Readonly<Record<string, unknown>>): Action {
  return { kind: 'call', tool, args };
}

export function say(text: string, state: State): Decision {
  return { action: { kind: 'say', text }, state };
}

export function ask(state: State, draft: Draft, text: string): Decision {
  return { action: { kind: 'say', text }, state: { ...state, draft } };
}

/** @returns The decision on words that were not understood: asked again, and at the second miss a way out is offered. */
export function miss(state: State): Decision {
  const misses = state.misses + 1;
  const words = notUnderstood(misses, state.turns);
  if (!words.endsWith('human colleague?')) return say(words, { ...state, misses });
  return ask({ ...state, misses }, { action: 'hand-over', items: [], ask: 'right?' }, words);
}
