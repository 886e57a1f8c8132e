/** One call of this suite, or several at once: what each caller says, and what came back when. */
import type { TurnDocument } from '../../wire/turn.js';
import { CallError, ifTimedOut } from '../caller/errors.js';
import { SimulatedCaller } from '../caller/simulated-caller.js';
import type { Seat, SeatRequest } from '../caller/tokens.js';
import { systemClock } from '../clock.js';
import type { Attribution } from '../cut-ins/attribution.js';
import { HeardLevels } from '../interruptions/heard-levels.js';
import type { CallScript, ProviderCounters, ScriptedProviders } from '../scripted-providers.js';
import { lengthMs } from '../spoken-recording.js';
import { DECIDED_STATES, SECOND_ANSWER_MS, type SpokenTurn, sayRecording, tookTheFloor } from '../spoken-turn.js';
import { heardGapMs, partedBy } from './openings.js';
import { workBetween } from './provider-work.js';
import type { Said } from './recordings.js';
import { repliesOf, spokenReply } from './replies.js';
import { begunPerCall } from './slow-handshakes.js';

const GREETING_TIMEOUT_MS = 30_000;
/** So much longer for each further caller, in ms: workers load the processes of callers at once one after the other. */
const FURTHER_CALLER_MS = 15_000;
/** How long texts may come after the sound, in ms: only our agent sends an account of its turns, so only it is waited for. */
const TEXTS_TIMEOUT_MS = { ours: 1_000, others: 50 } as const;
/** Callers at once begin to speak so far apart, in ms: a share of a turn each, and none on another's first word. */
const APART_MS = 700;
/** Longest wait for an agent that still speaks when the next recording is due, in ms. */
const STILL_SPEAKING_MS = 20_000;

/** Somebody to be called: an agent of ours set in one way, or one of others. */
export interface Arm {
  readonly name: string;
  /** What its calls are named to the providers; arms of one worker share it. */
  readonly providersCall: string;
  /** Whether it sends turn documents. */
  readonly isOurs: boolean;
  /** Whether the quiet between an opening and its answer is listened for. */
  readonly hearsGaps: boolean;
  /** A seat in a new room of that name, to which the arm's agent comes. */
  seat(ids: Pick<SeatRequest, 'roomName' | 'identity'>): Promise<Seat>;
  /** When connections to its providers were begun, on the bench's clock; absent when nobody counts. */
  readonly handshakesAtMs?: readonly number[];
}

export interface CallSettings {
  readonly providers: ScriptedProviders;
  readonly timing: Pick<CallScript, 'preset' | 'timing' | 'paired'>;
  readonly answerTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** One recording said and answered. */
export interface PlayedTurn {
  readonly file: string;
  readonly set: Said['set'];
  /** Position in its call, from 0. */
  readonly index: number;
  readonly pausesMs: readonly number[];
  readonly heard: Attribution;
  readonly decided: Attribution;
  readonly outcome: 'answered' | 'unanswered';
  /** From the last sound of the recording to the agent's first; absent when there was none, or the agent cut in. */
  readonly heardMs?: number;
  /** To the answer's own first sound, where an opening or a filler came before it. */
  readonly answerMs?: number;
  /** Quiet before it as played, and as heard. */
  readonly gapMs?: number;
  readonly heardGapMs?: number;
  /** Of the recording, for the bound. */
  readonly lastWordEndMs: number;
  readonly speechEndMs: number;
  /** What was answered, as scripted. */
  readonly scriptedReply: string;
  readonly document?: TurnDocument;
  /** How late this program itself was at worst, in ms. */
  readonly lagMs: number;
}

export interface PlayedCall {
  /** Names the call among those of its arm. */
  readonly call: string;
  /** From the caller's room connected to the first sound of the greeting. */
  readonly greetingMs: number;
  readonly turns: readonly PlayedTurn[];
  /** Connections that were begun after the first word, of calls at once an equal share; absent when nobody counts. */
  readonly lateHandshakes?: number;
}

export interface PlayedBatch {
  readonly calls: readonly PlayedCall[];
  /** Why calls broke off that had begun; the others are in `calls`. */
  readonly broken: readonly unknown[];
  /** What the providers were asked between the greetings and the last answer. */
  readonly work: ProviderCounters;
}

export interface Batch {
  readonly number: number;
  readonly recordings: readonly Said[];
  readonly seed: number;
  /** How many callers say it, each in a call of their own. */
  readonly callers: number;
}

/**
 * Calls in which each recording is said and answered, all callers saying the same: the providers know one script for them.
 * Without recordings they only listen to the greeting.
 * @throws CallError when to one of the callers no agent comes or speaks, or no call could be held to its end.
 */
export async function placeCalls(arm: Arm, batch: Batch, settings: CallSettings): Promise<PlayedBatch> {
  const { providers, timing } = settings;
  const leaving = new AbortController();
  const signal = AbortSignal.any([settings.signal, leaving.signal]);
  const replies = repliesOf(
    // What is cut in two is answered twice.
    batch.recordings.reduce((count, { pauses }) => count + 1 + pauses.length, 0),
    batch.seed,
  );
  const turns = batch.recordings.map(({ words, envelopeDbfs }) => ({ words, envelopeDbfs }));
  await providers.script({ call: arm.providersCall, turns, replies, seed: batch.seed, ...timing }, signal);
  const callers = Array.from(
    { length: batch.callers },
    (_, index) => new Call(arm, index, { ...settings, signal }, batch.callers > 1),
  );
  try {
    const timeoutMs = GREETING_TIMEOUT_MS + (batch.callers - 1) * FURTHER_CALLER_MS;
    const greetings = await Promise.all(callers.map((caller) => caller.open(timeoutMs)));
    const before = await providers.counters(arm.providersCall, signal);
    const spokeAtMs = systemClock.nowMs();
    const held = await Promise.allSettled(
      callers.map(async (caller, index): Promise<PlayedCall> => {
        await systemClock.sleep(index * APART_MS, signal);
        const turns = await caller.hold(batch.recordings, replies);
        return { call: `${batch.number}-${index}`, greetingMs: greetings[index] ?? Number.NaN, turns };
      }),
    );
    const played = held.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const broken = held.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    if (played.length === 0 && broken.length > 0) throw broken[0];
    const late = arm.handshakesAtMs && begunPerCall(arm.handshakesAtMs, spokeAtMs, callers.length);
    const calls = played.map((call) => ({
      ...call,
      ...(late !== undefined && { lateHandshakes: late }),
    }));
    return { calls, broken, work: workBetween(before, await providers.counters(arm.providersCall, signal)) };
  } finally {
    // Who still waits for a seat or an agent must not join when all others have left.
    leaving.abort(new CallError('CALL_ENDED', 'Another caller of these at once could not be served.'));
    await Promise.all(callers.map((caller) => caller.close()));
  }
}

class Call {
  readonly #arm: Arm;
  readonly #index: number;
  readonly #settings: CallSettings;
  readonly #waits: boolean;
  #opening: Promise<number> | undefined;
  readonly #decisionsAtMs: number[] = [];
  #caller: SimulatedCaller | undefined;
  #levels: HeardLevels | undefined;

