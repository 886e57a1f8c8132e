/** Whom the recogniser asks next, and when: breakers, fallback and the waits between attempts. Pure. */
import { allows, type Breaker, CLOSED, noteFailure, noteSuccess, stateOf } from '../resilience/breaker.js';
import type { RecogniserState, RecogniserStep } from './recogniser-forms.js';

/** After this many failures in a row another provider is asked, if there is one: the first try and one quick retry. */
const FAILURES_TO_FALL_BACK = 2;
/** Waits after the first, second, ... failure in a row, in ms; the last repeats. A call cannot rest for longer. */
const RETRY_MS = [100, 100, 300, 1_000, 2_000] as const;

/**
 * The place of the provider to connect to: the first that is not known to fail. Where all are, the one that failed least,
 * since a call has nobody else to listen to it.
 * @param beside - The provider that is connected already and late: another one is more likely to answer.
 */
export function choose(
  breakers: readonly Breaker[],
  atMs: number,
  hasFallback: boolean,
  beside: number | undefined,
): number {
  const places = hasFallback ? breakers.map((_, place) => place) : [0];
  const sound = places.filter((place) => isSound(breakers[place] ?? CLOSED, atMs));
  const other = sound.find((place) => place !== beside);
  if (beside !== undefined) return other ?? beside;
  if (other !== undefined) return other;
  const failuresOf = (place: number) => breakers[place]?.failuresInARow ?? 0;
  return places.toSorted((a, b) => failuresOf(a) - failuresOf(b))[0] ?? 0;
}

function isSound(breaker: Breaker, atMs: number): boolean {
  // The probe of one that rested long enough is the quick retry that it was refused before.
  const isProbe = stateOf(breaker, atMs) === 'half-open';
  return allows(breaker, atMs) && (isProbe || breaker.failuresInARow < FAILURES_TO_FALL_BACK);
}

/** How long to wait before {@link choose} is asked and followed, in ms. */
export function retryDelayMs(
  breakers: readonly Breaker[],
  atMs: number,
  hasFallback: boolean,
  isRefusal: boolean,
): number {
  const failures = breakers[choose(breakers, atMs, hasFallback, undefined)]?.failuresInARow ?? 0;
  // One that has not failed lately is asked at once, and so is one that only lost its connection.
  if (failures === 0 || (failures === 1 && !isRefusal)) return 0;
  return RETRY_MS[Math.min(failures, RETRY_MS.length) - 1] ?? 0;
}

export function withFailure(state: RecogniserState, provider: number, atMs: number): RecogniserStep {
  return withBreaker(state, provider, atMs, (breaker) => noteFailure(breaker, atMs));
}

/** @param before - What is done already; the success is added to it. */
export function withSuccess(before: RecogniserStep, provider: number, atMs: number): RecogniserStep {
  if (before.state.breakers[provider] === CLOSED) return before;
  const { state, actions } = withBreaker(before.state, provider, atMs, noteSuccess);
  return { state, actions: [...before.actions, ...actions] };
}

function withBreaker(
  state: RecogniserState,
  provider: number,
  atMs: number,
  change: (breaker: Breaker) => Breaker,
): RecogniserStep {
  const before = state.breakers[provider] ?? CLOSED;
  const after = change(before);
  const reached = stateOf(after, atMs);
  return {
    state: { ...state, breakers: state.breakers.with(provider, after) },
    actions: reached === stateOf(before, atMs) ? [] : [{ kind: 'breaker', state: reached }],
  };
}
