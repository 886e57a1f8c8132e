/** When the recogniser is late, and what may be done about it. Pure. */
import { deadlineMs } from '../resilience/deadline.js';
import { mayHedge } from '../resilience/hedge-budget.js';
import { shareOf } from '../resilience/switches.js';
import type { RecogniserLimits, RecogniserSettings, RecogniserState } from './recogniser-forms.js';

/**
 * In ms. The first word takes its own length and the recogniser's delay (Deepgram: below 500 ms); a Finalize is answered
 * within 330 ms at the P99, and the ear goes on without its answer after 1,200 ms.
 */
export const DEFAULT_LIMITS: RecogniserLimits = Object.freeze({
  onset: { initialMs: 900, leastMs: 500, mostMs: 2_000 },
  final: { initialMs: 600, leastMs: 500, mostMs: 1_000 },
});

export interface Due {
  readonly kind: 'voice' | 'final';
  /** When the line is late, in ms. */
  readonly atMs: number;
  /** When it is given up, whatever a second one costs, in ms. */
  readonly lastAtMs: number;
}

/** What is late first, of all that is owed. */
export function dueOf(state: RecogniserState, { switches, limits }: RecogniserSettings): Due | undefined {
  if (!switches.deadlines) return undefined;
  const { awaited, onsets, finals } = state;
  const dues: Due[] = state.asked
    .filter(({ isDue }) => isDue)
    .map(({ sinceMs }) => ({
      kind: 'final',
      atMs: sinceMs + deadlineMs(finals, limits.final),
      lastAtMs: sinceMs + limits.final.mostMs,
    }));
  if (awaited?.isSure === true) {
    const { mostMs } = limits.onset;
    const waitMs = awaited.kind === 'onset' ? deadlineMs(onsets, limits.onset) : mostMs;
    dues.push({ kind: 'voice', atMs: awaited.sinceMs + waitMs, lastAtMs: awaited.sinceMs + mostMs });
  }
  return dues.toSorted((a, b) => a.atMs - b.atMs)[0];
}

export function mayOpenSpare({ budget }: RecogniserState, { switches }: RecogniserSettings): boolean {
  return mayHedge(budget, shareOf(switches));
}

/** How long two lines may be silent together, in ms. */
export function raceMs({ asked }: RecogniserState, { limits }: RecogniserSettings): number {
  return asked.some(({ isDue }) => isDue) ? limits.final.mostMs : limits.onset.mostMs;
}

/** When the next `time` is due, in ms; `undefined`: not before another input. */
export function wakeAtMs(state: RecogniserState, settings: RecogniserSettings): number | undefined {
  if (state.main === undefined) return state.retryAtMs;
  const due = dueOf(state, settings);
  if (due === undefined) return undefined;
  if (state.spare !== undefined) return Math.max(due.atMs, state.raceUntilMs ?? due.atMs);
  return mayOpenSpare(state, settings) ? due.atMs : due.lastAtMs;
}
