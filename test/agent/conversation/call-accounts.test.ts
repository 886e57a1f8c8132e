import type { Room } from '@livekit/rtc-node';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PROFILES, withoutTechniques } from '../../../agent/config/profiles.js';
import { CallAccounts } from '../../../agent/conversation/call-accounts.js';
import { CallerLink } from '../../../agent/conversation/caller-link.js';
import { ManualClock } from '../../support/manual-clock.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function startAccounts(profile = PROFILES.good) {
  const read = vi.fn(async () => ({ publisherStats: [], subscriberStats: [] }));
  const room = { getRtcStats: read } as unknown as Room;
  const provider = { provider: 'p', model: 'm', voice: 'v', baseUrl: 'x:', apiKey: 'k' };
  const accounts = new CallAccounts({
    callId: 'AJ_1',
    room,
    settings: { stt: [provider], llm: [provider], tts: [provider] },
    profile,
    clock: new ManualClock(0),
    measurements: { observe: () => undefined, count: () => undefined },
    callerLink: new CallerLink(room, pino({ level: 'silent' })),
    mayBeContinued: () => false,
    recorder: () => undefined,
  });
  return { accounts, read };
}

it("reads the worker's own connection every 2 s until the call is over", async () => {
  const { accounts, read } = startAccounts();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(read).toHaveBeenCalledTimes(5);
  accounts.close();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(read).toHaveBeenCalledTimes(5);
});

it('asks the room for no statistics where accounts are off', async () => {
  const { accounts, read } = startAccounts(withoutTechniques(PROFILES.good, ['accounts']));
  await vi.advanceTimersByTimeAsync(60_000);
  accounts.close();
  expect(read).not.toHaveBeenCalled();
  expect(vi.getTimerCount()).toBe(0);
});
