/**
 * One caller's conversation: the ear, the mouth and the framework's session between them, joined to the room. Decisions are
 * the listener's (`turn/listener.ts`); what is said is the LLM's; this file connects.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type llm, voice } from '@livekit/agents';
import { LocalAudioTrack, type LocalTrackPublication, type RemoteParticipant, type Room } from '@livekit/rtc-node';
import type { Assistant } from '../assistant.js';
import type { CallSettings } from '../config/call-settings.js';
import type { Profile } from '../config/profiles.js';
import type { PhraseCache } from '../phrases/phrase-cache.js';
import { type Wording, wordingFor } from '../phrases/wording.js';
import type { Silero } from '../providers/silero.js';
import type { CallMemory } from '../resilience/call-memory.js';
import type { CallRecord } from '../telemetry/call-record.js';
import type { Logger } from '../telemetry/logger.js';
import type { Measurements } from '../telemetry/metrics.js';
import type { BudgetStep } from '../turn/budget-ladder.js';
import type { CommittedTurn, DraftWords, ListenerInput } from '../turn/listener-forms.js';
import { questionIn } from '../turn/question.js';
import { within } from '../within.js';
import { CallAccounts } from './call-accounts.js';
import { CallerLink } from './caller-link.js';
import { CallerTurns } from './caller-turns.js';
import { Captions } from './captions.js';
import { systemClock } from './clock.js';
import { CommittedWords } from './committed-words.js';
import { ConversationWindow } from './conversation-window.js';
import { EAR_SAMPLE_RATE_HZ } from './ear.js';
import { Hearing } from './hearing.js';
import { Mouth } from './mouth.js';
import { Overlaps } from './overlaps.js';
import { ProviderErrors } from './provider-errors.js';
import { Replies } from './replies.js';
import { Replying, withWords } from './replying.js';
import { createSession } from './session.js';
import { TimedAgent, type UserTurn } from './timed-agent.js';
import { guardTools } from './tool-guard.js';
import { VOICE_PUBLICATION } from './voice-publication.js';
import { WaitingCaller } from './waiting-caller.js';

export interface ConversationOptions {
  readonly callId: string;
  readonly room: Room;
  readonly settings: CallSettings;
  readonly profile: Profile;
  readonly assistant: Assistant;
  readonly silero: Silero;
  readonly phrases: PhraseCache;
  readonly measurements: Measurements & { budgetStep(profile: string): BudgetStep };
  /** What is known of the providers before this call, and what it learns of them. */
  readonly memory: CallMemory;
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
/** The greeting waits no longer for word that the caller hears the voice, in ms: a greeting that never comes is worse than one that is cut. */
const SUBSCRIBED_WITHIN_MS = 5_000;
/**
 * The voice is published within so long, in ms, or the call fails: while it is, rtc-node 0.13.35 tells of nothing that happens in the
 * room (participant.ts:747 holds its lock), the caller's leaving included.
 */
const PUBLISHED_WITHIN_MS = 10_000;
/** What a tool is told that runs without any turn, which no reply does: nothing may be written on it. */
const NO_TURN = Object.freeze({ id: 0, confidence: 0 });

export class Conversation {
  readonly #options: ConversationOptions;
  readonly #session: voice.AgentSession;
  readonly #roomIo: voice.RoomIO;
  readonly #hearing: Hearing;
  readonly #mouth: Mouth;
  readonly #replying: Replying;
  readonly #accounts: CallAccounts;
  readonly #agent: TimedAgent;
  readonly #replies: Replies;
  readonly #caller: CallerTurns;
  readonly #overlaps: Overlaps;
  readonly #errors: ProviderErrors;
  readonly #wording: Wording;
  readonly #waiting: WaitingCaller;
  readonly #window: ConversationWindow;
  readonly #captions: Captions;
  #published: Promise<LocalTrackPublication | undefined> | undefined;
  #replyTimer: NodeJS.Timeout | undefined;
  /** A turn is committed, and the framework has not begun to reply to it yet. */
  #isReplyDue = false;
  /** What the agent is saying, or is about to. */
  #saying = '';
  /** Whoever is linked has been greeted, or had an answer before it came to that. */
  #isGreeted = false;
  #isClosed = false;

