/**
 * A caller without a person: joins a room, speaks recordings, hears the agent, and measures from the sound itself. The one
 * caller of `npm run call`, the tests and the benches.
 */
import { TrackPublishOptions, TrackSource } from '@livekit/rtc-node';
import type { HeardReport, TurnDocument } from '../../wire/turn.js';
import type { MonoAudio } from '../audio/wav.js';
import { type Clock, systemClock } from '../clock.js';
import { CallRoom } from './call-room.js';
import type { Clip } from './clip.js';
import { Ear } from './ear.js';
import { CallError, ifTimedOut, rename } from './errors.js';
import { HeardReporting } from './heard-reporting.js';
import { Microphone } from './microphone.js';
import { RoomTexts, type TranscriptSegment } from './room-texts.js';
import { gaveWayAtMs, type Heard, type Question, replyProgress } from './turn-taking.js';
import { Watch } from './watch.js';

/** Longest answer that is waited out, in ms. */
const REPLY_MAX_MS = 60_000;

/** How long transcript and turn document may come after the sound, in ms, unless said otherwise. */
const TEXTS_TIMEOUT_MS = 1_500;

/** Quiet that tells giving way from a pause between two sentences, in ms. */
const GAVE_WAY_QUIET_MS = 600;

/** Topic on which typed text reaches an agent, as LiveKit defines it. */
const CHAT_TOPIC = 'lk.chat';

export interface CallerOptions {
  /** `ws://` or `wss://` address of the LiveKit server. */
  readonly url: string;
  readonly token: string;
  readonly clock?: Clock;
  /** Ends every wait of this caller. */
  readonly signal?: AbortSignal;
  /** Keep what is heard, for {@link SimulatedCaller.recording}; on unless said otherwise. */
  readonly record?: boolean;
  /** Tell the agent what was heard of each turn, as the web client does; on unless said otherwise. */
  readonly reportHeard?: boolean;
  /** Longest wait for the texts of a turn after its sound, in ms. */
  readonly textsTimeoutMs?: number;
  readonly onSegment?: (segment: TranscriptSegment) => void;
  readonly onAgentState?: (state: string) => void;
  readonly onTurnDocument?: (turn: TurnDocument) => void;
  /** Something that harms no call but should not be: a text of wrong form, a report that was refused. */
  readonly onProblem?: (problem: string) => void;
}

export interface WaitLimit {
  /** Longest wait for the agent's first sound, in ms. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface Greeting {
  /** From being in the room to the agent's first sound. */
  readonly greetingMs: number;
  readonly text: string;
}

export interface CallerTurn {
  readonly outcome: 'answered' | 'unanswered';
  /** What the agent understood. */
  readonly said: string;
  readonly reply: string;
  /** End of own speech to the agent's first sound; absent when there was none, or when it came before that end. */
  readonly heardResponseMs?: number;
  /** Length of the answer, pauses included; absent when there was none. */
  readonly replyDurationMs?: number;
  /** By how much that may be too long, as this program was not in time to hear the sound or missed some of it, in ms. */
  readonly unsureMs?: number;
  /** The agent began to speak before the caller had finished. */
  readonly cutIn: boolean;
  /** The agent's own account of the turn; absent when it sent none. */
  readonly document?: TurnDocument;
  /** What was measured of the wait and of the way, as it is reported; absent where no one turn could be said to be meant. */
  readonly heard?: HeardReport;
}

/** Speech that was begun with {@link SimulatedCaller.startSaying}. */
export interface Saying {
  /** When the first and last sound of each utterance are spoken, on the caller's clock. */
  readonly utterances: readonly Question[];
  /** Resolves when the recording has been played to its end. */
  readonly finished: Promise<void>;
  /** Falls silent at once. */
  stop(): void;
  /** The answer to the utterance of that index, the last one unless said otherwise. Ask for them in order. */
  reply(limit: WaitLimit, utterance?: number): Promise<CallerTurn>;
  /**
   * Waits until the agent, who was speaking when this began, has fallen silent.
   * @returns From the first own sound to the agent's last one, in ms; negative when it had finished before.
   */
  agentGaveWayAfterMs(limit: WaitLimit): Promise<number>;
}

