/**
 * The caller's voice on its way to the framework. One of the two places through which everything the framework must know
 * goes (the other is the mouth): it owns Silero, the turn model, the recogniser's socket and the wait for the end of a turn,
 * and tells @livekit/agents 1.8.1 only START, INTERIM, FINAL and END OF SPEECH, in the order that commits without delay.
 * What to do is decided in `turn/listener.ts`; this file does it.
 */
import { type APIConnectOptions, normalizeLanguage, stt } from '@livekit/agents';
import { STT as DeepgramStt } from '@livekit/agents-plugin-deepgram';
import type { AudioFrame } from '@livekit/rtc-node';
import type { ProviderSettings } from '../config/environment.js';
import type { DeepgramResults } from '../providers/deepgram-messages.js';
import type { Recogniser } from '../providers/recogniser.js';
import type { Silero, SileroStream } from '../providers/silero.js';
import { TurnModel, TurnModelError } from '../providers/turn-model.js';
import type { TurnRecorder } from '../telemetry/turn-recorder.js';
import type { Named } from '../turn/answered-by.js';
import { type AudioClock, anchor, instantOf, UNANCHORED } from '../turn/audio-clock.js';
import type { LevelAt } from '../turn/echo.js';
import { listen } from '../turn/listener.js';
import type {
  AgentPhase,
  CommittedTurn,
  DraftWords,
  ListenerAction,
  ListenerInput,
  ListenerSettings,
} from '../turn/listener-forms.js';
import { IDLE, type Listener } from '../turn/listener-state.js';
import type { OverlapVerdict } from '../turn/overlap.js';
import type { Question } from '../turn/question.js';
import type { HeardWord } from '../turn/words.js';
import type { Clock } from './clock.js';
import { EchoWatch } from './echo-watch.js';

/** What Silero, v1-mini and the recogniser are given, in Hz. */
export const EAR_SAMPLE_RATE_HZ = 16_000;
/** Silero's probability from which the recogniser owes words. */
const VOICED = 0.5;
/** A stream without frames for this long is muted, and the clock has to stand in for its silence, in ms. */
const MUTED_AFTER_MS = 500;
/** Frames that come without Silero answering to them for this long: it has failed, and the clock stands in for it, in ms. */
const DEAF_AFTER_MS = 2_000;
const TICK_MS = 100;

export interface EarEvents {
  /** The reply to these words may be begun. */
  readonly onDraft: (words: DraftWords) => void;
  /** What was begun is to other words than those said. */
  readonly onUndraft: () => void;
  /** The turn is over; the framework is told right after this returns. */
  readonly onCommit: (turn: CommittedTurn) => void;
  /** Speech was heard and nothing understood. @param spokenUntilMs - Its end, by its level. */
  readonly onMissed: (spokenUntilMs: number) => void;
  /** @param mayContinue - It may be the second half of the turn that is answered. */
  readonly onDuck: (mayContinue: boolean) => void;
  readonly onHush: () => void;
  readonly onUnduck: () => void;
  readonly onJudged: (verdict: Exclude<OverlapVerdict, 'undecided'>, overlapMs: number) => void;
  readonly onScore: (durationMs: number) => void;
  readonly onProviderError: (provider: string, kind: string, error: Error) => void;
}

export interface EarOptions {
  /** Of whom the framework is told the names. */
  readonly settings: ProviderSettings;
  /** What hears, the same each time; open already where it was asked to be. */
  readonly recogniser: () => Recogniser;
  /** What was said before the caller was connected, and after. */
  readonly joining: { push(live: Int16Array): void };
  readonly language: string;
  readonly keyterms: readonly string[];
  readonly silero: Silero;
  /** Where the turn model's process gives scores. */
  readonly turnModelSocket: string;
  readonly listener: ListenerSettings;
  readonly clock: Clock;
  readonly events: EarEvents;
  /** Levels of what the agent gave to the room lately; empty while it is silent. */
  readonly played: () => readonly LevelAt[];
  /** Where the listener's inputs and decisions are kept; absent: nowhere. */
  readonly recorder?: TurnRecorder;
}

/** Deepgram's STT as the plugin has it, with a stream of our own. */
export class Ear extends DeepgramStt {
  override label = 'turnwise.Ear';
  readonly #options: EarOptions;
  #stream: EarStream | undefined;

  constructor(options: EarOptions) {
    const { apiKey, baseUrl, model } = options.settings;
    super({ apiKey, baseUrl, model, language: options.language, keyterm: [...options.keyterms] });
    this.#options = options;
  }

  // The plugin's own stream class is not exported, and its private fields cannot be had: the types meet in the base class.
  override stream(options?: { connOptions?: APIConnectOptions }): ReturnType<DeepgramStt['stream']> {
    this.#stream?.close();
    this.#stream = new EarStream(this, this.#options, options?.connOptions);
    return this.#stream as stt.SpeechStream as ReturnType<DeepgramStt['stream']>;
  }

