/** One call whose turns are looked at from all sides: by the caller, by a second participant, by the worker itself. */
import { ParticipantKind } from '@livekit/rtc-node';
import type { HeardReport, TurnDocument } from '../../wire/turn.js';
import { type CallerTurn, SimulatedCaller } from '../caller/simulated-caller.js';
import { HEARD_WINDOW_MS, levelsFrom } from '../interruptions/heard-levels.js';
import { Witness } from '../interruptions/witness.js';
import type { SpokenRecording } from '../spoken-recording.js';
import { OWN_LAG_MAX_MS, sayRecording } from '../spoken-turn.js';
import { percentile } from '../statistics.js';
import type { AccountedSystem, AgentPlan } from './system.js';
import { truthMs, type WitnessedTurn, witnessTurn } from './truth.js';

const GREETING_TIMEOUT_MS = 60_000;
const ANSWER_TIMEOUT_MS = 10_000;
/** A turn's document comes when its answer is over; waited for so long, in ms, because everything is asked of it. */
const TEXTS_TIMEOUT_MS = 10_000;
/** Sound that the second participant may miss, in ms, before it is taken for deaf: a frame. */
const MISSED_MAX_MS = 10;

export interface AccountedTurn {
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
  /** What the second participant heard. */
  readonly witnessed?: WitnessedTurn;
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

export class AccountedCall {
  readonly #options: AccountedCallOptions;
  readonly #identity: string;
  readonly #turns: AccountedTurn[] = [];
  readonly #problems: string[] = [];
  #caller: SimulatedCaller | undefined;
  #witness: Witness | undefined;
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
  }

  get turns(): readonly AccountedTurn[] {
    return this.#turns;
  }

  /** Everything that the agent told of its turns, the greeting and turns that were not answered among them. */
  get documents(): readonly TurnDocument[] {
    return this.#caller?.turnDocuments ?? [];
  }

  get problems(): Problems {
    return this.#problems;
  }

  /** Says a recording and waits for the whole answer. */
  async say(recording: SpokenRecording): Promise<AccountedTurn> {
    if (this.#caller === undefined) throw new RangeError('The call is not open.');
    const spoken = await sayRecording(this.#caller, recording, [], ANSWER_TIMEOUT_MS);
    const { turn, speechEndedAtMs, lagMs } = spoken;
    const witnessed = this.#witnessed(recording, speechEndedAtMs);
    const { heardResponseMs } = turn;
    return this.#note(turn, {
      ...{ kind: 'spoken', file: recording.file, lagMs },
      ...(heardResponseMs !== undefined && { firstSoundAtMs: speechEndedAtMs + heardResponseMs }),
      ...(witnessed && { witnessed }),
    });
  }

  /** Types instead, and waits for the whole answer. */
  async type(text: string): Promise<AccountedTurn> {
    if (this.#caller === undefined) throw new RangeError('The call is not open.');
    const turn = await this.#caller.type(text, { timeoutMs: ANSWER_TIMEOUT_MS });
    return this.#note(turn, { kind: 'typed', file: '', lagMs: 0 });
  }

  /** May be called twice. */
  async close(): Promise<void> {
    await this.#witness?.leave();
    await this.#caller?.hangUp();
  }

  #note(
    { cutIn, heardResponseMs, document, heard }: CallerTurn,
    of: Pick<AccountedTurn, 'kind' | 'file' | 'lagMs' | 'firstSoundAtMs' | 'witnessed'>,
  ): AccountedTurn {
    const told: AccountedTurn = {
      ...of,
      ...{ call: this.#options.name, index: this.#turns.length, cutIn },
      ...(heardResponseMs !== undefined && { heardMs: heardResponseMs }),
      ...(document && { document }),
      ...(heard && { report: heard }),
    };
    this.#turns.push(told);
    return told;
  }

  #witnessed(recording: SpokenRecording, endedAtMs: number): WitnessedTurn | undefined {
    const witness = this.#witness;
    // What follows on missed sound is told too late.
    if (witness === undefined || witness.missedMs > MISSED_MAX_MS) return undefined;
    const { startMs, endMs } = recording.clip.utterances[0];
    const said = { levelsDbfs: levelsFrom(recording.clip, startMs, endMs), endedAtMs, windowMs: HEARD_WINDOW_MS };
    return witnessTurn(witness.windowsOf(this.#identity), witness.windowsOf(this.#agent), said);
  }
}

/** Whether this program was in time in a turn: where it was not, the caller's voice left in bursts. */
export function isTimely({ lagMs }: AccountedTurn): boolean {
  return lagMs <= OWN_LAG_MAX_MS;
}

/**
 * What the second participant says that was heard of each turn, in ms, by its call's own median way: one turn's may have been
 * longer than usual, which the caller waited for like for everything else. Turns that it could not follow are left out.
 */
export function truths<T extends Pick<AccountedTurn, 'call' | 'witnessed'>>(
  turns: readonly T[],
): { readonly turn: T; readonly truthMs: number }[] {
  const oneWayMs = (name: string): number | undefined =>
    percentile(
      turns.flatMap(({ call, witnessed }) => (call === name && witnessed !== undefined ? witnessed.wayMs : [])),
      0.5,
    );
  return turns.flatMap((turn) => {
    const wayMs = oneWayMs(turn.call);
    const { witnessed } = turn;
    return witnessed === undefined || wayMs === undefined ? [] : [{ turn, truthMs: truthMs(witnessed, wayMs) }];
  });
}