export class SimulatedCaller {
  readonly #options: CallerOptions;
  readonly #clock: Clock;
  readonly #watch: Watch;
  readonly #call: CallRoom;
  readonly #microphone: Microphone;
  readonly #ear: Ear;
  readonly #texts: RoomTexts;
  readonly #reporting: HeardReporting;
  #joinedAtMs: number | undefined;

  constructor(options: CallerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#watch = new Watch(this.#clock);
    const changed = (): void => this.#watch.changed();
    this.#call = new CallRoom({
      clock: this.#clock,
      watch: this.#watch,
      onAgentTrack: (track) => this.#ear.listen(track),
      onAgentState: (state) => options.onAgentState?.(state),
    });
    this.#microphone = new Microphone(this.#clock);
    this.#ear = new Ear({ clock: this.#clock, record: options.record ?? true, onHeard: changed });
    this.#texts = new RoomTexts({
      room: this.#call.room,
      onSegment: (segment) => {
        options.onSegment?.(segment);
        changed();
      },
      onTurn: (turn) => {
        options.onTurnDocument?.(turn);
        changed();
      },
      onBroken: (problem) => options.onProblem?.(problem),
    });
    this.#reporting = new HeardReporting({
      call: this.#call,
      sends: options.reportHeard ?? true,
      onProblem: (problem) => options.onProblem?.(problem),
    });
  }

  /**
   * Joins the room and turns the microphone on.
   * @throws CallError `TOKEN_REFUSED` or `CONNECT_FAILED`.
   */
  async connect(): Promise<void> {
    await this.#call.join(this.#options.url, this.#options.token, this.#options.signal);
    this.#joinedAtMs = this.#clock.nowMs();
    this.#microphone.start();
    const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE });
    await this.#call.room.localParticipant?.publishTrack(this.#microphone.track, options);
  }

  /**
   * Waits until an agent is in the room.
   * @returns From being in the room to that, in ms.
   * @throws CallError `NO_AGENT` when none comes.
   */
  async waitForAgent({ timeoutMs, signal }: WaitLimit): Promise<number> {
    const joinedAtMs = this.#requireJoined();
    const probe = (): number | undefined => this.#call.agent && this.#call.agentJoinedAtMs;
    const message =
      `No agent came within ${Math.round(timeoutMs / 1000)} s. ` +
      'Start a worker (npm start starts everything) and check that its AGENT_NAME is the one that is called.';
    const limit = { timeoutMs, signal: this.#ownSignal(signal), what: 'an agent' };
    const agentJoinedAtMs = await this.#watch.until(probe, limit).catch(rename('NO_AGENT', message));
    return Math.max(0, agentJoinedAtMs - joinedAtMs);
  }

  /**
   * Waits until the agent has greeted and fallen silent.
   * @throws CallError `NO_AGENT`, or `NO_GREETING` when the agent says nothing.
   */
  async waitForGreeting({ timeoutMs, signal }: WaitLimit): Promise<Greeting> {
    const joinedAtMs = this.#requireJoined();
    const startedAtMs = this.#clock.nowMs();
    await this.waitForAgent({ timeoutMs, ...(signal && { signal }) });
    const question = { startedAtMs: joinedAtMs, endedAtMs: joinedAtMs };
    const leftMs = Math.max(0, timeoutMs - (this.#clock.nowMs() - startedAtMs));
    const firstAtMs = await this.#firstSound(question, { timeoutMs: leftMs, ...(signal && { signal }) });
    if (firstAtMs === undefined) {
      throw new CallError('NO_GREETING', `The agent is there but said nothing for ${Math.round(timeoutMs / 1000)} s.`);
    }
    await this.#replyEnd(question, signal);
    await this.#textsSettled(signal);
    const settled = replyProgress(this.#heardSettled(), question);
    const beganAtMs = settled.kind === 'silent' ? firstAtMs : settled.startedAtMs;
    return { greetingMs: beganAtMs - joinedAtMs, text: this.#texts.take().reply };
  }

  /** Speaks a recording and waits for the answer to its last utterance. An absent answer is an outcome, not an error. */
  async say(clip: Clip, limit: WaitLimit): Promise<CallerTurn> {
    return this.startSaying(clip).reply(limit);
  }

  /** Begins to speak, into the agent's words if it is speaking. @throws RangeError while the caller is speaking already. */
  startSaying(clip: Clip): Saying {
    this.#requireJoined();
    const { startedAtMs, finished, stop } = this.#microphone.play(clip.samples);
    const utterances = clip.utterances.map(({ startMs, endMs }, index): Question => {
      const next = clip.utterances[index + 1];
      return {
        startedAtMs: startedAtMs + startMs,
        endedAtMs: startedAtMs + endMs,
        ...(next && { closesAtMs: startedAtMs + next.startMs }),
      };
    });
    const at = (index: number): Question => {
      const question = utterances.at(index);
      if (question === undefined) throw new RangeError(`This recording has no utterance ${index}.`);
      return question;
    };
    return {
      utterances,
      finished,
      stop,
      reply: (limit, utterance = -1) => this.#reply(at(utterance), limit),
      agentGaveWayAfterMs: async ({ timeoutMs, signal }) => {
        const { startedAtMs: interruptedAtMs } = at(0);
        const gaveWay = (): number | undefined => gaveWayAtMs(this.#heard(), interruptedAtMs, GAVE_WAY_QUIET_MS);
        const limit = { timeoutMs, signal: this.#ownSignal(signal), what: 'the agent to fall silent' };
        return (await this.#watch.until(gaveWay, limit)) - interruptedAtMs;
      },
    };
  }

  /** Types instead of talking, and waits for the spoken answer; the response is measured from the sending. */
  async type(text: string, limit: WaitLimit): Promise<CallerTurn> {
    this.#requireJoined();
    const sentAtMs = this.#clock.nowMs();
    await this.#call.room.localParticipant?.sendText(text, { topic: CHAT_TOPIC });
    return this.#reply({ startedAtMs: sentAtMs, endedAtMs: sentAtMs }, limit);
  }

  /** Waits until a probe of the caller's own comes true; it is asked again after each change. */
  async until<T>(probe: () => T | undefined, what: string, { timeoutMs, signal }: WaitLimit): Promise<T> {
    return this.#watch.until(probe, { timeoutMs, signal: this.#ownSignal(signal), what });
  }

  /** What was heard of the agent, from the beginning of its track. */
  recording(): MonoAudio {
    return this.#ear.recording();
  }

  /** Whether the agent is audible now. */
  get agentSounding(): boolean {
    return this.#ear.sounding;
  }

  get agentState(): string | undefined {
    return this.#call.agentState;
  }

  /** Attributes of the agent; empty while there is none. */
  get agentAttributes(): Readonly<Record<string, string>> {
    return this.#call.agent?.attributes ?? {};
  }

  get segments(): readonly TranscriptSegment[] {
    return this.#texts.segments;
  }

  get turnDocuments(): readonly TurnDocument[] {
    return this.#texts.turns;
  }

  /** How far this program itself disturbed the measurement, in ms. */
  get worstLagMs(): { readonly speaking: number; readonly hearing: number } {
    return { speaking: this.#microphone.worstLagMs, hearing: this.#ear.worstLagMs };
  }

  /** The longest that a frame which was due between two instants was sent after its time, in ms. */
  speakingLagMsBetween(fromMs: number, untilMs: number): number {
    return this.#microphone.lagMsBetween(fromMs, untilMs);
  }

  /** The room beneath, for what only a test wants to know. */
  get room(): CallRoom['room'] {
    return this.#call.room;
  }

  /** Ends the call. May be called twice. */
  async hangUp(): Promise<void> {
    this.#watch.end(new CallError('CALL_ENDED', 'The caller has hung up.'));
    await this.#call.leave();
    await this.#microphone.close();
    await this.#ear.close();
  }

  async #reply(question: Question, limit: WaitLimit): Promise<CallerTurn> {
    const noticedAtMs = await this.#firstSound(question, limit);
    const before = this.#reporting.readPath();
    const endedAtMs = noticedAtMs === undefined ? undefined : await this.#replyEnd(question, limit.signal);
    await this.#textsSettled(limit.signal);
    // What is noticed at once may have been heard late, or after sound that was missed: by now it has its place.
    const settled = replyProgress(this.#heardSettled(), question);
    const { cutIn } = settled;
    const firstAtMs = noticedAtMs === undefined || settled.kind === 'silent' ? undefined : settled.startedAtMs;
    const unsureMs = this.#ear.settled.find(({ startedAtMs }) => startedAtMs === firstAtMs)?.unsureMs;
    const { said, reply, document, heardTurn } = this.#texts.take();
    const heardResponseMs =
      firstAtMs === undefined || firstAtMs < question.endedAtMs ? undefined : firstAtMs - question.endedAtMs;
    const heard =
      heardTurn === undefined || heardResponseMs === undefined
        ? undefined
        : await this.#reporting.report(heardTurn, heardResponseMs, await before);
    return {
      outcome: firstAtMs === undefined ? 'unanswered' : 'answered',
      said,
      reply,
      cutIn,
      ...(heardResponseMs !== undefined && { heardResponseMs }),
      ...(unsureMs !== undefined && { unsureMs }),
      ...(firstAtMs !== undefined && endedAtMs !== undefined && { replyDurationMs: endedAtMs - firstAtMs }),
      ...(document && { document }),
      ...(heard && { heard }),
    };
  }

  /** Instant of the agent's first sound; undefined when none came in time. */
  async #firstSound(question: Question, { timeoutMs, signal }: WaitLimit): Promise<number | undefined> {
    const latestAtMs = Math.min(question.endedAtMs + timeoutMs, question.closesAtMs ?? Number.POSITIVE_INFINITY);
    const probe = (): number | undefined => {
      const progress = replyProgress(this.#heard(), question);
      return progress.kind === 'silent' ? undefined : progress.startedAtMs;
    };
    const timeLeftMs = Math.max(0, latestAtMs - this.#clock.nowMs());
    const limit = { timeoutMs: timeLeftMs, signal: this.#ownSignal(signal), what: 'an answer' };
    return this.#watch.until(probe, limit).catch(ifTimedOut(undefined));
  }

  /** Instant of the agent's last sound; of the last so far when it speaks on beyond all patience. */
  async #replyEnd(question: Question, signal: AbortSignal | undefined): Promise<number> {
    const probe = (): number | undefined => {
      const progress = replyProgress(this.#heard(), question);
      return progress.kind === 'over' ? progress.endedAtMs : undefined;
    };
    const limit = { timeoutMs: REPLY_MAX_MS, signal: this.#ownSignal(signal), what: 'the end of the answer' };
    const endedAtMs = await this.#watch.until(probe, limit).catch(ifTimedOut(undefined));
    return endedAtMs ?? this.#ear.heardUntilMs;
  }

  async #textsSettled(signal: AbortSignal | undefined): Promise<void> {
    const limit = {
      timeoutMs: this.#options.textsTimeoutMs ?? TEXTS_TIMEOUT_MS,
      signal: this.#ownSignal(signal),
      what: 'transcript and turn document',
    };
    await this.#watch.until(() => this.#texts.settled || undefined, limit).catch(ifTimedOut(undefined));
  }

  #heard(): Heard {
    const { stretches, heardUntilMs } = this.#ear;
    return { stretches, heardUntilMs, agentState: this.#call.agentState };
  }

  #heardSettled(): Heard {
    return { ...this.#heard(), stretches: this.#ear.settled };
  }

  #requireJoined(): number {
    if (this.#joinedAtMs === undefined) throw new RangeError('Not in a call yet; connect first.');
    return this.#joinedAtMs;
  }

  #ownSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
    const signals = [this.#options.signal, signal].filter((one) => one !== undefined);
    return signals.length === 0 ? undefined : AbortSignal.any(signals);
  }
}
