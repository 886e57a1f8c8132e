/** Whether the stages of a turn account for all of its response. Pure. */
import type { TurnDocument } from '../../wire/turn.js';

/** Each figure of a document is rounded to a tenth of a ms, and so off by half of that. */
const ROUNDING_MS = 0.05;

/** How far the stages are from adding up to the response, in ms, and how far rounding alone may put them. */
export interface StageSum {
  readonly differenceMs: number;
  readonly roundingMs: number;
  readonly addsUp: boolean;
}

/** @returns undefined for a turn without a response: a greeting, typed text, no answer. */
export function stageSum({ responseMs, stages }: Pick<TurnDocument, 'responseMs' | 'stages'>): StageSum | undefined {
  if (responseMs === undefined || stages === undefined) return undefined;
  const durations = Object.values(stages);
  const differenceMs = durations.reduce((sum, ms) => sum + ms, 0) - responseMs;
  const roundingMs = (durations.length + 1) * ROUNDING_MS;
  // What binary fractions add is far below anything a clock tells.
  return { differenceMs, roundingMs, addsUp: Math.abs(differenceMs) <= roundingMs + 1e-6 };
}