  /**
   * Tells what the agent does: speech over its voice, or before it, is judged before anybody hears of it.
   * @param text - What it is saying, as far as known.
   */
  setAgentPhase(phase: AgentPhase, text = ''): void {
    this.#stream?.take({ kind: 'agent', atMs: this.#options.clock.nowMs(), phase, text });
  }

  /** Hears what comes next in the caller's audio: pieces at once where some had to be held. */
  hear(pieces: readonly Int16Array[]): void {
    this.#stream?.hear(pieces);
  }

  /** Takes one input in as if it had been heard (`rehearsal/`). */
  rehearse(input: ListenerInput): void {
    this.#stream?.take(input);
  }

  /** Tells what the agent's last reply asked for: it decides which short answer is a whole one. */
  setAsked(question: Question): void {
    this.#stream?.take({ kind: 'asked', atMs: this.#options.clock.nowMs(), question });
  }

  /** Tells how far a reply is that was begun to words of a turn that is not over. */
  setDraft(text: string, isReady: boolean): void {
    this.#stream?.take({ kind: 'drafted', atMs: this.#options.clock.nowMs(), text, isReady });
  }

  /** Tells that no reply is begun to these words yet. */
  refuseDraft(text: string): void {
    this.#stream?.take({ kind: 'draft-refused', atMs: this.#options.clock.nowMs(), text });
  }

  /** The caller has typed: nothing spoken before it is gone on from. */
  noteTyped(): void {
    this.#stream?.take({ kind: 'typed', atMs: this.#options.clock.nowMs() });
  }

  override async close(): Promise<void> {
    this.#stream?.close();
    await super.close();
  }
}

class EarStream extends stt.SpeechStream {
  override label = 'turnwise.EarStream';
  readonly #options: EarOptions;
  readonly #turnModel: TurnModel;
  #recogniser: Recogniser | undefined;
  #silero: SileroStream | undefined;
  readonly #echo = new EchoWatch();
  #listener: Listener = IDLE;
  #audioClock: AudioClock = UNANCHORED;
  #receivedSamples = 0;
  #lastFrameAtMs = Number.NEGATIVE_INFINITY;
  #lastWindowAtMs = Number.NEGATIVE_INFINITY;
  #tick: NodeJS.Timeout | undefined;
  /** What END OF SPEECH repeats of a turn that was committed just before it. */
  #committed: Pick<stt.SpeechEvent, 'alternatives' | 'speechEndTime'> = {};

  constructor(ear: Ear, options: EarOptions, connOptions: APIConnectOptions | undefined) {
    super(ear, EAR_SAMPLE_RATE_HZ, connOptions);
    this.#options = options;
    this.#turnModel = new TurnModel(options.turnModelSocket);
  }

  /** Runs one input through the listener and does what it says. */
  take(input: ListenerInput): void {
    if (this.closed) return;
    const { listener, actions } = listen(this.#listener, input, this.#options.listener);
    this.#listener = listener;
    this.#options.recorder?.note(input, actions);
    for (const action of actions) {
      try {
        this.#act(action);
      } catch (error) {
        // What one action fails at must not end the hearing of the call.
        const reason = error instanceof Error ? error : new Error(String(error));
        this.#options.events.onProviderError('ear', 'failed', reason);
      }
    }
  }

  protected async run(): Promise<void> {
    const { clock, events, silero } = this.#options;
    const recogniser = this.#options.recogniser();
    this.#recogniser = recogniser;
    recogniser.attach({
      onResults: (results, originMs, by) => this.#takeResults(results, originMs, by),
      onError: events.onProviderError,
    });
    this.#silero = silero.open(
      (endSample, probability, sound) => {
        this.#lastWindowAtMs = clock.nowMs();
        const positionMs = endSample / (EAR_SAMPLE_RATE_HZ / 1_000);
        if (probability >= VOICED) recogniser.noteVoice(this.#lastWindowAtMs, positionMs);
        const atMs = this.#instantOf(positionMs);
        const echo = this.#echo.hear(atMs, probability, sound.levelDb, this.#options.played());
        this.take({ kind: 'window', atMs, probability, ...sound, ...(echo !== undefined && { echo }) });
      },
      (error) => events.onProviderError('silero', 'failed', error instanceof Error ? error : new Error(String(error))),
    );
    this.#tick = setInterval(() => {
      const nowMs = clock.nowMs();
      const isMuted = nowMs - this.#lastFrameAtMs > MUTED_AFTER_MS;
      if (isMuted || nowMs - this.#lastWindowAtMs > DEAF_AFTER_MS) this.take({ kind: 'time', atMs: nowMs });
    }, TICK_MS);
    try {
      for await (const frame of this.input) {
        if (typeof frame !== 'symbol') this.#take(frame);
      }
    } finally {
      this.#release();
    }
  }

  override close(): void {
    this.#release();
    super.close();
  }

  #release(): void {
    clearInterval(this.#tick);
    this.#silero?.close();
    this.#turnModel.close();
  }

