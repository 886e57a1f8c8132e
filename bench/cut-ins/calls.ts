/** The calls of this suite: a caller says a few orders, one after the other, and each answer is waited for. */
import type { TurnDocument } from '../../wire/turn.js';
import { type CallerTurn, SimulatedCaller } from '../caller/simulated-caller.js';
import { makeSeat } from '../caller/tokens.js';
import { systemClock } from '../clock.js';
import type { CallScript, ScriptedProviders } from '../scripted-providers.js';
import { lengthMs } from '../spoken-recording.js';
import { DECIDED_STATES, SECOND_ANSWER_MS, sayRecording, tookTheFloor } from '../spoken-turn.js';
import type { Attribution } from './attribution.js';
import type { PausedOrder } from './orders.js';

/** What both agents answer: short, and asking as a bar does. */
const REPLY = 'Got it. What else can I get you?';
const GREETING_TIMEOUT_MS = 30_000;
/** Longest wait for an answer, in ms: more than twice what the slowest of the stock framework's waits leads to. */
const ANSWER_TIMEOUT_MS = 8_000;
/** How long texts may come after the sound, in ms; the stock agent sends no account of its turns, and would be waited for. */
const TEXTS_TIMEOUT_MS = 500;

export interface PlayedOrder {
  readonly file: string;
  /** Lengths of the pauses that count, in ms. */
  readonly pausesMs: readonly number[];
  /** The agent's first sounds in the caller's ear while the order went on. */
  readonly heard: Attribution;
  /** The same by the agent's own state, `thinking` or `speaking`: what was decided too soon, whether or not it was heard. */
  readonly decided: Attribution;
  readonly outcome: CallerTurn['outcome'];
  readonly heardResponseMs?: number;
  readonly said: string;
  /** Why ours took the turn for over each time it did, as it tells; the stock agent tells nothing. */
  readonly waited: readonly Pick<TurnDocument, 'said' | 'waiting'>[];
  /** How late this program itself was at worst, in ms: what the caller did not send in time sounds like a longer pause. */
  readonly lagMs: number;
}

export interface CallOptions {
  readonly sfu: { readonly url: string; readonly apiKey: string; readonly apiSecret: string };
  readonly providers: ScriptedProviders;
  /** Name under which the worker is registered. */
  readonly agentName: string;
  /** What its calls are named to the providers. */
  readonly providersCall: string;
  readonly signal: AbortSignal;
}

/** One call in which each order is said and answered. Without orders it only listens to the greeting. */
export async function placeOrders(options: CallOptions, orders: readonly PausedOrder[]): Promise<PlayedOrder[]> {
  const { sfu, providers, agentName, providersCall, signal } = options;
  await providers.script({ call: providersCall, ...scriptOf(orders) }, signal);
  const ids = { roomName: `bench-${crypto.randomUUID()}`, identity: `caller-${crypto.randomUUID()}` };
  const decisionsAtMs: number[] = [];
  const caller = new SimulatedCaller({
    ...(await makeSeat(sfu, { ...ids, agentName })),
    signal,
    record: false,
    reportHeard: false,
    textsTimeoutMs: TEXTS_TIMEOUT_MS,
    onAgentState: (state) => {
      if (DECIDED_STATES.has(state)) decisionsAtMs.push(systemClock.nowMs());
    },
  });
  try {
    await caller.connect();
    await caller.waitForGreeting({ timeoutMs: GREETING_TIMEOUT_MS });
    const played: PlayedOrder[] = [];
    for (const order of orders) {
      const result = await sayOrder(caller, order, decisionsAtMs);
      played.push(result);
      if (tookTheFloor(result)) await systemClock.sleep(SECOND_ANSWER_MS, signal);
    }
    return played;
  } finally {
    await caller.hangUp();
  }
}

async function sayOrder(
  caller: SimulatedCaller,
  order: PausedOrder,
  decisionsAtMs: readonly number[],
): Promise<PlayedOrder> {
  const { heard, decided, turn, documents, lagMs } = await sayRecording(
    caller,
    order,
    decisionsAtMs,
    ANSWER_TIMEOUT_MS,
  );
  const { outcome, heardResponseMs, said } = turn;
  return {
    file: order.file,
    pausesMs: order.pauses.map(lengthMs),
    heard,
    decided,
    outcome,
    ...(heardResponseMs !== undefined && { heardResponseMs }),
    said,
    waited: documents.map((document) => ({
      said: document.said,
      ...(document.waiting && { waiting: document.waiting }),
    })),
    lagMs,
  };
}

function scriptOf(orders: readonly PausedOrder[]): Pick<CallScript, 'turns' | 'replies'> {
  return {
    turns: orders.map(({ words, envelopeDbfs }) => ({ words, envelopeDbfs })),
    // An order that is cut in two is answered twice.
    replies: orders.flatMap(({ pauses }) => [undefined, ...pauses].map(() => REPLY)),
  };
}
