/** A worker that is asked for more calls than it takes, all at once: livekit-server offers them faster than processes begin. */
import { ParticipantInfo_Kind, RoomAgentDispatch } from '@livekit/protocol';
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { untilWarm } from '../../bench/latency/worker-counters.js';
import { readMetric } from '../support/metrics.js';
import { type Stack, startStack } from '../support/stack.js';

const MAX_CALLS = 2;
const ASKED = 5;
/** So many could begin at once, were they let. */
const WARM = 4;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ engine: 'scripted', env: { MAX_CALLS: String(MAX_CALLS), WARM_PROCESSES: String(WARM) } });
});
afterAll(() => stack?.close());

describe('a burst of calls', () => {
  it('is taken as far as there is room for it, and no further', async () => {
    const { apiKey, apiSecret } = stack.livekitKeys;
    const rooms = new RoomServiceClient(stack.livekitUrl.replace('ws', 'http'), apiKey, apiSecret);
    const names = Array.from({ length: ASKED }, () => `burst-${crypto.randomUUID()}`);
    await untilWarm(stack.metricsUrl, { processes: WARM, withinMs: 100_000 });
    const agents = [new RoomAgentDispatch({ agentName: stack.agentName })];
    await Promise.all(names.map((name) => rooms.createRoom({ name, agents })));
    const withAgent = async (): Promise<number> => {
      const inside = await Promise.all(names.map((name) => rooms.listParticipants(name).catch(() => [])));
      return inside.filter((ones) => ones.some(({ kind }) => kind === ParticipantInfo_Kind.AGENT)).length;
    };
    await vi.waitFor(async () => expect(await withAgent()).toBe(MAX_CALLS), { timeout: 15_000, interval: 200 });
    // One more would be there by then, and wait for its caller as these do.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await withAgent()).toBe(MAX_CALLS);
    expect(await readMetric(stack.metricsUrl, 'turnwise_calls')).toBe(MAX_CALLS);
  });
});
