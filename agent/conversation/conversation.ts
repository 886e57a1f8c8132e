/**
 * One caller's conversation: the ear, the mouth and the framework's session between them, joined to the room. Decisions are
 * the listener's (`turn/listener.ts`); what is said is the LLM's; this file connects.
 */
import { voice } from '@livekit/agents';
import { TTS as CartesiaTts } from '@livekit/agents-plugin-cartesia';
import { LLM as OpenAiLlm } from '@livekit/agents-plugin-openai';
import {
  LocalAudioTrack,
  type RemoteParticipant,
  type Room,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { AGENT_ATTRIBUTES, HEARD_RPC_METHOD, HeardReport, TURN_TOPIC, type TurnDocument } from '../../wire/turn.js';
import type { Assistant } from '../assistant.js';
import type { CallSettings } from '../config/call-settings.js';
import type { Profile } from '../config/profiles.js';
import type { Silero } from '../providers/silero.js';
import type { Logger } from '../telemetry/logger.js';
import type { Measurements } from '../telemetry/metrics.js';
import type { CommittedTurn } from '../turn/listener-forms.js';
import { FITTED_WEIGHTS } from '../turn/weights.js';
import { systemClock } from './clock.js';
import { currentSpeech } from './current-speech.js';
import { EAR_SAMPLE_RATE_HZ, Ear } from './ear.js';
import { MOUTH_SAMPLE_RATE_HZ, Mouth } from './mouth.js';
import { TimedAgent } from './timed-agent.js';
import { type Turn, TurnLog } from './turn-log.js';

export interface ConversationOptions {
  readonly callId: string;
  readonly room: Room;
  readonly settings: CallSettings;
  readonly profile: Profile;
  readonly assistant: Assistant;
  readonly silero: Silero;
  readonly measurements: Measurements;
  readonly logger: Logger;
  /** The session is over, for whatever reason. */
  readonly onClosed: (reason: string, outcome: 'completed' | 'failed') => void;
}

/** Below it words are not acted upon but asked about (source 000's gate). */
const CONFIDENT = 0.8;
/** Longest typed message taken, in characters. */
const MAX_TYPED = 1_000;
/** How long the framework may take to begin a reply to a committed turn, in ms: 3 to 32 were seen. */
const REPLY_BEGINS_MS = 1_000;
/** What a tool is told that runs without any turn, which no reply does: nothing may be written on it. */
const NO_TURN = Object.freeze({ id: 0, confidence: 0 });
const APOLOGY = 'Sorry, I am having trouble right now. Could you say that again?';
const MISSED = "Sorry, I didn't catch that. Could you say it again?";
const MISSED_AGAIN = "Sorry, I still didn't get that. You can also type it, if that is easier.";

export class Conversation {
  readonly #options: ConversationOptions;
  readonly #session: voice.AgentSession;
  readonly #roomIo: voice.RoomIO;
  readonly #ear: Ear;
  readonly #mouth: Mouth;
  readonly #voice: CartesiaTts;
  readonly #turnLog: TurnLog;
  readonly #agent: TimedAgent;
  /** The turn that each reply of the framework's answers, and the replies that are not done. */
  readonly #turnOfReply = new WeakMap<voice.SpeechHandle, Turn>();
  readonly #replies = new Set<voice.SpeechHandle>();
  #replyTimer: NodeJS.Timeout | undefined;
  #misses = 0;
  #overlapStartedAtMs: number | undefined;
  /** How the turn model failed last; `undefined` once it gave a score. */
  #scoreFailure: string | undefined;
  #isClosed = false;

  constructor(options: ConversationOptions) {
    this.#options = options;
    const { settings, profile, assistant, callId, measurements, room } = options;
    const { stt, llm, tts } = settings;
    this.#turnLog = new TurnLog({
      callId,
      profile,
      providers: { stt, llm, tts },
      clock: systemClock,
      measurements,
      onDocument: (document) => this.#publishTurn(document),
    });
    this.#mouth = new Mouth(systemClock, {
      onStarted: (_atMs, spoken) => {
        spoken?.turn?.mark('playoutStartedAtMs');
        this.#tellPhase();
      },
      onStopped: (atMs, isInterrupted, spoken) => {
        spoken?.turn?.mark('playoutEndedAtMs');
        this.#onStopped(atMs, isInterrupted);
      },
    });
    this.#ear = this.#createEar();
    this.#voice = new CartesiaTts({
      apiKey: tts.apiKey,
      baseUrl: tts.baseUrl,
      model: tts.model,
      voice: tts.voice,
      sampleRate: MOUTH_SAMPLE_RATE_HZ,
      language: assistant.language.split('-')[0] ?? 'en',
    });
    // The options that make the ear the one who decides: docs/decisions/2026-11-21-ear-and-mouth.md.
    this.#session = new voice.AgentSession({
      stt: this.#ear,
      vad: null,
      llm: new OpenAiLlm({
        apiKey: llm.apiKey,
        baseURL: llm.baseUrl,
        model: llm.model,
        maxCompletionTokens: profile.maxTokens,
      }),
      tts: this.#voice,
      aecWarmupDuration: null,
      userAwayTimeout: null,
      ttsTextTransforms: null,
      useTtsAlignedTranscript: false,
      turnHandling: {
        turnDetection: 'stt',
        endpointing: { mode: 'fixed', minDelay: 0, maxDelay: 0 },
        interruption: {
          mode: 'vad',
          minDuration: 0,
          minWords: 0,
          resumeFalseInterruption: false,
        },
        preemptiveGeneration: { enabled: false },
      },
    });
    this.#agent = new TimedAgent({
      instructions: assistant.instructions,
      tools: assistant.createTools({
        callId,
        currentTurn: () => this.#currentTurn() ?? NO_TURN,
        nowUnixMs: () => Date.now(),
      }),
      voice: this.#voice,
      currentTurn: () => this.#currentTurn(),
    });
    this.#session.output.audio = this.#mouth;
    // Not `session.start({ room })`: that also opens the framework's session stream to the caller, which tells every event
    // of the session and cannot be switched off (voice/remote_session.ts:549 of 1.8.1).
    this.#roomIo = new voice.RoomIO({
      agentSession: this.#session,
      room,
      inputOptions: {
        audioSampleRate: EAR_SAMPLE_RATE_HZ,
        textInputCallback: (_session, { text }) => this.#onTyped(text),
      },
      // Synchronised, RoomIO would ask a session for its agent that does not run yet. What was heard of a reply that is
      // cut, the mouth says itself.
      outputOptions: { syncTranscription: false },
    });
  }

  /**
   * Joins the caller: publishes the voice, listens, and greets.
   * @param caller - Who is linked; others in the room are not listened to.
   */
  async start(caller: RemoteParticipant): Promise<void> {
    const linkedAtMs = systemClock.nowMs();
    const { room, assistant, measurements, profile } = this.#options;
    this.#voice.prewarm();
    this.#listenToSession();
    this.#takeHeardReports(caller);
    this.#roomIo.setParticipant(caller.identity);
    // Before the session: what is attached to a running one is not heard (agent_session.ts:769 of 1.8.1 loses its `this`).
    this.#roomIo.start();
    const track = LocalAudioTrack.createAudioTrack('voice', this.#mouth.source);
    const publishing = room.localParticipant?.publishTrack(
      track,
      new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE, dtx: true, red: true }),
    );
    await this.#session.start({ agent: this.#agent });
    // Said before anybody hears it, the greeting would lose its beginning.
    await (await publishing)?.waitForSubscription();
    if (this.#isClosed) return;
    this.#turnLog.openGreeting();
    this.#mouth.once(voice.AudioOutput.EVENT_PLAYBACK_STARTED, () => {
      measurements.observe('turnwise_greeting_seconds', {}, systemClock.nowMs() - linkedAtMs);
    });
    this.#session.say(assistant.greeting, { allowInterruptions: profile.interruptible });
  }

  /** Ends the session and gives back the sockets. May be called twice. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#replyTimer);
    this.#turnLog.closeAll();
    await this.#session
      .close()
      .catch((error: unknown) => this.#options.logger.warn({ error }, 'session did not close'));
    await Promise.allSettled([this.#roomIo.close(), this.#mouth.close(), this.#ear.close(), this.#voice.close()]);
  }

  #createEar(): Ear {
    const { settings, profile, assistant, silero, measurements } = this.#options;
    return new Ear({
      recogniser: settings.stt,
      language: assistant.language,
      keyterms: assistant.keyterms,
      silero,
      turnModelSocket: settings.turnModelSocket,
      listener: {
        language: assistant.language,
        bounds: profile.endpointing,
        biasMs: profile.endpointing.biasMs,
        weights: FITTED_WEIGHTS,
        isInterruptible: profile.interruptible,
      },
      clock: systemClock,
      events: {
        onCommit: (turn) => this.#onCommit(turn),
        onMissed: (speechEndedAtMs) => this.#onMissed(speechEndedAtMs),
        onDuck: () => this.#mouth.duck(),
        onHush: () => this.#mouth.hush(),
        onUnduck: () => this.#mouth.unduck(),
        onJudged: (verdict, overlapMs) => {
          measurements.count('turnwise_interruptions_total', { verdict });
          if (verdict !== 'interruption') return;
          this.#overlapStartedAtMs = systemClock.nowMs() - overlapMs;
          this.#interrupt();
        },
        onScore: (durationMs) => {
          this.#scoreFailure = undefined;
          measurements.observe('turnwise_turn_model_seconds', {}, durationMs);
        },
        onProviderError: (provider, kind, error) => this.#onProviderError(provider, kind, error),
      },
    });
  }

  #listenToSession(): void {
    const { onClosed } = this.#options;
    const { AgentSessionEventTypes: events } = voice;
    this.#session.on(events.SpeechCreated, ({ speechHandle }) => this.#follow(speechHandle));
    this.#session.on(events.ConversationItemAdded, ({ item }) => {
      if (item.type === 'message' && item.role === 'assistant') this.#currentTurn()?.addReply(item.textContent ?? '');
    });
    this.#session.on(events.Error, ({ error }) => {
      const source = error.type === 'llm_error' ? 'llm' : error.type === 'tts_error' ? 'tts' : 'stt';
      const reason = 'error' in error ? error.error : new Error(error.message);
      this.#onProviderError(this.#options.settings[source].provider, source, reason);
      if (source === 'llm' && !error.recoverable && !this.#isClosed) this.#session.say(APOLOGY);
    });
    this.#session.on(events.Close, ({ reason }) => {
      this.#turnLog.closeAll();
      onClosed(String(reason), reason === voice.CloseReason.ERROR ? 'failed' : 'completed');
    });
  }

  /** The turn that the calling code answers; outside of a reply, the latest. */
  #currentTurn(): Turn | undefined {
    const speech = currentSpeech();
    return (speech && this.#turnOfReply.get(speech)) ?? this.#turnLog.latest;
  }

  /** Ties a reply to its turn until it is done. */
  #follow(reply: voice.SpeechHandle): void {
    const turn = this.#currentTurn();
    if (turn === undefined) return;
    this.#turnOfReply.set(reply, turn);
    this.#replies.add(reply);
    turn.beginReply();
    this.#tellPhase();
    reply.addDoneCallback(() => {
      this.#replies.delete(reply);
      turn.endReply();
      this.#tellPhase();
    });
  }

  #tellPhase(): void {
    this.#ear.setAgentPhase(this.#mouth.isSpeaking ? 'speaking' : this.#replies.size > 0 ? 'replying' : 'idle');
  }

  /** Stops every reply that is on its way or being spoken. */
  #interrupt(): void {
    if (this.#isClosed) return;
    for (const reply of this.#replies) this.#turnOfReply.get(reply)?.markInterrupted();
    this.#session.interrupt({ force: true });
  }

  #onCommit(turn: CommittedTurn): void {
    const isUnsure = turn.confidence < CONFIDENT;
    if (isUnsure) this.#options.measurements.count('turnwise_low_confidence_turns_total', { action: 'confirm' });
    this.#setMisses(isUnsure ? this.#misses + 1 : 0);
    // The framework replies within milliseconds; where it does not, what is said next must not wait for that reply.
    clearTimeout(this.#replyTimer);
    this.#replyTimer = setTimeout(() => this.#tellPhase(), REPLY_BEGINS_MS);
    this.#turnLog.openTurn(turn.text, turn.confidence, {
      speechStartedAtMs: turn.speechStartedAtMs,
      speechEndedAtMs: turn.speechEndedAtMs,
      finalAtMs: turn.finalAtMs,
      committedAtMs: systemClock.nowMs(),
    });
  }

  #onMissed(speechEndedAtMs: number): void {
    // While a good reply is on its way, a noise is no reason to ask.
    if (this.#mouth.isSpeaking || this.#replies.size > 0 || this.#isClosed) return;
    this.#setMisses(this.#misses + 1);
    this.#options.measurements.count('turnwise_low_confidence_turns_total', { action: 'repeat' });
    this.#turnLog.openTurn('', 0, { speechEndedAtMs, committedAtMs: systemClock.nowMs() });
    this.#session.say(this.#misses > 1 ? MISSED_AGAIN : MISSED);
  }

  /** Typed words are sure, and stop the voice as spoken ones do. */
  #onTyped(received: string): void {
    const text = received.trim().slice(0, MAX_TYPED);
    if (text === '') return;
    this.#interrupt();
    this.#setMisses(0);
    this.#turnLog.openTurn(text, 1, { committedAtMs: systemClock.nowMs() });
    this.#session.generateReply({ userInput: text });
  }

  #onStopped(atMs: number, isInterrupted: boolean): void {
    this.#tellPhase();
    if (isInterrupted && this.#overlapStartedAtMs !== undefined) {
      this.#options.measurements.observe('turnwise_bargein_stop_seconds', {}, atMs - this.#overlapStartedAtMs);
    }
    this.#overlapStartedAtMs = undefined;
  }

  #onProviderError(provider: string, kind: string, error: Error): void {
    this.#options.measurements.count('turnwise_provider_errors_total', { provider, kind });
    // The turn model is asked several times a turn: that it goes on failing in one way is told once.
    const isTold = provider === 'turn-model' && kind === this.#scoreFailure;
    if (provider === 'turn-model') this.#scoreFailure = kind;
    this.#options.logger[isTold ? 'debug' : 'warn']({ provider, kind, error }, 'provider failed');
  }

  #setMisses(misses: number): void {
    if (misses === this.#misses) return;
    this.#misses = misses;
    this.#options.room.localParticipant
      ?.setAttributes({ [AGENT_ATTRIBUTES.misses]: String(misses) })
      .catch((error: unknown) => this.#options.logger.warn({ error }, 'could not tell the room about a miss'));
  }

  #publishTurn(document: TurnDocument): void {
    const { room, logger } = this.#options;
    const { turn, outcome, responseMs, stages } = document;
    logger.info({ turn, outcome, responseMs, stages }, 'turn done');
    if (!room.isConnected) return;
    room.localParticipant
      ?.sendText(JSON.stringify(document), { topic: TURN_TOPIC })
      .catch((error: unknown) => logger.warn({ error }, 'could not send a turn to the room'));
  }

  /** Reports come from strangers: only the linked caller's, of the schema, once a turn (`TurnLog.takeHeard`). */
  #takeHeardReports(caller: RemoteParticipant): void {
    this.#options.room.localParticipant?.registerRpcMethod(HEARD_RPC_METHOD, async ({ callerIdentity, payload }) => {
      if (callerIdentity !== caller.identity || payload.length > 1_000) return 'refused';
      let json: unknown;
      try {
        json = JSON.parse(payload);
      } catch {
        return 'refused';
      }
      const report = HeardReport.safeParse(json);
      if (!report.success) return 'refused';
      return this.#turnLog.takeHeard(report.data.turn, report.data.heardResponseMs) ? 'taken' : 'refused';
    });
  }
}
