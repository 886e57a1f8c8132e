/** One call whose turns are looked at from all sides: by the caller, by a second participant, by the worker itself. */
import { ParticipantKind } from '@livekit/rtc-node';
import type { HeardReport, TurnDocument } from '../../wire/turn.js';
import { type CallerTurn, SimulatedCaller } from '../caller/simulated-caller.js';
import { BufferWatch } from '../interruptions/buffer-watch.js';
import { HEARD_WINDOW_MS, levelsFrom } from '../interruptions/heard-levels.js';
import { Witness } from '../interruptions/witness.js';
import type { SpokenRecording } from '../spoken-recording.js';
import { OWN_LAG_MAX_MS, sayRecording } from '../spoken-turn.js';
import type { AccountedSystem, AgentPlan } from './system.js';
import { type FollowedTurn, followTurn, type SaidTurn } from './truth.js';

const GREETING_TIMEOUT_MS = 60_000;
const ANSWER_TIMEOUT_MS = 10_000;
/** A turn's document comes when its answer is over; waited for so long, in ms, because everything is asked of it. */
const TEXTS_TIMEOUT_MS = 10_000;

/** Where a second participant listens, with what it heard. */
export interface AccountedTurn extends FollowedTurn {
  readonly kind: 'spoken' | 'typed';
  /** Names the call. */
  readonly call: string;
  /** Position in its call, from 0. */
  readonly index: number;
  /** Recording that was said; empty for what was typed. */
  readonly file: string;
  readonly cutIn: boolean;
  /** What the caller heard, and, of what was spoken, reported; absent when there was no answer, or the agent cut in. */
  readonly heardMs?: number;
  /** Instant of the agent's first sound, on the bench's clock. */
  readonly firstSoundAtMs?: number;
  readonly document?: TurnDocument;
  /** What the caller told the agent of it; absent when there was nothing to tell. */
  readonly report?: Pick<HeardReport, 'heardResponseMs' | 'roundTripMs' | 'jitterBufferMs'>;
  /** How late this program itself was at worst, in ms. */
  readonly lagMs: number;
}

export interface AccountedCallOptions {
  readonly system: AccountedSystem;
  readonly plan: AgentPlan;
  readonly name: string;
  /** Whether a second participant listens. */
  readonly witness: boolean;
  readonly signal: AbortSignal;
}

/** What went wrong in a call and harmed it not, such as a report that was refused. */
export type Problems = readonly string[];

/** A turn as the caller had it, and what was said in it. */
interface NotedTurn {
  readonly turn: AccountedTurn;
  readonly said?: SaidTurn;
}

export class AccountedCall {
  readonly #options: AccountedCallOptions;
  readonly #identity: string;
  readonly #turns: NotedTurn[] = [];
  readonly #problems: string[] = [];
  #caller: SimulatedCaller | undefined;
  #witness: Witness | undefined;
  /** Of the caller's own jitter buffer. */
  #buffers: BufferWatch | undefined;
  #agent = '';

  constructor(options: AccountedCallOptions) {
    this.#options = options;
    this.#identity = `caller-${crypto.randomUUID()}`;
  }

  /** Joins and hears the greeting. @throws CallError when no agent comes or speaks. */
  async open(): Promise<void> {
    const { system, plan, witness, signal } = this.#options;
    const roomName = `bench-${crypto.randomUUID()}`;
    const caller = new SimulatedCaller({
      ...(await system.seat({ roomName, identity: this.#identity }, plan)),
      signal,
      record: false,
      reportHeard: true,
      textsTimeoutMs: TEXTS_TIMEOUT_MS,
      onProblem: (problem) => this.#problems.push(problem),
    });
    this.#caller = caller;
    await caller.connect();
    await caller.waitForGreeting({ timeoutMs: GREETING_TIMEOUT_MS });
    if (!witness) return;
    const others = [...caller.room.remoteParticipants.values()];
    this.#agent = others.find(({ kind }) => kind === ParticipantKind.AGENT)?.identity ?? '';
    this.#witness = await Witness.join(system.sfu, roomName, [this.#identity, this.#agent]);
    this.#witness.watchBuffers();
    this.#buffers = new BufferWatch(caller.room);
  }

  /** To be asked when all is said: what came after a turn tells, too, whether anything was missed in it. */
  get turns(): readonly AccountedTurn[] {
    const witness = this.#witness;
    if (witness === undefined) return this.#turns.map(({ turn }) => turn);
    const sound = {
      caller: witness.soundOf(this.#identity),
      agent: witness.soundOf(this.#agent),
      buffers: witness.bufferReadings,
    };
    const buffers = this.#buffers?.readings ?? [];
    return this.#turns.map(({ turn, said }) => {
      if (said === undefined) return turn;
      return { ...turn, ...followTurn(sound, said, { buffers, answeredAtMs: turn.firstSoundAtMs }) };
    });
  }

  /** Everything that the agent told of its turns, the greeting and turns that were not answered among them. */
  get documents(): readonly TurnDocument[] {
    return this.#caller?.turnDocuments ?? [];
  }

  get problems(): Problems {
    return this.#problems;
  }

  /** Says a recording and waits for the whole answer. */
  async say(recording: SpokenRecording): Promise<void> {
    if (this.#caller === undefined) throw new RangeError('The call is not open.');
    const spoken = await sayRecording(this.#caller, recording, [], ANSWER_TIMEOUT_MS);
    const { turn, speechEndedAtMs: endedAtMs, lagMs } = spoken;
    const { startMs, endMs } = recording.clip.utterances[0];
    const said = { levelsDbfs: levelsFrom(recording.clip, startMs, endMs), endedAtMs, windowMs: HEARD_WINDOW_MS };
    const { heardResponseMs } = turn;
    const firstSoundAtMs = heardResponseMs === undefined ? undefined : endedAtMs + heardResponseMs;
    const of = { file: recording.file, lagMs, ...(firstSoundAtMs !== undefined && { firstSoundAtMs }) };
    this.#turns.push({ turn: this.#accounted(turn, { kind: 'spoken', ...of }), said });
  }

  /** Types instead, and waits for the whole answer. */
  async type(text: string): Promise<void> {
    if (this.#caller === undefined) throw new RangeError('The call is not open.');
    const turn = await this.#caller.type(text, { timeoutMs: ANSWER_TIMEOUT_MS });
    this.#turns.push({ turn: this.#accounted(turn, { kind: 'typed', file: '', lagMs: 0 }) });
  }

  /** May be called twice. */
  async close(): Promise<void> {
    this.#buffers?.stop();
    await this.#witness?.leave();
    await this.#caller?.hangUp();
  }

  #accounted(
    { cutIn, heardResponseMs, document, heard }: CallerTurn,
    of: Pick<AccountedTurn, 'kind' | 'file' | 'lagMs' | 'firstSoundAtMs'>,
  ): AccountedTurn {
    return {
      ...of,
      ...{ call: this.#options.name, index: this.#turns.length, cutIn },
      ...(heardResponseMs !== undefined && { heardMs: heardResponseMs }),
      ...(document && { document }),
      ...(heard && { report: heard }),
    };
  }
}

/** Whether this program was in time in a turn: where it was not, the caller's voice left in bursts. */
export function isTimely({ lagMs }: AccountedTurn): boolean {
  return lagMs <= OWN_LAG_MAX_MS;
}
