/** What a caller at a page must have heard of each turn, by the second participant's ear and both ears' jitter buffers. Pure. */
import type { BrowserTurn } from './browser-turns.js';
import { truthMs } from './truth.js';

export interface BrowserTruth {
  readonly turn: BrowserTurn;
  readonly truthMs: number;
}

/** Turns that the second participant could not follow, or whose buffers nobody read, are left out. */
export function browserTruths(turns: readonly BrowserTurn[]): BrowserTruth[] {
  return turns.flatMap((turn) => {
    const { witnessed, bufferedMs } = turn;
    if (witnessed === undefined || bufferedMs === undefined) return [];
    const thereMs = truthMs(witnessed, witnessed.wayMs);
    return [{ turn, truthMs: thereMs + bufferedMs.page - bufferedMs.witness }];
  });
}
