import type { Readiness } from './telemetry/http.js';

export interface WorkerState {
  readonly isDraining: boolean;
  readonly isRegistered: boolean;
  /** To livekit-server, since the registration. */
  readonly isConnected: boolean;
  readonly isTurnModelSettled: boolean;
  readonly isWarm: boolean;
  readonly calls: number;
  readonly maxCalls: number;
  /** Profiles whose budget is burnt so far that calls are refused. */
  readonly refusing: readonly string[];
}

/** Whether a worker takes calls; if not, why: where there are several reasons, the first of these. */
export function readinessOf(state: WorkerState): Readiness {
  const { isDraining, isRegistered, isConnected, isTurnModelSettled, isWarm, calls, maxCalls, refusing } = state;
  const notReady = (reason: string): Readiness => ({ isReady: false, reason });
  if (isDraining) return notReady('the worker is finishing its calls before it stops');
  if (!isRegistered) return notReady('the worker is not registered with livekit-server yet');
  if (!isConnected) return notReady('livekit-server is away');
  if (!isTurnModelSettled) return notReady('the turn model is loading');
  if (!isWarm) return notReady('no call process is warm yet');
  // Without a call there is none that another could slow down, and nothing that would tell of faster turns.
  if (refusing.length > 0 && calls > 0)
    return notReady(`calls of ${refusing.join(', ')} are too slow: their budget refuses new ones`);
  if (calls >= maxCalls) return notReady('all MAX_CALLS calls are taken');
  return { isReady: true };
}
