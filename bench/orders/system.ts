/** The system that a suite calls: one of its own, or one that runs already. */
import { SimulatedCaller } from '../caller/simulated-caller.js';
import { requestSeat } from '../caller/tokens.js';
import { startStack } from '../stack.js';
import { readStoredOrders, type StoredOrders } from './stored-orders.js';

export interface BenchSystem {
  readonly webUrl: string;
  readonly providersUrl: string;
  readonly orders: StoredOrders;
  /** May be called twice. */
  close(): Promise<void>;
}

/** A running system is given by all three of its addresses; whatever is missing, one is started. */
export interface SystemOptions {
  readonly url?: string | undefined;
  readonly providersUrl?: string | undefined;
  readonly ordersDb?: string | undefined;
  readonly signal: AbortSignal;
}

export async function openSystem({ url, providersUrl, ordersDb, signal }: SystemOptions): Promise<BenchSystem> {
  if (url !== undefined && ordersDb !== undefined) {
    const orders = readStoredOrders(ordersDb);
    const known = { webUrl: url, providersUrl: providersUrl ?? 'http://127.0.0.1:8790', orders };
    return { ...known, close: async () => orders.close() };
  }
  const stack = await startStack({ engine: 'offline', signal });
  try {
    const orders = readStoredOrders(stack.ordersDb);
    const close = async (): Promise<void> => {
      orders.close();
      await stack.close();
    };
    return { webUrl: stack.webUrl, providersUrl: stack.providersUrl ?? '', orders, close };
  } catch (error) {
    await stack.close();
    throw error;
  }
}

/** How long an agent may take to join and greet, in ms. */
const GREETING_TIMEOUT_MS = 15_000;

/** A call that has been greeted; `callId` is how the order store knows it. */
export interface GreetedCall {
  readonly caller: SimulatedCaller;
  readonly callId: string;
}

/** Places a call and waits for the greeting. @throws CallError when there is no agent or it says nothing. */
export async function placeCall({ webUrl }: BenchSystem, signal: AbortSignal): Promise<GreetedCall> {
  const wish = { roomName: `bench-${crypto.randomUUID()}`, identity: `caller-${crypto.randomUUID()}` };
  const caller = new SimulatedCaller({ ...(await requestSeat(webUrl, wish, signal)), signal, record: false });
  try {
    await caller.connect();
    await caller.waitForGreeting({ timeoutMs: GREETING_TIMEOUT_MS });
    const first = (): string | undefined => caller.turnDocuments[0]?.callId;
    const callId = await caller.until(first, 'the account of the greeting', { timeoutMs: 5_000 });
    return { caller, callId };
  } catch (error) {
    await caller.hangUp();
    throw error;
  }
}