  constructor(options: ConversationOptions) {
    this.#options = options;
    const { settings, profile, assistant, callId, measurements, memory, room, logger, recorder } = options;
    const callerLink = new CallerLink(room, logger);
    this.#errors = new ProviderErrors(measurements, logger);
    this.#wording = wordingFor(assistant.language);
    this.#accounts = new CallAccounts({
      ...{ callId, room, settings, profile, clock: systemClock, measurements, callerLink, recorder },
      mayBeContinued: () => this.#overlaps.mayContinue,
    });
    const { turnLog } = this.#accounts;
    this.#replies = new Replies(
      () => turnLog.latest,
      () => this.#tellPhase(),
    );
    this.#caller = new CallerTurns({
      words: new CommittedWords({ language: assistant.language, asksAgain: profile.asksAgain }),
      turnLog,
      callerLink,
      measurements,
      nowMs: () => systemClock.nowMs(),
      wording: this.#wording,
    });
    this.#waiting = new WaitingCaller({
      afterMs: profile.fillerAfterMs,
      measurements,
      nowMs: () => systemClock.nowMs(),
      isOwed: () => !this.#isClosed && !this.#mouth.isSounding && (this.#replies.isAnyOpen || this.#isReplyDue),
      isJudging: () => this.#overlaps.isJudging,
      fillReply: (latestAtMs) => this.#replying.fillers.fillReply(latestAtMs),
      sayWhileToolRuns: () => this.#sayWhileToolRuns(),
    });
    this.#captions = new Captions({
      room,
      agent: () => room.localParticipant,
      caller: () => this.#roomIo.linkedParticipant,
      logger,
    });
    const currentTurn = () => this.#replies.currentTurn();
    this.#mouth = new Mouth(systemClock, {
      onStarted: (_atMs, spoken) => {
        spoken?.turn?.mark('playoutStartedAtMs');
        this.#waiting.end();
        this.#tellPhase();
      },
      // An opening or a filler is over, and what it began does not come.
      onDry: () => this.#waiting.goOn(),
      onFlowing: () => this.#waiting.end(),
      onQueued: (ms) => measurements.observe('turnwise_output_queue_seconds', {}, ms),
      onSaying: (spoken, givenMs) => this.#captions.show(spoken, spoken.shownAt(givenMs)),
      onAnswerStarted: (spoken) => spoken.turn?.mark('answerStartedAtMs'),
      onStopped: (atMs, isInterrupted, spoken) => {
        spoken?.turn?.mark('playoutEndedAtMs');
        if (spoken !== undefined) this.#captions.end(spoken, spoken.shown);
        if (!isInterrupted && spoken !== undefined) this.#tellAsked(spoken.said);
        // What was said may have been a filler only.
        if (!isInterrupted) this.#waiting.goOn();
        this.#tellPhase();
        this.#overlaps.noteStopped(atMs, isInterrupted);
      },
    });
    this.#overlaps = new Overlaps({
      mouth: this.#mouth,
      measurements,
      nowMs: () => systemClock.nowMs(),
      latestTurn: () => turnLog.latest,
      interrupt: (mayContinue) => this.#interrupt(mayContinue),
    });
    this.#hearing = new Hearing({
      ...{
        callId,
        room,
        settings,
        profile,
        assistant,
        silero: options.silero,
        measurements,
        memory,
        logger,
        errors: this.#errors,
      },
      callerIdentity: () => this.#roomIo.linkedParticipant?.identity,
      played: () => (this.#mouth.isSpeaking ? this.#mouth.playedLevels : []),
      events: {
        onDraft: (words) => this.#onDraft(words),
        onUndraft: () => this.#replying.drop('changed'),
        onCommit: (turn) => this.#onCommit(turn),
        onMissed: (spokenUntilMs) => this.#onMissed(spokenUntilMs),
        onDuck: (mayContinue) => this.#overlaps.duck(mayContinue),
        onHush: () => this.#overlaps.hush(),
        onUnduck: () => this.#overlaps.unduck(),
        onJudged: (verdict, overlapMs) => this.#overlaps.judged(verdict, overlapMs),
      },
    });
    this.#replying = new Replying({
      ...{ settings, profile, assistant, measurements, memory, clock: systemClock, errors: this.#errors },
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
    this.#session = createSession({ ear: this.#hearing.ear, model: this.#replying.model, voice: this.#replying.voice });
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
        onRunning: (change) => this.#waiting.noteTool(change),
        onLate: (outcome) => this.#agent.remember(outcome),
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
      // What is said on both sides `captions` tells the room; what was heard of a reply that is cut, the mouth says itself.
      outputOptions: { transcriptionEnabled: false },
    });
  }

  /** Opens what a call needs of others; for the moment at which the job is taken, before there is a room. */
  warm(): void {
    if (!this.#options.profile.techniques.warm) return;
    this.#hearing.warm();
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
  async greet(caller: Pick<RemoteParticipant, 'identity'>): Promise<void> {
    const linkedAtMs = systemClock.nowMs();
    const { assistant, measurements } = this.#options;
    const { turnLog } = this.#accounts;
    const turnBefore = turnLog.latest;
    this.#accounts.takeReports(caller);
    this.#roomIo.setParticipant(caller.identity);
    // Said before anybody hears it, the greeting would lose its beginning.
    const published = await within(PUBLISHED_WITHIN_MS, 'Publishing the voice', Promise.resolve(this.#published));
    const subscribed = published?.waitForSubscription();
    await Promise.race([subscribed, sleep(SUBSCRIBED_WITHIN_MS, undefined, { ref: false })]);
    this.#isGreeted = true;
    // Who has said something meanwhile is answered; a greeting behind that answer would be none.
    if (this.#isClosed || turnLog.latest !== turnBefore) return;
    turnLog.openGreeting();
    const noteSounding = () => measurements.observe('turnwise_greeting_seconds', {}, systemClock.nowMs() - linkedAtMs);
    this.#mouth.once(voice.AudioOutput.EVENT_PLAYBACK_STARTED, noteSounding);
    // Where callers may not interrupt, the ear holds back what begins over it. What began before it is a turn all the same, which the
    // framework would drop behind a speech that is not to be interrupted (agent_activity.ts, `userTurnCompleted` of 1.8.1).
    const greeting = this.#session.say(assistant.greeting);
    // One that was cut before it sounded leaves the next speech to be no greeting.
    greeting.addDoneCallback(() => this.#mouth.off(voice.AudioOutput.EVENT_PLAYBACK_STARTED, noteSounding));
  }

  /** Takes in what the caller's audio, or the recogniser, would have brought (`rehearsal/`). */
  rehearse(heard: Int16Array | ListenerInput): void {
    const { ear } = this.#hearing;
    if (heard instanceof Int16Array) ear.hear([heard]);
    else ear.rehearse(heard);
  }

  /** Ends the session and gives back the sockets. May be called twice. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#replyTimer);
    this.#waiting.end();
    this.#hearing.stop();
    this.#captions.close();
    this.#accounts.close();
    await this.#session
      .close()
      .catch((error: unknown) => this.#options.logger.warn({ error }, 'session did not close'));
    const parts = [this.#roomIo, this.#mouth, this.#hearing, this.#replying];
    await Promise.allSettled(parts.map((part) => part.close()));
  }

  #listenToSession(): void {
    const { onClosed } = this.#options;
    const { AgentSessionEventTypes: events } = voice;
    this.#session.on(events.SpeechCreated, ({ speechHandle }) => {
      this.#isReplyDue = false;
      this.#replies.follow(speechHandle);
    });
    this.#session.on(events.UserInputTranscribed, ({ transcript, isFinal }) =>
      this.#captions.heard(transcript, isFinal),
    );
    this.#session.on(events.ConversationItemAdded, ({ item }) => {
      if (item.type !== 'message') return;
      const messages = this.#agent.keepHeard(item);
      for (const message of messages) this.#replies.noteMessage(message);
      if (item.role === 'assistant' && item.interrupted) this.#tellAsked(messages.map(textOf).join(' '));
    });
    this.#session.on(events.Error, ({ error }) => {
      const source = error.type === 'llm_error' ? 'llm' : error.type === 'tts_error' ? 'tts' : 'stt';
      const reason = 'error' in error ? error.error : new Error(error.message);
      this.#errors.note(this.#options.settings[source][0].provider, source, reason);
    });
    this.#session.on(events.Close, ({ reason }) => {
      this.#accounts.turnLog.closeAll();
      onClosed(String(reason), reason === voice.CloseReason.ERROR ? 'failed' : 'completed');
    });
  }

  #tellPhase(): void {
    const isReplying = this.#replies.isAnyOpen || this.#isReplyDue;
    const phase = this.#mouth.isSpeaking ? 'speaking' : isReplying ? 'replying' : 'idle';
    if (phase === 'idle') {
      this.#saying = '';
      this.#waiting.end();
      void this.#window.tidy(this.#caller.told(this.#agent.chatCtx.items));
    }
    this.#hearing.ear.setAgentPhase(phase, this.#saying);
  }

  /** Tells what the caller was asked, as far as it was heard. */
  #tellAsked(said: string): void {
    const question = questionIn(said, this.#options.assistant.language);
    this.#hearing.ear.setAsked(question);
    this.#replying.setAsked(question);
  }

  /** Stops every reply that is on its way or being spoken. @param mayContinue - As in {@link Overlaps}. */
  #interrupt(mayContinue = false): void {
    if (this.#isClosed) return;
    this.#replies.markInterrupted(mayContinue);
    this.#session.interrupt({ force: true });
    this.#replying.cut();
    // The framework empties it only once a capture has ended that a hushed voice never ends (generation.ts:1188 of 1.8.1).
    this.#mouth.clearBuffer();
    this.#waiting.end();
  }

  /** A reply may be begun to words that are not committed yet. */
  #onDraft(heard: DraftWords): void {
    if (this.#isClosed) return;
    // First, as it is asked for again with each window.
    if (!this.#replying.isWorthBeginning(heard)) {
      this.#hearing.ear.refuseDraft(heard.text);
      return;
    }
    const prospect = this.#caller.prospect(heard);
    if (prospect === undefined) return;
    const items = this.#caller.told(this.#agent.chatCtx.items, prospect.untold);
    const prompt = this.#agent.promptFor(this.#window.of(withWords(items, prospect.text)));
    this.#replying.speculate(heard, prompt, (isReady) => this.#hearing.ear.setDraft(heard.text, isReady));
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
    this.#waiting.begin(systemClock.nowMs() - heard.speechEndedAtMs);
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

  #sayWhileToolRuns(): boolean {
    const text = this.#replying.fillers.ofTool();
    if (text === undefined) return false;
    this.#accounts.turnLog.latest?.mark('fillerAtMs');
    this.#session.say(text, { addToChatCtx: false });
    return true;
  }

  #onMissed(spokenUntilMs: number): void {
    // Before the greeting, and while a good reply is on its way, a noise is no reason to ask.
    if (!this.#isGreeted || this.#mouth.isSpeaking || this.#replies.isAnyOpen || this.#isClosed) return;
    this.#session.say(this.#caller.miss(spokenUntilMs));
  }

  /** Typed words are sure, and stop the voice as spoken ones do. */
  #onTyped(received: string): void {
    const text = received.trim().slice(0, MAX_TYPED);
    if (text === '') return;
    this.#interrupt();
    this.#replying.drop('abandoned');
    this.#hearing.ear.noteTyped();
    // What was guessed of words that are not answered now is taken back, and what is said next stands below.
    this.#captions.takeBackGuess();
    this.#caller.type(text);
    this.#waiting.begin();
    this.#session.generateReply({ userInput: text });
  }
}

function textOf({ textContent }: llm.ChatMessage): string {
  return textContent ?? '';
}
