/**
 * Finds the turn that a measured wait belongs to. A turn's account comes when its reply is done, some come much later, and not
 * every wait or turn has a partner; two clocks are in play that share no origin. A wait is given to no turn rather than to the
 * wrong one.
 */
import { HEARD_EARLY_MS, HEARD_LATE_MS, type TurnDocument } from '../../wire/turn.js';
import type { Wait } from './heard-meter.js';

/** Most that the first sounds of two turns lie apart otherwise on the page's clock than on the worker's, in ms: jitter buffers adapt. */
const OFFSET_SLACK_MS = 300;
/** How inexact the page knows when an account came, in ms, and how long one that was not held back is on its way. */
const ARRIVAL_SLACK_MS = 500;
const ARRIVES_WITHIN_MS = 1_500;
/** Waits and accounts that are kept for a partner yet to come. */
const KEPT = 8;

/** An account, and when it came on the page's audio clock, in ms. */
export interface ArrivedTurn {
  readonly document: TurnDocument;
  readonly arrivedAtMs: number;
}

export interface TurnMatcher {
  /** @returns Turns that now have their wait. */
  addWait(wait: Wait): readonly MatchedTurn[];
  addTurn(turn: ArrivedTurn): readonly MatchedTurn[];
}

export interface MatchedTurn {
  readonly document: TurnDocument;
  readonly wait: Wait;
}

export function createTurnMatcher(): TurnMatcher {
  let waits: readonly Wait[] = [];
  let turns: readonly ArrivedTurn[] = [];
  /** The page's clock less the worker's, at the last first sound that both know. */
  let offsetMs: number | undefined;
  let callId: string | undefined;
  /** The last one that has its wait. */
  let matchedTurn = 0;

  const match = (turn: ArrivedTurn): MatchedTurn | undefined => {
    if (turn.document.turn <= matchedTurn) return undefined;
    const possible = waits.filter((wait) => couldBe(wait, turn));
    const known = offsetMs;
    const fitting = known === undefined ? possible : possible.filter((wait) => fits(wait, turn, known));
    const [wait] = fitting;
    if (wait === undefined && possible.length > 0) offsetMs = undefined; // What it was taken from may have been wrong.
    // Held back until its fate was known, an interrupted turn says little about when it was.
    const needsOffset = turn.document.outcome !== 'answered';
    if (wait === undefined || fitting.length > 1 || (known === undefined && needsOffset)) return undefined;
    offsetMs = wait.heardAtMs - playoutStartedAtMs(turn);
    matchedTurn = turn.document.turn;
    // Answers come in the order of their questions.
    waits = waits.filter(({ heardAtMs }) => heardAtMs > wait.heardAtMs);
    return { document: turn.document, wait };
  };
  const matchAll = (): readonly MatchedTurn[] => {
    const matched = turns.map(match).filter((one) => one !== undefined);
    turns = turns.filter(({ document }) => document.turn > matchedTurn);
    return matched;
  };
  return {
    addWait(wait) {
      waits = [...waits, wait].slice(-KEPT);
      return matchAll();
    },
    addTurn(turn) {
      const { responseMs, supersededBy, instants } = turn.document;
      // The greeting answers nobody, what had no sound was not heard, and what came too soon was no answer.
      if (turn.document.turn === 0 || responseMs === undefined || supersededBy !== undefined) return [];
      if (instants.playoutStartedAtMs === undefined) return [];
      // Another call is another clock.
      if (callId !== turn.document.callId) {
        offsetMs = undefined;
        matchedTurn = 0;
      }
      turns = [...turns.filter(({ document }) => document.callId === turn.document.callId), turn].slice(-KEPT);
      callId = turn.document.callId;
      return matchAll();
    },
  };
}

function playoutStartedAtMs({ document }: ArrivedTurn): number {
  return document.instants.playoutStartedAtMs ?? Number.NaN;
}

/** Whether a turn may be the one that a wait was for, as far as one can tell without knowing how the clocks differ. */
function couldBe({ heardAtMs, heardMs }: Wait, { document, arrivedAtMs }: ArrivedTurn): boolean {
  const { responseMs = Number.NaN, instants, outcome } = document;
  const { playoutStartedAtMs = Number.NaN, playoutEndedAtMs = playoutStartedAtMs } = instants;
  const laterMs = heardMs - responseMs;
  // The account comes when the reply is done.
  const sinceStartMs = arrivedAtMs - heardAtMs - (playoutEndedAtMs - playoutStartedAtMs);
  const isSoon = outcome !== 'answered' || sinceStartMs <= ARRIVES_WITHIN_MS;
  return laterMs >= -HEARD_EARLY_MS && laterMs <= HEARD_LATE_MS && sinceStartMs >= -ARRIVAL_SLACK_MS && isSoon;
}

function fits({ heardAtMs }: Wait, turn: ArrivedTurn, offsetMs: number): boolean {
  return Math.abs(heardAtMs - playoutStartedAtMs(turn) - offsetMs) <= OFFSET_SLACK_MS;
}
