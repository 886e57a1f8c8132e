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
  /** What of the heard response the way to the ear takes; `null`: it was not measured. */
  readonly heard: WayToEar | null;
  readonly cutIn: boolean;
}

/** Between the worker's response and the heard one; they add up. In ms; `null`: not known. */
export interface WayToEar {
  /** To the SFU and back. */
  readonly roundTripMs: number | null;
  readonly jitterBufferMs: number | null;
  /** The worker's own side of the way, packets, and what nothing accounts for; may be below 0. */
  readonly restMs: number;
}

export interface CallReport {
  /** `null`: the agent did not greet. */
  readonly greetingMs: number | null;
  readonly greeting: string;
  readonly turns: readonly TurnReport[];
}

export function reportTurn(turn: CallerTurn): TurnReport {
  const { outcome, said, reply, heardResponseMs, document, cutIn } = turn;
  return {
    outcome,
    said,
    reply,
    heardResponseMs: heardResponseMs === undefined ? null : round(heardResponseMs),
    responseMs: document?.responseMs === undefined ? null : round(document.responseMs),
    stages: document?.stages ?? null,
    heard: wayToEar(turn),
    cutIn,
  };
}

/** @returns `null` where either end of the way is missing. */
export function wayToEar({ heard, document }: Pick<CallerTurn, 'heard' | 'document'>): WayToEar | null {
  if (heard === undefined || document?.responseMs === undefined || document.turn !== heard.turn) return null;
  const { heardResponseMs, roundTripMs, jitterBufferMs } = heard;
  const restMs = heardResponseMs - document.responseMs - (roundTripMs ?? 0) - (jitterBufferMs ?? 0);
  return {
    roundTripMs: roundTripMs === undefined ? null : round(roundTripMs),
    jitterBufferMs: jitterBufferMs === undefined ? null : round(jitterBufferMs),
    restMs: round(restMs),
  };
}

/** The same in words. */
export function describeWay({ roundTripMs, jitterBufferMs, restMs }: WayToEar): string {
  const known = [
    ...(roundTripMs === null ? [] : [`network ${Math.round(roundTripMs)} ms`]),
    ...(jitterBufferMs === null ? [] : [`jitter buffer ${Math.round(jitterBufferMs)} ms`]),
  ];
  return `on the way to the ear: ${[...known, `the rest ${Math.round(restMs)} ms`].join(', ')}`;
}

/** To a tenth of a ms: finer than any of it is measured. */
export function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
