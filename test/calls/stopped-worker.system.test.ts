/** A worker that is asked to stop (SIGTERM, as each deployment does) while calls begin: they go on, and it ends behind them. */
import { ParticipantInfo_Kind, RoomAgentDispatch } from '@livekit/protocol';
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { untilWarm } from '../../bench/latency/worker-counters.js';
import { descendantsOf } from '../support/process-tree.js';
import { type Stack, startStack } from '../support/stack.js';

const WARM = 2;
/** One more than can begin at once: it is on its way, and its process loads, while the others run. */
const CALLS = WARM + 1;
/**
 * A call waits 20 s for its caller. Where the worker closes a process that has read nothing yet, the framework loses its own
 * request (ipc/job_proc_lazy_main.js:188 of 1.8.1) and ends it after a minute; in ms.
 */
const ENDS_WITHIN_MS = 90_000;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ engine: 'scripted', env: { MAX_CALLS: '8', WARM_PROCESSES: String(WARM) } });
});
afterAll(() => stack?.close());

describe('a worker that is asked to stop while calls begin', () => {
  it('takes no more of them, gives each one its agent, and ends behind the last', { timeout: 180_000 }, async () => {
    const { apiKey, apiSecret } = stack.livekitKeys;
    const rooms = new RoomServiceClient(stack.livekitUrl.replace('ws', 'http'), apiKey, apiSecret);
    const agents = [new RoomAgentDispatch({ agentName: stack.agentName })];
    const names = Array.from({ length: CALLS }, (_, index) => `stopped-${index}`);
    const hasAgent = async (name: string): Promise<boolean> => {
      const inside = await rooms.listParticipants(name).catch(() => []);
      return inside.some(({ kind }) => kind === ParticipantInfo_Kind.AGENT);
    };
    const withAgent = async (): Promise<number> =>
      (await Promise.all(names.map(hasAgent))).filter((isThere) => isThere).length;
    const worker = descendantsOf(stack.process.pid ?? 0).find(({ command }) => command.includes('dist/agent/main.js'));
    if (worker === undefined) throw new Error('There is no worker.');

    await untilWarm(stack.metricsUrl, { processes: WARM, withinMs: 60_000 });
    await Promise.all(names.map((name) => rooms.createRoom({ name, agents })));
    await vi.waitFor(async () => expect(await withAgent()).toBe(WARM), { timeout: 15_000, interval: 50 });
    process.kill(worker.pid, 'SIGTERM');

    await vi.waitFor(async () => expect((await fetch(`${stack.healthUrl}/readyz`)).status).toBe(503));
    await rooms.createRoom({ name: 'late', agents });
    await vi.waitFor(async () => expect(await withAgent()).toBe(CALLS), { timeout: 18_000, interval: 200 });
    expect(await hasAgent('late')).toBe(false);

    const said = () => stack.lines('worker').join('\n');
    await vi.waitFor(() => expect(said()).toContain('worker stopped'), { timeout: ENDS_WITHIN_MS, interval: 200 });
    // A call that was cut would have `completed`; these waited for their callers as long as calls do.
    const outcomes = [...said().matchAll(/"outcome":"(\w+)"/g)].map(([, outcome]) => outcome);
    expect(outcomes).toEqual(names.map(() => 'no_caller'));
    expect(said()).not.toContain('are cut');
  });
});
