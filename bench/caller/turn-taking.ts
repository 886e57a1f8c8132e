/** Whether and when the other side answered, decided from what was heard. Pure. */
import type { HeardStretch } from './ear.js';

/** Quiet after which an answer is over when the agent says that it listens again, in ms. */
export const QUIET_WHEN_LISTENING_MS = 700;

/** Quiet after which an answer is over although the agent says that it thinks or speaks: longer than any filler's pause. */
export const QUIET_AT_MOST_MS = 4_000;

/** States of `lk.agent.state` in which more is to come. */
const BUSY_STATES: ReadonlySet<string> = new Set(['thinking', 'speaking']);

/** What is known at one moment. */
export interface Heard {
  readonly stretches: readonly HeardStretch[];
  /** Up to which instant everything has been heard. */
  readonly heardUntilMs: number;
  /** The agent's attribute; absent when it sets none. */
  readonly agentState: string | undefined;
}

/** What is being answered. */
export interface Question {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** When the next utterance begins; whatever sounds from then on is no answer to this one. */
  readonly closesAtMs?: number;
}

export type ReplyProgress =
  | { readonly kind: 'silent'; readonly cutIn: boolean }
  | { readonly kind: 'speaking'; readonly startedAtMs: number; readonly cutIn: boolean }
  | { readonly kind: 'over'; readonly startedAtMs: number; readonly endedAtMs: number; readonly cutIn: boolean };

/**
 * How far the answer to a question has come.
 *
 * An answer is what begins after the end of the question. A voice that began within it and goes on after it counts as one
 * too, with `cutIn`: there is no response time then, only an answer.
 */
export function replyProgress(heard: Heard, question: Question): ReplyProgress {
  const closesAtMs = question.closesAtMs ?? Number.POSITIVE_INFINITY;
  const cuttingIn = heard.stretches.filter(
    ({ startedAtMs }) => startedAtMs > question.startedAtMs && startedAtMs < question.endedAtMs,
  );
  const cutIn = cuttingIn.length > 0;
  const answer = [
    ...cuttingIn.filter(({ endedAtMs = Number.POSITIVE_INFINITY }) => endedAtMs > question.endedAtMs),
    ...heard.stretches.filter(({ startedAtMs }) => startedAtMs >= question.endedAtMs && startedAtMs < closesAtMs),
  ];
  const first = answer[0];
  const last = answer.at(-1);
  if (heard.heardUntilMs < question.endedAtMs || first === undefined || last === undefined) {
    return { kind: 'silent', cutIn };
  }
  const { startedAtMs } = first;
  if (heard.heardUntilMs >= closesAtMs) {
    return { kind: 'over', startedAtMs, endedAtMs: Math.min(last.endedAtMs ?? closesAtMs, closesAtMs), cutIn };
  }
  if (last.endedAtMs === undefined || !isQuiet(heard, last.endedAtMs)) return { kind: 'speaking', startedAtMs, cutIn };
  return { kind: 'over', startedAtMs, endedAtMs: last.endedAtMs, cutIn };
}

/**
 * When the agent gave way to a caller who spoke into its words.
 * @param quietMs - Quiet that tells giving way from a pause between two sentences.
 * @returns Instant of the agent's last sound; undefined while it has not given way.
 */
export function gaveWayAtMs(heard: Heard, interruptedAtMs: number, quietMs: number): number | undefined {
  const spoken = heard.stretches.filter(({ startedAtMs }) => startedAtMs <= interruptedAtMs).at(-1);
  // Sentences that the agent went on to say belong to what it had not given up.
  let last = spoken;
  for (const stretch of heard.stretches) {
    if (last?.endedAtMs !== undefined && stretch.startedAtMs > last.startedAtMs) {
      if (stretch.startedAtMs - last.endedAtMs < quietMs) last = stretch;
    }
  }
  if (last?.endedAtMs === undefined || heard.heardUntilMs - last.endedAtMs < quietMs) return undefined;
  return last.endedAtMs;
}

function isQuiet({ heardUntilMs, agentState }: Heard, sinceMs: number): boolean {
  const busy = agentState !== undefined && BUSY_STATES.has(agentState);
  return heardUntilMs - sinceMs >= (busy ? QUIET_AT_MOST_MS : QUIET_WHEN_LISTENING_MS);
}
