/**
 * One caller's conversation: the ear, the mouth and the framework's session between them, joined to the room. Decisions are
 * the listener's (`turn/listener.ts`); what is said is the LLM's; this file connects.
 */
import { voice } from '@livekit/agents';
import type { TTS as CartesiaTts } from '@livekit/agents-plugin-cartesia';
import {
  LocalAudioTrack,
  type RemoteParticipant,
  type Room,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import type { OverlapName } from '../../wire/turn.js';
import type { Assistant } from '../assistant.js';
import type { CallSettings } from '../config/call-settings.js';
import type { Profile } from '../config/profiles.js';
import type { Silero } from '../providers/silero.js';
import type { Logger } from '../telemetry/logger.js';
import type { Measurements } from '../telemetry/metrics.js';
import { openRecorder, type TurnRecorder } from '../telemetry/turn-recorder.js';
import { CONFIDENT } from '../turn/ask-again.js';
import type { CommittedTurn, ListenerSettings } from '../turn/listener-forms.js';
import { questionIn } from '../turn/question.js';
import { FITTED_WEIGHTS } from '../turn/weights.js';
import { CallerLink } from './caller-link.js';
import { systemClock } from './clock.js';
import { CommittedWords, unsureAction } from './committed-words.js';
import { EAR_SAMPLE_RATE_HZ, Ear } from './ear.js';
import { Mouth } from './mouth.js';
import { OverlapGate } from './overlap-gate.js';
import { ProviderErrors } from './provider-errors.js';
import { Replies } from './replies.js';
import { createSession, createVoice } from './session.js';
import { TimedAgent, type UserTurn } from './timed-agent.js';
import { guardTools } from './tool-guard.js';
import type { Turn } from './turn.js';
import { TurnLog } from './turn-log.js';

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

/** Longest typed message taken, in characters. */
const MAX_TYPED = 1_000;
/** How long the framework may take to begin a reply to a committed turn, in ms: 3 to 32 were seen. */
const REPLY_BEGINS_MS = 1_000;
/** What a tool is told that runs without any turn, which no reply does: nothing may be written on it. */
const NO_TURN = Object.freeze({ id: 0, confidence: 0 });
const APOLOGY = 'Sorry, I am having trouble right now. Could you say that again?';
const MISSED = "Sorry, I didn't catch that. Could you say it again?";
const MISSED_AGAIN = "Sorry, I still didn't get that. You can also type it, if that is easier.";
const MISHEARD = 'Sorry. Please say it again.';

export class Conversation {
  readonly #options: ConversationOptions;
  readonly #session: voice.AgentSession;
  readonly #roomIo: voice.RoomIO;
  readonly #ear: Ear;
  readonly #mouth: Mouth;
  readonly #voice: CartesiaTts;
  readonly #turnLog: TurnLog;
  readonly #agent: TimedAgent;
  readonly #replies: Replies;
  readonly #words: CommittedWords;
  readonly #overlap = new OverlapGate();
  readonly #callerLink: CallerLink;
  readonly #errors: ProviderErrors;
  #replyTimer: NodeJS.Timeout | undefined;
  /** What the agent is saying, or is about to. */
  #saying = '';
  #lastSpoken: Turn | undefined;
  /** What the framework is to do with the turn that was committed last, until it asks. */
  #userTurn: UserTurn | { readonly kind: 'ask'; readonly question: string } | undefined;
  #overlapStartedAtMs: number | undefined;
  #recorder: TurnRecorder | undefined;
  #isClosed = false;

  constructor(options: ConversationOptions) {
    this.#options = options;
    const { settings, profile, assistant, callId, measurements, room, logger } = options;
    const [[stt], [llm], [tts]] = [settings.stt, settings.llm, settings.tts];
    this.#callerLink = new CallerLink(room, logger);
    this.#errors = new ProviderErrors(measurements, logger);
    this.#words = new CommittedWords({ language: assistant.language, asksAgain: profile.asksAgain });
    this.#turnLog = new TurnLog({
      callId,
      profile,
      providers: { stt, llm, tts },
      clock: systemClock,
      measurements,
      onDocument: (document) => this.#callerLink.publishTurn(document),
    });
    this.#replies = new Replies(
      () => this.#turnLog.latest,
      () => this.#tellPhase(),
    );
    const currentTurn = () => this.#replies.currentTurn();
    this.#mouth = new Mouth(systemClock, {
      onStarted: (_atMs, spoken) => {
        spoken?.turn?.mark('playoutStartedAtMs');
        this.#tellPhase();
      },
      onStopped: (atMs, isInterrupted, spoken) => {
        spoken?.turn?.mark('playoutEndedAtMs');
        if (!isInterrupted && spoken !== undefined) this.#tellAsked(spoken.text);
        this.#onStopped(atMs, isInterrupted);
      },
    });
    this.#ear = this.#createEar();
    this.#voice = createVoice(tts, assistant.language);
    this.#session = createSession({ ear: this.#ear, synthesiser: this.#voice, llm, profile });
    const tools = assistant.createTools({
      callId,
      currentTurn: () => currentTurn() ?? NO_TURN,
      nowUnixMs: () => Date.now(),
    });
    const overlapJudged = (signal: AbortSignal) => this.#overlap.passed(signal);
    this.#agent = new TimedAgent({
      instructions: assistant.instructions,
      tools: guardTools(tools, { tools: assistant.tools, currentTurn, overlapJudged }),
      voice: this.#voice,
      currentTurn,
      takeUserTurn: () => this.#takeUserTurn(),
      told: (items) => this.#words.told(items),
      onSaying: (text) => {
        this.#saying = text;
        this.#tellPhase();
      },
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
    this.#callerLink.takeHeardReports(caller, (turn, heardResponseMs) =>
      this.#turnLog.takeHeard(turn, heardResponseMs),
    );
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
    this.#recorder?.close();
  }

  #createEar(): Ear {
    const { settings, callId, profile, assistant, silero, measurements, logger } = this.#options;
    const listener: ListenerSettings = {
      language: assistant.language,
      bounds: profile.endpointing,
      biasMs: profile.endpointing.biasMs,
      weights: FITTED_WEIGHTS,
      isInterruptible: profile.interruptible,
    };
    this.#recorder = openRecorder(settings.turnRecordings, callId, listener, (error) =>
      logger.warn({ error }, 'the call is not recorded'),
    );
    return new Ear({
      recogniser: settings.stt[0],
      language: assistant.language,
      keyterms: assistant.keyterms,
      silero,
      turnModelSocket: settings.turnModelSocket,
      played: () => (this.#mouth.isSpeaking ? this.#mouth.playedLevels : []),
      listener,
      ...(this.#recorder && { recorder: this.#recorder }),
      clock: systemClock,
      events: {
        onCommit: (turn) => this.#onCommit(turn),
        onMissed: (speechEndedAtMs) => this.#onMissed(speechEndedAtMs),
        onDuck: () => {
          this.#mouth.duck();
          this.#overlap.close();
        },
        onHush: () => this.#mouth.hush(),
        onUnduck: () => {
          this.#mouth.unduck();
          this.#overlap.open();
        },
        onJudged: (verdict, overlapMs) => this.#onJudged(verdict, overlapMs),
        onScore: (durationMs) => {
          this.#errors.noteScore();
          measurements.observe('turnwise_turn_model_seconds', {}, durationMs);
        },
        onProviderError: (provider, kind, error) => this.#errors.note(provider, kind, error),
      },
    });
  }

  #listenToSession(): void {
    const { onClosed } = this.#options;
    const { AgentSessionEventTypes: events } = voice;
    this.#session.on(events.SpeechCreated, ({ speechHandle }) => this.#replies.follow(speechHandle));
    this.#session.on(events.ConversationItemAdded, ({ item }) => {
      if (item.type !== 'message') return;
      this.#replies.noteMessage(item);
      if (item.role === 'assistant' && item.interrupted) this.#tellAsked(item.textContent ?? '');
    });
    this.#session.on(events.Error, ({ error }) => {
      const source = error.type === 'llm_error' ? 'llm' : error.type === 'tts_error' ? 'tts' : 'stt';
      const reason = 'error' in error ? error.error : new Error(error.message);
      this.#errors.note(this.#options.settings[source][0].provider, source, reason);
      if (source === 'llm' && !error.recoverable && !this.#isClosed) this.#session.say(APOLOGY);
    });
    this.#session.on(events.Close, ({ reason }) => {
      this.#turnLog.closeAll();
      onClosed(String(reason), reason === voice.CloseReason.ERROR ? 'failed' : 'completed');
    });
  }

  #tellPhase(): void {
    const phase = this.#mouth.isSpeaking ? 'speaking' : this.#replies.isAnyOpen ? 'replying' : 'idle';
    if (phase === 'idle') this.#saying = '';
    this.#ear.setAgentPhase(phase, this.#saying);
  }

  /** Tells what the caller was asked, as far as it was heard. */
  #tellAsked(said: string): void {
    this.#ear.setAsked(questionIn(said, this.#options.assistant.language));
  }

  /** Stops every reply that is on its way or being spoken. */
  #interrupt(): void {
    if (this.#isClosed) return;
    this.#replies.markInterrupted();
    this.#session.interrupt({ force: true });
  }

  #onJudged(verdict: OverlapName, overlapMs: number): void {
    this.#options.measurements.count('turnwise_interruptions_total', { verdict });
    this.#turnLog.latest?.addOverlap(verdict);
    if (verdict === 'interruption') {
      if (this.#mouth.isSpeaking) {
        this.#overlapStartedAtMs = systemClock.nowMs() - overlapMs;
        // Silent now; the framework takes some ms to cut the reply.
        this.#mouth.hush();
      }
      this.#interrupt();
    }
    // Last: a tool that waits for this must find the reply cut.
    this.#overlap.open();
  }

  #onCommit(heard: CommittedTurn): void {
    const { measurements } = this.#options;
    if (heard.wasPremature) measurements.count('turnwise_premature_responses_total', {});
    const continued = heard.continues && this.#turnLog.latest === this.#lastSpoken ? this.#lastSpoken : undefined;
    const next = this.#words.take(heard, continued);
    const action = unsureAction(heard, next);
    if (action !== undefined) measurements.count('turnwise_low_confidence_turns_total', { action });
    const confidence = next.kind === 'act' ? next.confidence : heard.confidence;
    const isUnderstood = next.kind === 'act' && confidence >= CONFIDENT;
    this.#callerLink.setMisses(isUnderstood ? 0 : this.#callerLink.misses + 1);
    // The framework replies within milliseconds; where it does not, what is said next must not wait for that reply.
    clearTimeout(this.#replyTimer);
    this.#replyTimer = setTimeout(() => this.#tellPhase(), REPLY_BEGINS_MS);
    const { speechStartedAtMs, speechEndedAtMs, finalAtMs } = heard;
    const turn = this.#turnLog.openTurn({
      said: heard.text,
      confidence,
      timeline: { speechStartedAtMs, speechEndedAtMs, finalAtMs, committedAtMs: systemClock.nowMs() },
      waiting: heard.wait,
      continued,
    });
    this.#lastSpoken = turn;
    if (next.kind === 'act') {
      turn.told = next.text;
      this.#userTurn = { kind: 'reply', text: next.text };
    } else {
      this.#words.noteAsked(turn);
      this.#userTurn = { kind: 'ask', question: next.kind === 'ask' ? next.question : MISHEARD };
    }
  }

  /** What was decided of the turn that has just reached the framework. A question is asked here, where it is not cut by its own turn. */
  #takeUserTurn(): UserTurn | undefined {
    const userTurn = this.#userTurn;
    this.#userTurn = undefined;
    if (userTurn?.kind !== 'ask') return userTurn;
    if (!this.#isClosed) this.#session.say(userTurn.question);
    return { kind: 'answered' };
  }

  #onMissed(speechEndedAtMs: number): void {
    // While a good reply is on its way, a noise is no reason to ask.
    if (this.#mouth.isSpeaking || this.#replies.isAnyOpen || this.#isClosed) return;
    const misses = this.#callerLink.misses + 1;
    this.#callerLink.setMisses(misses);
    this.#options.measurements.count('turnwise_low_confidence_turns_total', { action: 'repeat' });
    const timeline = { speechEndedAtMs, committedAtMs: systemClock.nowMs() };
    this.#turnLog.openTurn({ said: '', confidence: 0, timeline });
    this.#session.say(misses > 1 ? MISSED_AGAIN : MISSED);
  }

  /** Typed words are sure, and stop the voice as spoken ones do. */
  #onTyped(received: string): void {
    const text = received.trim().slice(0, MAX_TYPED);
    if (text === '') return;
    this.#interrupt();
    this.#callerLink.setMisses(0);
    this.#words.forget();
    this.#ear.noteTyped();
    this.#turnLog.openTurn({ said: text, confidence: 1, timeline: { committedAtMs: systemClock.nowMs() } });
    this.#session.generateReply({ userInput: text });
  }

  #onStopped(atMs: number, isInterrupted: boolean): void {
    this.#tellPhase();
    if (isInterrupted && this.#overlapStartedAtMs !== undefined) {
      this.#options.measurements.observe('turnwise_bargein_stop_seconds', {}, atMs - this.#overlapStartedAtMs);
    }
    this.#overlapStartedAtMs = undefined;
  }
}
