/**
 * One call: what the framework runs in each of its job processes. Prewarm loads what a call needs; the entry joins the room,
 * waits for the caller and holds the conversation until they leave.
 */
import { hostname } from 'node:os';
import { AutoSubscribe, defineAgent, type JobContext, type JobProcess } from '@livekit/agents';
import { type RemoteParticipant, RoomEvent } from '@livekit/rtc-node';
import { type Assistant, createAssistant } from './assistant.js';
import { CALL_SETTINGS_VARIABLE, CallSettings, parseDispatchMetadata } from './config/call-settings.js';
import { PROFILES, withoutTechniques } from './config/profiles.js';
import { systemClock } from './conversation/clock.js';
import { Conversation } from './conversation/conversation.js';
import { MOUTH_SAMPLE_RATE_HZ } from './conversation/mouth.js';
import { boundDisconnect } from './leave-room.js';
import { assistantTexts } from './phrases/assistant-texts.js';
import { phraseKey } from './phrases/phrase.js';
import { PhraseCache } from './phrases/phrase-cache.js';
import { Silero } from './providers/silero.js';
import { rehearseCall } from './rehearsal/rehearse-call.js';
import { rehearseRoom } from './rehearsal/rehearse-room.js';
import type { CallRecord } from './telemetry/call-record.js';
import { createLogger, type Logger } from './telemetry/logger.js';
import { MetricSender } from './telemetry/metric-sender.js';
import { Vitals } from './telemetry/vitals.js';
import { withoutTexts } from './telemetry/without-texts.js';
import { emotionsOf } from './turn/emotion.js';
import { within } from './within.js';

/** What one process holds ready for its call. */
interface Prepared {
  readonly settings: CallSettings;
  readonly silero: Silero;
  readonly assistant: Assistant;
  readonly phrases: PhraseCache;
  readonly measurements: MetricSender;
  readonly logger: Logger;
}

/** How long the agent waits for a caller, and for one whose connection was lost to come back, in ms. */
const CALLER_TIMEOUT_MS = 20_000;
const ALONE_CHECK_MS = 1_000;
/** How long a conversation may take to close, in ms: the framework's part of it waits for tools and native code without limit. */
const CLOSES_WITHIN_MS = 5_000;
/** How long the end of a call may wait for its room to be closed, in ms; a request to the SFU takes some. */
const CLOSES_ROOM_WITHIN_MS = 1_000;

/** The process's preparation, kept where the framework's untyped `userData` need not be trusted. */
let prepared: Prepared | undefined;

async function prewarm(_process: JobProcess): Promise<void> {
  const settings = CallSettings.parse(JSON.parse(process.env[CALL_SETTINGS_VARIABLE] ?? '{}'));
  // Before all else, so that the parent knows of this process while it loads.
  const measurements = new MetricSender(settings.metricsSocket);
  const silero = await Silero.load();
  const assistant = createAssistant({ ordersDb: settings.ordersDb });
  const phrases = await PhraseCache.open(
    settings.phrasesDir,
    phraseKey(settings.tts[0], assistant.language, MOUTH_SAMPLE_RATE_HZ),
    assistantTexts(assistant),
    { emotionOf: emotionsOf(PROFILES[settings.profile].emotions, assistant.emotion) },
  );
  const logger = createLogger('call', settings.logLevel);
  // A call is held without them, too; only its greeting and its first turn are slower.
  await rehearseRoom().catch((error: unknown) => logger.warn({ error }, 'the rehearsal of a room failed'));
  await rehearseCall({ settings, silero, assistant, phrases, logger }).catch((error: unknown) =>
    logger.warn({ error }, 'the rehearsal of a call failed'),
  );
  prepared = { settings, silero, assistant, phrases, measurements, logger };
  // The monotonic clock begins with the process.
  measurements.observe('lk_agents_proc_initialize_duration_seconds', { nodename: hostname() }, performance.now());
  measurements.setState('warm');
}

