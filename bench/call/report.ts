/** What a call came to, as JSON: the form of `npm run call -- --json`. */
import type { TurnStages } from '../../wire/turn.js';
import type { CallerTurn } from '../caller/simulated-caller.js';

export interface TurnReport {
  readonly outcome: CallerTurn['outcome'];
  readonly said: string;
  readonly reply: string;
  /** `null`: no answer, or one that began before the caller had finished. */
  readonly heardResponseMs: number | null;
  /** The same by the worker's clock. */
  readonly responseMs: number | null;
  /** `null`: the agent sent no account of the turn. */
  readonly stages: TurnStages | null;
  readonly cutIn: boolean;
}

export interface CallReport {
  /** `null`: the agent did not greet. */
  readonly greetingMs: number | null;
  readonly greeting: string;
  readonly turns: readonly TurnReport[];
}

export function reportTurn({ outcome, said, reply, heardResponseMs, document, cutIn }: CallerTurn): TurnReport {
  return {
    outcome,
    said,
    reply,
    heardResponseMs: heardResponseMs === undefined ? null : round(heardResponseMs),
    responseMs: document?.responseMs === undefined ? null : round(document.responseMs),
    stages: document?.stages ?? null,
    cutIn,
  };
}

/** To a tenth of a ms: finer than any of it is measured. */
export function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
