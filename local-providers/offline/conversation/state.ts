/** What the conversation has come to, told from the messages alone: the server that answers keeps no memory. */
import type { Slots } from './assemble.js';
import type { Slot } from './lexicon.js';

/** A tool's answer as the messages carry it. */
export type ToolAnswer = Readonly<Record<string, unknown>>;

/** A question of the conversationalist's own, and what to do when it is answered. */
export interface Draft {
  readonly action: 'place' | 'change' | 'cancel' | 'hand-over';
  readonly items: readonly Slots[];
  /** What was asked: whether it is right, one missing value, or which of several drinks is meant. */
  readonly ask: 'right?' | 'which?' | Slot | 'drink';
  /** The drink in the order that is to be changed, when it was named. */
  readonly which?: string;
  readonly oneMoreShot?: boolean;
  /** Not every word was understood: what comes of it is read back before it is carried out. */
  readonly isUnsure?: boolean;
  /** Arguments of a tool that asked which line was meant; repeated with the answer. */
  readonly args?: ToolAnswer;
}

/** A tool that answered `confirm_first` and waits for the caller's yes. */
export interface Pending {
  readonly tool: string;
  readonly args: ToolAnswer;
  readonly readBack: string;
  /** The question was heard to its end: a "yes" to one that was cut off answers something else. */
  readonly wasAsked: boolean;
}

export interface State {
  /** The order as the tools last told it; undefined before one is placed and after it is cancelled. */
  readonly order: ToolAnswer | undefined;
  readonly pending: Pending | undefined;
  readonly draft: Draft | undefined;
  /** Turns in a row that were not understood. */
  readonly misses: number;
  /** What was said last. */
  readonly lastSaid: string;
  /** The caller's turns so far; varies the wording. */
  readonly turns: number;
}

export const BEGINNING: State = {
  order: undefined,
  pending: undefined,
  draft: undefined,
  misses: 0,
  lastSaid: '',
  turns: 0,
};

/** What to do next. */
export type Action =
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'call'; readonly tool: string; readonly args: Readonly<Record<string, unknown>> };

/** @returns The state after a tool answered. */
export function afterTool(state: State, tool: string, args: ToolAnswer, answer: ToolAnswer): State {
  const { status } = answer;
  if (status === 'confirm_first') {
    return {
      ...state,
      pending: { tool, args, readBack: String(answer.readBack ?? ''), wasAsked: false },
      draft: undefined,
    };
  }
  const settled = { ...state, pending: undefined };
  if (status === 'cancelled' || status === 'no_order') return { ...settled, order: undefined, draft: undefined };
  if (status === 'which_item') return { ...settled, draft: { action: 'change', items: [], ask: 'which?', args } };
  if (status === 'last_item') return { ...settled, draft: { action: 'cancel', items: [], ask: 'right?' } };
  if (status === 'needs') return { ...settled, draft: { action: 'place', items: itemsOf(args), ask: 'drink' } };
  return Array.isArray(answer.items) && typeof answer.order === 'string' ? { ...settled, order: answer } : settled;
}

/** @returns The state after something was said, as far as it was heard. */
export function afterSaying(state: State, said: string): State {
  const { pending } = state;
  // Many answer as soon as they have heard what is read back, before the question itself is through.
  const readBack = pending?.readBack ?? '';
  const wasAsked = /\?\W*$|yes or no/.test(said) || (readBack !== '' && said.includes(readBack));
  return { ...state, lastSaid: said, pending: pending && { ...pending, wasAsked: pending.wasAsked || wasAsked } };
}

/** @returns The lines of the order as the tools told them. */
export function orderLines(order: ToolAnswer | undefined): ToolAnswer[] {
  return itemsIn(order);
}

function itemsOf(args: ToolAnswer): Slots[] {
  return itemsIn(args) as Slots[];
}

function itemsIn(container: ToolAnswer | undefined): ToolAnswer[] {
  const items = container?.items;
  if (!Array.isArray(items)) return [];
  return items.filter((item): item is ToolAnswer => typeof item === 'object' && item !== null && !Array.isArray(item));
}