async function entry(ctx: JobContext): Promise<void> {
  if (prepared === undefined) throw new Error('The call began before its process was prepared.');
  const { settings, silero, assistant, measurements, logger: processLogger } = prepared;
  measurements.setState('busy');
  const callId = ctx.job.id;
  const logger = processLogger.child({ callId });
  const { profile: asked, without = [], problem } = parseDispatchMetadata(ctx.job.metadata);
  if (problem !== undefined) logger.warn({ problem }, 'dispatch not understood, using the default profile');
  const profile = withoutTechniques(PROFILES[asked ?? settings.profile], without);
  const phrases = prepared.phrases.speaking(emotionsOf(profile.emotions, assistant.emotion));
  process.on('unhandledRejection', (reason) => logger.error({ error: reason }, 'unhandled rejection in a call'));
  const vitals = profile.techniques.accounts ? new Vitals(measurements) : undefined;
  const recorder = (record: CallRecord) => {
    if (profile.techniques.accounts) measurements.record(settings.keepsTexts === true ? record : withoutTexts(record));
  };
  recorder({ type: 'call-started', callId, profile: profile.name, startedAtUnixMs: Date.now() });

  /** The first thing that ended the call; what closes after it ends nothing any more. */
  let outcome: string | undefined;
  let conversation: Conversation | undefined;
  let stopWatching = () => {};
  ctx.addShutdownCallback(async () => {
    stopWatching();
    // Whatever keeps the conversation from closing, the call's end is told.
    const closed = conversation?.close() ?? Promise.resolve();
    await within(CLOSES_WITHIN_MS, 'Closing the conversation', closed).catch((error: unknown) =>
      logger.error({ error }, 'the conversation did not close'),
    );
    const ended = { outcome: outcome ?? 'completed' };
    recorder({ type: 'call-ended', callId, endedAtUnixMs: Date.now(), ...ended });
    measurements.endCall(ended.outcome);
    vitals?.close();
    await measurements.close();
    const { droppedEvents } = measurements;
    if (droppedEvents > 0) logger.warn({ droppedEvents }, 'not all that the call measured was taken');
    assistant.close();
    logger.info(ended, 'call ended');
  });
  const end = (reason: string, how: string) => {
    outcome ??= how;
    void closeEmptyRoom(ctx).finally(() => ctx.shutdown(reason));
  };

  boundDisconnect(ctx.room);
  ctx.room.on(RoomEvent.Disconnected, () => {
    // The room went away under the call: nobody asked for its end.
    outcome ??= 'lost';
  });
  // Under way while the conversation is made: nothing of the room can come before this turn of the event loop is over.
  const connecting = ctx.connect(undefined, AutoSubscribe.AUDIO_ONLY);
  // Where the conversation cannot be made nobody waits for the room any more.
  connecting.catch(() => undefined);
  try {
    conversation = new Conversation({
      callId,
      room: ctx.room,
      settings,
      profile,
      assistant,
      phrases,
      silero,
      measurements,
      memory: measurements.memory,
      recorder,
      logger,
      onClosed: end,
    });
    // Beside the room's own connection: whatever is open by the time the caller speaks costs no turn anything.
    conversation.warm();
    // What was synthesised since this process was loaded is read now, when nobody is there to hear that it takes time.
    const refreshed = phrases.refresh(assistantTexts(assistant));
    await connecting;
    const waiting = waitForCaller(ctx);
    await conversation.prepare();
    await refreshed;
    const caller = await waiting;
    if (caller === undefined) {
      end('no caller came', 'no_caller');
      return;
    }
    logger.info({ profile: profile.name }, 'caller joined');
    stopWatching = endWhenAlone(ctx, caller, () => end('caller did not come back', 'lost'));
    await conversation.greet(caller);
  } catch (error) {
    logger.error({ error }, 'the conversation could not begin');
    end('failed to begin', 'failed');
  }
}

/**
 * Whoever comes to the room from now on would find it without an agent, as only a new one brings one: who opens it next gets it.
 * Not where it is another's by now: this agent may have lost its room, or somebody came this very moment. Never rejects.
 */
async function closeEmptyRoom(ctx: JobContext): Promise<void> {
  if (!ctx.room.isConnected || ctx.room.remoteParticipants.size > 0) return;
  await within(CLOSES_ROOM_WITHIN_MS, 'Closing the room', ctx.deleteRoom()).catch(() => undefined);
}

/** The first participant that is no agent; `undefined` when nobody comes in time or the room goes away. */
function waitForCaller(ctx: JobContext): Promise<RemoteParticipant | undefined> {
  return within(CALLER_TIMEOUT_MS, 'Waiting for the caller', ctx.waitForParticipant()).catch(() => undefined);
}

/**
 * A caller who hangs up ends the call at once (the framework's doing); one whose connection was lost may come back. Looked at
 * by the clock, not by events: a room that was rebuilt after its SFU went away has lost its callers without saying so.
 * @returns Ends the watch.
 */
function endWhenAlone(ctx: JobContext, caller: RemoteParticipant, onAlone: () => void): () => void {
  let aloneSinceMs: number | undefined;
  const watch = setInterval(() => {
    const isThere = [...ctx.room.remoteParticipants.values()].some(({ identity }) => identity === caller.identity);
    aloneSinceMs = isThere ? undefined : (aloneSinceMs ?? systemClock.nowMs());
    if (aloneSinceMs === undefined || systemClock.nowMs() - aloneSinceMs < CALLER_TIMEOUT_MS) return;
    clearInterval(watch);
    onAlone();
  }, ALONE_CHECK_MS);
  return () => clearInterval(watch);
}

export default defineAgent({ prewarm, entry });