  #take(frame: AudioFrame): void {
    this.#lastFrameAtMs = this.#options.clock.nowMs();
    // The frame's own memory goes back to where it came from.
    this.#options.joining.push(frame.data.slice());
  }

  /** What was held ends with the newest sample: that one tells how late the audio is, and the rest of it is the past. */
  hear(pieces: readonly Int16Array[]): void {
    if (this.closed) return;
    this.#receivedSamples += pieces.reduce((sum, { length }) => sum + length, 0);
    const receivedMs = this.#receivedSamples / (EAR_SAMPLE_RATE_HZ / 1_000);
    this.#audioClock = anchor(this.#audioClock, this.#options.clock.nowMs(), receivedMs);
    for (const samples of pieces) {
      this.#recogniser?.send(samples);
      this.#turnModel.push(samples);
      this.#silero?.push(samples);
    }
  }

  #takeResults(results: DeepgramResults, originMs: number, by: Named | undefined): void {
    const atMs = this.#options.clock.nowMs();
    const instantAt = (seconds: number) => this.#instantOf(originMs + seconds * 1_000);
    const coveredUntilMs = instantAt(results.start + results.duration);
    const [best] = results.channel.alternatives;
    const timed = (best?.words ?? []).map((word) => ({
      text: word.punctuated_word ?? word.word,
      fromMs: instantAt(word.start),
      untilMs: instantAt(word.end),
    }));
    // A server that times no words is believed about the stretch as a whole.
    const whole: HeardWord[] = best === undefined ? [] : [{ text: best.transcript, untilMs: coveredUntilMs }];
    const words = timed.length > 0 ? timed : whole;
    if (!results.is_final) {
      this.take({ kind: 'interim', atMs, words, by });
      return;
    }
    const isAnswer = results.from_finalize === true;
    this.take({ kind: 'final', atMs, words, confidence: best?.confidence ?? 0, isAnswer, coveredUntilMs, by });
  }

  /** The instant of a position in the audio received, in ms; before the first frame, now. */
  #instantOf(positionMs: number): number {
    const hasBegun = this.#audioClock.originAtMs !== undefined;
    return hasBegun ? instantOf(this.#audioClock, positionMs) : this.#options.clock.nowMs();
  }

  #act(action: ListenerAction): void {
    const { events } = this.#options;
    switch (action.kind) {
      case 'start':
        this.#tell({ type: stt.SpeechEventType.START_OF_SPEECH });
        return;
      case 'interim':
        this.#tell({ type: stt.SpeechEventType.INTERIM_TRANSCRIPT, alternatives: [this.#speech(action.text, 0)] });
        return;
      case 'finalize':
        this.#recogniser?.finalize();
        return;
      case 'score':
        void this.#score(action.pauseAtMs);
        return;
      case 'draft':
        events.onDraft(action.draft);
        return;
      case 'undraft':
        events.onUndraft();
        return;
      case 'commit':
        this.#commit(action.turn);
        return;
      case 'end':
        // Without text it commits nothing, but without it no reply would ever be spoken: START holds them back.
        this.#tell({ type: stt.SpeechEventType.END_OF_SPEECH, ...this.#committed });
        this.#committed = {};
        return;
      case 'missed':
        events.onMissed(action.spokenUntilMs);
        return;
      case 'duck':
        events.onDuck(action.mayContinue);
        return;
      case 'hush':
        events.onHush();
        return;
      case 'unduck':
        events.onUnduck();
        return;
      case 'judged':
        events.onJudged(action.verdict, action.overlapMs);
        return;
    }
  }

  /** FINAL alone does not commit: END follows with the same words (`end`; audio_recognition.ts:842 of 1.8.1). */
  #commit(turn: CommittedTurn): void {
    const { clock, events } = this.#options;
    events.onCommit(turn);
    const speechEndTime = Date.now() - (clock.nowMs() - turn.speechEndedAtMs);
    const alternatives: [stt.SpeechData] = [this.#speech(turn.text, turn.confidence)];
    this.#committed = { alternatives, speechEndTime };
    this.#tell({ type: stt.SpeechEventType.FINAL_TRANSCRIPT, ...this.#committed });
  }

  #speech(text: string, confidence: number): stt.SpeechData {
    return { language: normalizeLanguage(this.#options.language), text, startTime: 0, endTime: 0, confidence };
  }

  #tell(event: stt.SpeechEvent): void {
    if (!this.queue.closed) this.queue.put(event);
  }

  async #score(pauseAtMs: number): Promise<void> {
    const { clock, events } = this.#options;
    const askedAtMs = clock.nowMs();
    const probability = await this.#turnModel.score().catch((error: unknown) => {
      // A call that ends lets go of the model; nobody waits for that score.
      if (this.closed) return undefined;
      // Without a score the other evidence decides (`unscored` in turn/evidence.ts): no wait is longer than the profile's.
      const kind = error instanceof TurnModelError ? error.kind : 'failed';
      events.onProviderError('turn-model', kind, error instanceof Error ? error : new Error(String(error)));
      return undefined;
    });
    if (probability === undefined) return;
    const atMs = clock.nowMs();
    events.onScore(atMs - askedAtMs);
    this.take({ kind: 'score', atMs, pauseAtMs, probability });
  }
}
