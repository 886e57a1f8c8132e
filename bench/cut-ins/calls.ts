/** The calls of this suite: a caller says a few orders, one after the other, and each answer is waited for. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { TurnDocument } from '../../wire/turn.js';
import { type CallerTurn, SimulatedCaller } from '../caller/simulated-caller.js';
import { makeSeat } from '../caller/tokens.js';
import { systemClock } from '../clock.js';
import type { CallScript, ScriptedProviders } from '../scripted-providers.js';
import { type Attribution, attributeToPauses } from './attribution.js';
import { lengthMs, type PausedOrder } from './orders.js';

/** What both agents answer: short, and asking as a bar does. */
const REPLY = 'Got it. What else can I get you?';
const GREETING_TIMEOUT_MS = 30_000;
/** Longest wait for an answer, in ms: more than twice what the slowest of the stock framework's waits leads to. */
const ANSWER_TIMEOUT_MS = 8_000;
/** How long texts may come after the sound, in ms; the stock agent sends no account of its turns, and would be waited for. */
const TEXTS_TIMEOUT_MS = 500;
/** After a cut-in a second answer may come, as late as the first: it must be none of the next order's. */
const SECOND_ANSWER_MS = 3_500;
/** Sampling of this program's own lag, in ms. */
const LAG_RESOLUTION_MS = 10;

/** States in which an agent has taken the floor. */
const DECIDED_STATES: ReadonlySet<string> = new Set(['thinking', 'speaking']);

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
  const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  lag.enable();
  const turnsBefore = caller.turnDocuments.length;
  const saying = caller.startSaying(order.clip);
  const [utterance] = saying.utterances;
  if (utterance === undefined) throw new RangeError(`${order.file} holds no speech.`);
  const originMs = utterance.startedAtMs - order.clip.utterances[0].startMs;
  const sounds = soundsUntil(caller, utterance.endedAtMs);
  const [turn, soundsAtMs] = await Promise.all([
    saying.reply({ timeoutMs: ANSWER_TIMEOUT_MS }),
    sounds,
    saying.finished,
  ]);
  lag.disable();
  const place = (instants: readonly number[]): Attribution =>
    attributeToPauses(
      order,
      instants.map((atMs) => atMs - originMs),
    );
  const { outcome, heardResponseMs, said } = turn;
  // A sound is noticed some windows after it began: one so short before the end is known to the caller alone.
  const isLate = turn.cutIn && soundsAtMs.length === 0;
  return {
    file: order.file,
    pausesMs: order.pauses.map(lengthMs),
    heard: place(isLate ? [utterance.endedAtMs - 1] : soundsAtMs),
    decided: place(decisionsAtMs),
    outcome,
    ...(heardResponseMs !== undefined && { heardResponseMs }),
    said,
    waited: caller.turnDocuments.slice(turnsBefore).map((document) => ({
      said: document.said,
      ...(document.waiting && { waiting: document.waiting }),
    })),
    lagMs: Math.max(0, lag.max / 1e6 - LAG_RESOLUTION_MS),
  };
}

/** When the agent began to sound, up to an instant. */
async function soundsUntil(caller: SimulatedCaller, untilMs: number): Promise<number[]> {
  const beganAtMs: number[] = [];
  let wasSounding = caller.agentSounding;
  const probe = (): true | undefined => {
    const nowMs = systemClock.nowMs();
    if (nowMs >= untilMs) return true;
    if (caller.agentSounding && !wasSounding) beganAtMs.push(nowMs);
    wasSounding = caller.agentSounding;
    return undefined;
  };
  await caller.until(probe, 'the end of the order', {
    timeoutMs: untilMs - systemClock.nowMs() + GREETING_TIMEOUT_MS,
  });
  return beganAtMs;
}

/** Whether the agent took the floor before the order was over. */
export function tookTheFloor({ heard, decided }: Pick<PlayedOrder, 'heard' | 'decided'>): boolean {
  return [heard, decided].some(({ cutIn, elsewhere }) => elsewhere > 0 || cutIn.includes(true));
}

function scriptOf(orders: readonly PausedOrder[]): Pick<CallScript, 'turns' | 'replies'> {
  return {
    turns: orders.map(({ words, envelopeDbfs }) => ({ words, envelopeDbfs })),
    // An order that is cut in two is answered twice.
    replies: orders.flatMap(({ pauses }) => [undefined, ...pauses].map(() => REPLY)),
  };
}
