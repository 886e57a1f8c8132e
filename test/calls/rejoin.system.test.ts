/** Who hangs up and comes back to the same room finds an agent there, as everybody does who comes to a room. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SimulatedCaller } from '../../bench/caller/simulated-caller.js';
import { requestSeat } from '../../bench/caller/tokens.js';
import { untilWarm } from '../../bench/latency/worker-counters.js';
import { type Stack, startStack } from '../support/stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ engine: 'scripted' });
});
afterAll(() => stack?.close());

/** From hanging up to coming back, in ms: a page that is loaded again takes about as long. */
const AWAY_MS = 1_000;

/** Joins the room, and hangs up once greeted. */
async function join(roomName: string): Promise<boolean> {
  await untilWarm(stack.metricsUrl, { processes: 1, withinMs: 60_000 });
  const caller = new SimulatedCaller(await requestSeat(stack.webUrl, { roomName, identity: 'somebody' }));
  try {
    await caller.connect();
    await caller.waitForGreeting({ timeoutMs: 15_000 });
    return true;
  } catch {
    return false;
  } finally {
    await caller.hangUp();
  }
}

it('is greeted again', async () => {
  const roomName = `again-${crypto.randomUUID()}`;
  expect(await join(roomName)).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
  expect(await join(roomName)).toBe(true);
});