  /** @param waits - Whether each next recording waits for a second answer to the one before, as slow agents give. */
  constructor(arm: Arm, index: number, settings: CallSettings, waits: boolean) {
    this.#arm = arm;
    this.#index = index;
    this.#settings = settings;
    this.#waits = waits;
  }

  /** Joins the room and hears the greeting. @returns From being in the room to its first sound, in ms. */
  open(timeoutMs: number): Promise<number> {
    this.#opening = this.#open(timeoutMs);
    return this.#opening;
  }

  async #open(timeoutMs: number): Promise<number> {
    const { isOurs, hearsGaps } = this.#arm;
    const ids = {
      roomName: `bench-${crypto.randomUUID()}`,
      identity: `caller-${this.#index}-${crypto.randomUUID()}`,
    };
    const seat = await this.#arm.seat(ids);
    this.#settings.signal.throwIfAborted();
    const caller = new SimulatedCaller({
      ...seat,
      signal: this.#settings.signal,
      record: false,
      reportHeard: false,
      textsTimeoutMs: isOurs ? TEXTS_TIMEOUT_MS.ours : TEXTS_TIMEOUT_MS.others,
      onAgentState: (state) => {
        if (DECIDED_STATES.has(state)) this.#decisionsAtMs.push(systemClock.nowMs());
      },
    });
    this.#caller = caller;
    if (hearsGaps) this.#levels = new HeardLevels(caller.room, systemClock);
    await caller.connect();
    return (await caller.waitForGreeting({ timeoutMs })).greetingMs;
  }

  async hold(recordings: readonly Said[], replies: readonly string[]): Promise<PlayedTurn[]> {
    const caller = this.#caller;
    if (caller === undefined) throw new RangeError('The call is not open.');
    const played: PlayedTurn[] = [];
    for (const [index, recording] of recordings.entries()) {
      const spoken = await sayRecording(caller, recording, this.#decisionsAtMs, this.#settings.answerTimeoutMs);
      const scriptedReply = spokenReply(spoken.turn.reply, replies) ?? replies[index] ?? '';
      played.push({ ...describe(recording, spoken), ...this.#parts(spoken), index, scriptedReply });
      if (this.#waits || tookTheFloor(spoken) || spoken.turn.outcome === 'unanswered') await this.#untilSilent(caller);
    }
    return played;
  }

  /** What still comes is no answer to what is said next, and would pass for a very quick one. */
  async #untilSilent(caller: SimulatedCaller): Promise<void> {
    await systemClock.sleep(SECOND_ANSWER_MS, this.#settings.signal);
    const limit = { timeoutMs: STILL_SPEAKING_MS };
    await caller.until(() => !caller.agentSounding || undefined, 'silence', limit).catch(ifTimedOut(undefined));
  }

  /** May be called at any time. */
  async close(): Promise<void> {
    await this.#opening?.catch(() => undefined);
    await this.#caller?.hangUp();
  }

  #parts({ turn: { document, heardResponseMs }, speechEndedAtMs }: SpokenTurn): Partial<PlayedTurn> {
    const parted = document && partedBy(document);
    if (parted === undefined || heardResponseMs === undefined) return {};
    const heard = heardGapMs(this.#levels?.windows ?? [], speechEndedAtMs + heardResponseMs, parted);
    return {
      answerMs: heardResponseMs + parted.answerAfterMs,
      ...(parted.gapMs !== undefined && { gapMs: parted.gapMs }),
      ...(heard !== undefined && { heardGapMs: heard }),
    };
  }
}

function describe(
  recording: Said,
  { turn, heard, decided, lagMs }: SpokenTurn,
): Omit<PlayedTurn, 'index' | 'scriptedReply'> {
  const { outcome, heardResponseMs, document } = turn;
  return {
    file: recording.file,
    set: recording.set,
    pausesMs: recording.pauses.map(lengthMs),
    heard,
    decided,
    outcome,
    ...(heardResponseMs !== undefined && { heardMs: heardResponseMs }),
    lastWordEndMs: recording.words.at(-1)?.endMs ?? recording.speech.endMs,
    speechEndMs: recording.speech.endMs,
    ...(document && { document }),
    lagMs,
  };
}
