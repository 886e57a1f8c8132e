/**
 * One caller's conversation: the ear, the mouth and the framework's session between them, joined to the room. Decisions are
 * the listener's (`turn/listener.ts`); what is said is the LLM's; this file connects.
 */
import { voice } from '@livekit/agents';
import { LocalAudioTrack, type LocalTrackPublication, type RemoteParticipant, type Room } from '@livekit/rtc-node';
import type { Assistant } from '../assistant.js';
import type { CallSettings } from '../config/call-settings.js';
import type { Profile } from '../config/profiles.js';
import type { PhraseCache } from '../phrases/phrase-cache.js';
import { type Wording, wordingFor } from '../phrases/wording.js';
import type { Recogniser } from '../providers/recogniser.js';
import type { Silero } from '../providers/silero.js';
import type { CallRecord } from '../telemetry/call-record.js';
import type { Logger } from '../telemetry/logger.js';
import type { Measurements } from '../telemetry/metrics.js';
import { openRecorder, type TurnRecorder } from '../telemetry/turn-recorder.js';
import type { BudgetStep } from '../turn/budget-ladder.js';
import type { DraftWords } from '../turn/drafting.js';
import type { CommittedTurn, ListenerSettings } from '../turn/listener-forms.js';
import { questionIn } from '../turn/question.js';
import { FITTED_WEIGHTS } from '../turn/weights.js';
import { CallerLink } from './caller-link.js';
import { CallerTurns } from './caller-turns.js';
import { systemClock } from './clock.js';
import { CommittedWords } from './committed-words.js';
import { ConversationWindow } from './conversation-window.js';
import { createRecogniser } from './create-recogniser.js';
import { EAR_SAMPLE_RATE_HZ, Ear } from './ear.js';
import { HeardReports } from './heard-reports.js';
import { JoiningCaller } from './joining-caller.js';
import { Mouth } from './mouth.js';
import { Overlaps } from './overlaps.js';
import { OwnPath } from './own-path.js';
import { ProviderErrors } from './provider-errors.js';
import { Replies } from './replies.js';
import { Replying, withWords } from './replying.js';
import { createSession } from './session.js';
import { SilenceWatch } from './silence-watch.js';
import { TimedAgent, type UserTurn } from './timed-agent.js';
import { guardTools } from './tool-guard.js';
import { TurnLog } from './turn-log.js';
import { VOICE_PUBLICATION } from './voice-publication.js';

export interface ConversationOptions {
  readonly callId: string;
  readonly room: Room;
  readonly settings: CallSettings;
  readonly profile: Profile;
  readonly assistant: Assistant;
  readonly silero: Silero;
  readonly phrases: PhraseCache;
  readonly measurements: Measurements & { budgetStep(profile: string): BudgetStep };
  readonly logger: Logger;
  /** Keeps what the call tells of itself, texts included. */
  readonly recorder: (record: CallRecord) => void;
  /** The session is over, for whatever reason. */
  readonly onClosed: (reason: string, outcome: 'completed' | 'failed') => void;
}

