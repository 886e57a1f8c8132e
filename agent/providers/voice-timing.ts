/** How long the voice waits for a synthesiser. Pure; all in ms on one monotonic clock. */

/** A provider that said nothing for twice its deadline is given up, within these bounds; a filler comes after 2,500 ms. */
const LEAST_GIVE_UP_MS = 1_000;
const MOST_GIVE_UP_MS = 2_000;
/** Between two chunks of one utterance nothing comes for this long only when something is wrong. */
const STALL_MS = 1_500;
/** How long before the sound runs out a stall is dealt with: about what a new request takes. */
const STALL_LEAD_MS = 300;
/** Where deadlines are off, or nobody else may be asked, nothing hangs for longer than this: the framework's own bound on a silent synthesis. */
const UNBOUNDED_MS = 10_000;
/** Cartesia forgets a context 1 s after its last sound; what comes later than this, a trip before, needs a new one. */
const CONTEXT_LIFE_MS = 800;

export interface FirstByteWait {
  /** When the last of the requests under way was sent. */
  readonly askedAtMs: number;
  readonly deadlineMs: number;
  readonly hasDeadline: boolean;
  /** Whether somebody may be asked once it is given up: a slow voice is better than none. */
  readonly mayAskAgain: boolean;
  /** Whether a second request may still be sent. */
  readonly mayHedge: boolean;
  /** Not before this, where none could be sent when it was due. */
  readonly hedgeNotBeforeMs?: number;
}

/** When something is to be done about a first byte that has not come, and what. */
export function firstByteDue(wait: FirstByteWait): { readonly atMs: number; readonly action: 'hedge' | 'give-up' } {
  const { askedAtMs, deadlineMs, hasDeadline, mayAskAgain, mayHedge, hedgeNotBeforeMs = 0 } = wait;
  const patienceMs = Math.min(MOST_GIVE_UP_MS, Math.max(LEAST_GIVE_UP_MS, 2 * deadlineMs));
  const givenUpAtMs = askedAtMs + (hasDeadline && mayAskAgain ? patienceMs : UNBOUNDED_MS);
  const hedgeAtMs = Math.max(askedAtMs + deadlineMs, hedgeNotBeforeMs);
  const isHedge = hasDeadline && mayHedge && hedgeAtMs < givenUpAtMs;
  return isHedge ? { atMs: hedgeAtMs, action: 'hedge' } : { atMs: givenUpAtMs, action: 'give-up' };
}

/**
 * When an utterance that sounds already counts as stalled, if something of it is outstanding. A synthesiser far ahead of
 * what is heard may pause: that is none before its sound runs out.
 * @param stirredAtMs - When the last chunk came or the last text went.
 * @param playsUntilMs - When the sound that came has been heard, if it was played at once.
 */
export function stallDueAtMs(stirredAtMs: number, playsUntilMs: number, hasDeadline: boolean): number {
  if (!hasDeadline) return stirredAtMs + UNBOUNDED_MS;
  return Math.max(stirredAtMs + STALL_MS, playsUntilMs - STALL_LEAD_MS);
}

/** Whether the vendor may have forgotten a context in which nothing has happened since. */
export function isForgotten(stirredAtMs: number, nowMs: number): boolean {
  return nowMs - stirredAtMs > CONTEXT_LIFE_MS;
}
