import { expect, it } from 'vitest';
import { readinessOf, type WorkerState } from '../../agent/worker-readiness.js';

const READY: WorkerState = {
  isDraining: false,
  isRegistered: true,
  isConnected: true,
  isTurnModelSettled: true,
  isWarm: true,
  calls: 3,
  maxCalls: 4,
  refusing: [],
};

it('takes calls when nothing stands against it', () => {
  expect(readinessOf(READY)).toEqual({ isReady: true });
});

it.each<[Partial<WorkerState>, RegExp]>([
  [{ isDraining: true, calls: 4 }, /finishing its calls/],
  [{ isRegistered: false, isTurnModelSettled: false, isWarm: false }, /not registered/],
  [{ isConnected: false }, /livekit-server is away/],
  [{ isTurnModelSettled: false }, /turn model is loading/],
  [{ isWarm: false }, /no call process is warm/],
  [{ calls: 4 }, /MAX_CALLS/],
  [{ refusing: ['good', 'pro'], calls: 1 }, /calls of good, pro are too slow: their budget refuses/],
])('says why it takes none: %j', (against, reason) => {
  const readiness = readinessOf({ ...READY, ...against });
  expect(readiness.isReady).toBe(false);
  expect(readiness.reason).toMatch(reason);
});

it('is ready for a first call though the budget is burnt: only it can tell that turns are fast again', () => {
  expect(readinessOf({ ...READY, calls: 0, refusing: ['good'] })).toEqual({ isReady: true });
});