/** Longest typed message taken, in characters. */
const MAX_TYPED = 1_000;
/** How long the framework may take to begin a reply to a committed turn, in ms: 3 to 32 were seen. */
const REPLY_BEGINS_MS = 1_000;
/** What a tool is told that runs without any turn, which no reply does: nothing may be written on it. */
const NO_TURN = Object.freeze({ id: 0, confidence: 0 });
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #session: voice.AgentSession;
  readonly #roomIo: voice.RoomIO;
  readonly #joining: JoiningCaller;
  readonly #ear: Ear;
  readonly #mouth: Mouth;
  readonly #replying: Replying;
  readonly #turnLog: TurnLog;
  readonly #agent: TimedAgent;
  readonly #replies: Replies;
  readonly #caller: CallerTurns;
  readonly #overlaps: Overlaps;
  readonly #callerLink: CallerLink;
  readonly #ownPath: OwnPath;
  readonly #heard: HeardReports;
  readonly #errors: ProviderErrors;
  readonly #wording: Wording;
  readonly #silence: SilenceWatch;
  readonly #window: ConversationWindow;
  #published: Promise<LocalTrackPublication | undefined> | undefined;
  #recogniser: Recogniser | undefined;
  #replyTimer: NodeJS.Timeout | undefined;
  /** A turn is committed, and the framework has not begun to reply to it yet. */
  #isReplyDue = false;
  #runningTools = 0;
  /** What the agent is saying, or is about to. */
  #saying = '';
  #recorder: TurnRecorder | undefined;
  #isClosed = false;

  constructor(options: ConversationOptions) {
    this.#options = options;
    const { settings, profile, assistant, callId, measurements, room, logger, recorder } = options;
    const [[stt], [llm], [tts]] = [settings.stt, settings.llm, settings.tts];
    this.#callerLink = new CallerLink(room, logger);
    this.#errors = new ProviderErrors(measurements, logger);
    this.#wording = wordingFor(assistant.language);
    const startedAtUnixMs = Date.now();
    this.#turnLog = new TurnLog({
      callId,
      profile,
      providers: { stt, llm, tts },
      clock: systemClock,
      measurements,
      onDocument: (turn) => {
        this.#heard.noteTurn(turn);
        this.#callerLink.publishTurn(turn);
        recorder({ type: 'turn', startedAtUnixMs, turn });
      },
    });
    this.#ownPath = new OwnPath(room);
    this.#heard = new HeardReports({
      profile: profile.name,
      measurements,
      nowMs: () => systemClock.nowMs(),
      workerPath: () => this.#ownPath.latest,
      onHeard: (heard, unexplainedMs) =>
        recorder({ type: 'heard', callId, heard, ...(unexplainedMs !== undefined && { unexplainedMs }) }),
    });
    this.#replies = new Replies(
      () => this.#turnLog.latest,
      () => this.#tellPhase(),
    );
    this.#caller = new CallerTurns({
      words: new CommittedWords({ language: assistant.language, asksAgain: profile.asksAgain }),
      turnLog: this.#turnLog,
      callerLink: this.#callerLink,
      measurements,
      nowMs: () => systemClock.nowMs(),
      misheard: this.#wording.misheard,
    });
    this.#silence = new SilenceWatch({ afterMs: profile.fillerAfterMs, onSilence: () => this.#fillSilence() });
    const currentTurn = () => this.#replies.currentTurn();
    this.#mouth = new Mouth(systemClock, {
      onStarted: (_atMs, spoken) => {
        spoken?.turn?.mark('playoutStartedAtMs');
        this.#silence.end();
        this.#tellPhase();
      },
      // An opening or a filler is over, and what it began does not come.
      onDry: () => this.#silence.begin(),
      onFlowing: () => this.#silence.end(),
      onQueued: (ms) => measurements.observe('turnwise_output_queue_seconds', {}, ms),
      onAnswerStarted: (spoken) => spoken.turn?.mark('answerStartedAtMs'),
      onStopped: (atMs, isInterrupted, spoken) => {
        spoken?.turn?.mark('playoutEndedAtMs');
        if (!isInterrupted && spoken !== undefined) this.#tellAsked(spoken.text);
        // What was said may have been a filler only.
        if (!isInterrupted) this.#silence.begin();
        this.#tellPhase();
        this.#overlaps.noteStopped(atMs, isInterrupted);
      },
    });
    this.#overlaps = new Overlaps({
      mouth: this.#mouth,
      measurements,
      nowMs: () => systemClock.nowMs(),
      latestTurn: () => this.#turnLog.latest,
      interrupt: () => this.#interrupt(),
    });
    this.#joining = new JoiningCaller({
      room,
      clock: systemClock,
      measurements,
      callerIdentity: () => this.#roomIo.linkedParticipant?.identity,
      onSamples: (pieces) => this.#ear.hear(pieces),
    });
    this.#ear = this.#createEar();
    this.#replying = new Replying({
      ...{ settings, profile, assistant, measurements, clock: systemClock, errors: this.#errors },
      wording: this.#wording,
      phrases: options.phrases,
      budgetStep: () => measurements.budgetStep(profile.name),
      onSaying: (text) => {
        this.#saying = text;
        this.#tellPhase();
      },
    });
    this.#window = new ConversationWindow({
      model: this.#replying.model,
      summarises: profile.techniques.summary,
      isBusy: () => this.#replying.isInForce('skipSummary'),
    });
    this.#session = createSession({ ear: this.#ear, model: this.#replying.model, voice: this.#replying.voice });
    const tools = assistant.createTools({
      callId,
      currentTurn: () => currentTurn() ?? NO_TURN,
      nowUnixMs: () => Date.now(),
    });
    const overlapJudged = (signal: AbortSignal) => this.#overlaps.passed(signal);
    this.#agent = new TimedAgent({
      instructions: assistant.instructions,
      tools: guardTools(tools, {
        tools: assistant.tools,
        currentTurn,
        overlapJudged,
        onRunning: (change) => {
          this.#runningTools += change;
        },
      }),
      replying: this.#replying,
      currentTurn,
      takeUserTurn: () => this.#takeUserTurn(),
      told: (items) => this.#window.of(this.#caller.told(items)),
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
        ...(assistant.noiseCancellation && { noiseCancellation: assistant.noiseCancellation }),
      },
      // Synchronised, RoomIO would ask a session for its agent that does not run yet. What was heard of a reply that is
      // cut, the mouth says itself.
      outputOptions: { syncTranscription: false },
    });
  }

  /** Opens what a call needs of others; for the moment at which the job is taken, before there is a room. */
  warm(): void {
    if (!this.#options.profile.techniques.warm) return;
    this.#openRecogniser();
    this.#replying.warm();
  }

  /** Makes ready to greet, in a room that the caller may not have joined yet: publishes the voice, and begins to listen. */
  async prepare(): Promise<void> {
    const { room } = this.#options;
    this.#listenToSession();
    // Before the session: what is attached to a running one is not heard (agent_session.ts:769 of 1.8.1 loses its `this`).
    this.#roomIo.start();
    const track = LocalAudioTrack.createAudioTrack('voice', this.#mouth.source);
    this.#published = room.localParticipant?.publishTrack(track, VOICE_PUBLICATION);
    await this.#session.start({ agent: this.#agent });
    void this.#replying.sendAhead(this.#agent.promptFor(this.#agent.chatCtx.items));
  }

  /**
   * Links the caller and greets them, the moment they hear the voice.
   * @param caller - Who is linked; others in the room are not listened to.
   */
  async greet(caller: RemoteParticipant): Promise<void> {
    const linkedAtMs = systemClock.nowMs();
    const { assistant, measurements, profile } = this.#options;
    this.#callerLink.takeHeardReports(caller, this.#heard);
    this.#callerLink.takeFeedback(caller, measurements);
    this.#roomIo.setParticipant(caller.identity);
    // Said before anybody hears it, the greeting would lose its beginning.
    await (await this.#published)?.waitForSubscription();
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
    this.#silence.end();
    this.#joining.close();
    this.#recogniser?.close();
    this.#turnLog.closeAll();
    this.#heard.close();
    this.#ownPath.close();
    await this.#session
      .close()
      .catch((error: unknown) => this.#options.logger.warn({ error }, 'session did not close'));
    await Promise.allSettled([this.#roomIo.close(), this.#mouth.close(), this.#ear.close(), this.#replying.close()]);
    this.#recorder?.close();
  }

  #openRecogniser(): Recogniser {
    this.#recogniser ??= createRecogniser(this.#options);
    return this.#recogniser;
  }

  #createEar(): Ear {
    const { settings, callId, profile, assistant, silero, measurements, logger } = this.#options;
    const listener: ListenerSettings = {
      language: assistant.language,
      bounds: profile.endpointing,
      biasMs: profile.endpointing.biasMs,
      weights: FITTED_WEIGHTS,
      isInterruptible: profile.interruptible,
      drafts: profile.techniques.speculation,
    };
    this.#recorder = openRecorder(settings.turnRecordings, callId, listener, (error) =>
      logger.warn({ error }, 'the call is not recorded'),
    );
    return new Ear({
      settings: settings.stt[0],
      recogniser: () => this.#openRecogniser(),
      joining: this.#joining,
      language: assistant.language,
      keyterms: assistant.keyterms,
      silero,
      turnModelSocket: settings.turnModelSocket,
      played: () => (this.#mouth.isSpeaking ? this.#mouth.playedLevels : []),
      listener,
      ...(this.#recorder && { recorder: this.#recorder }),
      clock: systemClock,
      events: {
        onDraft: (words) => this.#onDraft(words),
        onUndraft: () => this.#replying.drop('changed'),
        onCommit: (turn) => this.#onCommit(turn),
        onMissed: (speechEndedAtMs) => this.#onMissed(speechEndedAtMs),
        onDuck: () => this.#overlaps.duck(),
        onHush: () => this.#overlaps.hush(),
        onUnduck: () => this.#overlaps.unduck(),
        onJudged: (verdict, overlapMs) => this.#overlaps.judged(verdict, overlapMs),
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
    this.#session.on(events.SpeechCreated, ({ speechHandle }) => {
      this.#isReplyDue = false;
      this.#replies.follow(speechHandle);
    });
    this.#session.on(events.ConversationItemAdded, ({ item }) => {
      if (item.type !== 'message') return;
      this.#replies.noteMessage(item);
      if (item.role === 'assistant' && item.interrupted) this.#tellAsked(item.textContent ?? '');
    });
    this.#session.on(events.Error, ({ error }) => {
      const source = error.type === 'llm_error' ? 'llm' : error.type === 'tts_error' ? 'tts' : 'stt';
      const reason = 'error' in error ? error.error : new Error(error.message);
      this.#errors.note(this.#options.settings[source][0].provider, source, reason);
    });
    this.#session.on(events.Close, ({ reason }) => {
      this.#turnLog.closeAll();
      onClosed(String(reason), reason === voice.CloseReason.ERROR ? 'failed' : 'completed');
    });
  }

  #tellPhase(): void {
    const isReplying = this.#replies.isAnyOpen || this.#isReplyDue;
    const phase = this.#mouth.isSpeaking ? 'speaking' : isReplying ? 'replying' : 'idle';
    if (phase === 'idle') {
      this.#saying = '';
      this.#silence.end();
      void this.#window.tidy(this.#caller.told(this.#agent.chatCtx.items));
    }
    this.#ear.setAgentPhase(phase, this.#saying);
  }

  /** Tells what the caller was asked, as far as it was heard. */
  #tellAsked(said: string): void {
    const question = questionIn(said, this.#options.assistant.language);
    this.#ear.setAsked(question);
    this.#replying.setAsked(question);
  }

  /** Stops every reply that is on its way or being spoken. */
  #interrupt(): void {
    if (this.#isClosed) return;
    this.#replies.markInterrupted();
    this.#session.interrupt({ force: true });
    this.#replying.cut();
    // The framework empties it only once a capture has ended that a hushed voice never ends (generation.ts:1188 of 1.8.1).
    this.#mouth.clearBuffer();
    this.#silence.end();
  }

  /** A reply may be begun to words that are not committed yet. */
  #onDraft(heard: DraftWords): void {
    const prospect = this.#caller.prospect(heard);
    if (prospect === undefined || this.#isClosed) return;
    const items = this.#caller.told(this.#agent.chatCtx.items, prospect.untold);
    const prompt = this.#agent.promptFor(this.#window.of(withWords(items, prospect.text)));
    this.#replying.speculate(heard, prompt, (isReady) => this.#ear.setDraft(heard.text, isReady));
  }

  #onCommit(heard: CommittedTurn): void {
    this.#caller.commit(heard);
    // The framework replies within milliseconds; where it does not, what is said next must not wait for that reply.
    clearTimeout(this.#replyTimer);
    this.#isReplyDue = true;
    this.#replyTimer = setTimeout(() => {
      this.#isReplyDue = false;
      this.#tellPhase();
    }, REPLY_BEGINS_MS);
    this.#silence.begin(systemClock.nowMs() - heard.speechEndedAtMs);
  }

  /** A question is asked here, where it is not cut by its own turn. */
  #takeUserTurn(): UserTurn | undefined {
    const decided = this.#caller.takeDecision();
    if (decided?.kind !== 'ask') return decided;
    // What was begun before it was known how surely the words were heard answers nothing.
    this.#replying.drop('changed');
    if (!this.#isClosed) this.#session.say(decided.question);
    return { kind: 'answered' };
  }

  /** The caller is owed sound and hears none. */
  #fillSilence(): void {
    if (this.#isClosed || this.#mouth.isSounding || !this.#replies.isAnyOpen) return;
    if (this.#overlaps.isJudging) {
      this.#silence.begin();
      return;
    }
    const reason = this.#replying.fillReply() ?? this.#sayWhileToolRuns();
    if (reason !== undefined) this.#options.measurements.count('turnwise_fillers_total', { reason });
  }

  #sayWhileToolRuns(): 'tool' | undefined {
    // Behind a reply that is only late it would be heard after it.
    if (this.#runningTools === 0) return undefined;
    const text = this.#replying.toolFiller();
    if (text === undefined) return undefined;
    this.#turnLog.latest?.mark('fillerAtMs');
    this.#session.say(text, { addToChatCtx: false });
    return 'tool';
  }

  #onMissed(speechEndedAtMs: number): void {
    // While a good reply is on its way, a noise is no reason to ask.
    if (this.#mouth.isSpeaking || this.#replies.isAnyOpen || this.#isClosed) return;
    const misses = this.#caller.miss(speechEndedAtMs);
    this.#session.say(misses > 1 ? this.#wording.missedAgain : this.#wording.missed);
  }

  /** Typed words are sure, and stop the voice as spoken ones do. */
  #onTyped(received: string): void {
    const text = received.trim().slice(0, MAX_TYPED);
    if (text === '') return;
    this.#interrupt();
    this.#replying.drop('abandoned');
    this.#ear.noteTyped();
    this.#caller.type(text);
    this.#silence.begin();
    this.#session.generateReply({ userInput: text });
  }
}
