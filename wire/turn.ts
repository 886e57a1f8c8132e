/**
 * What the worker tells the room about each turn, and what a caller's client tells the worker about it.
 * These schemas are the contract between programs; each receiver parses with them and trusts nothing else.
 */
import { z } from 'zod';

/** Text stream topic on which the worker sends one {@link TurnDocument} as JSON per turn. */
export const TURN_TOPIC = 'turnwise.turn';

/** RPC method by which a client reports a {@link HeardReport} to the agent; answered with `taken` or `refused`. */
export const HEARD_RPC_METHOD = 'turnwise.heard';

/** RPC method by which a caller says how the call was, once: a {@link Feedback}. */
export const FEEDBACK_RPC_METHOD = 'turnwise.feedback';
export const Feedback = z.strictObject({ schema: z.literal(1), rating: z.enum(['up', 'down']) });
export type Feedback = z.infer<typeof Feedback>;

/** Names of participant attributes that the agent sets beside LiveKit's own `lk.agent.state`. */
export const AGENT_ATTRIBUTES = {
  /** Who recognises speech, for people: `deepgram/nova-3`, or the local engine's name. */
  engine: 'turnwise.engine',
  /** JSON array of example phrases the engine understands; absent when it understands free speech. */
  phrases: 'turnwise.phrases',
  /** Consecutive turns in which speech was heard but not understood, as a decimal integer. */
  misses: 'turnwise.misses',
} as const;

/** Most pieces of evidence that one wait is explained by. */
export const WAITING_MAX_PIECES = 24;

/** An instant in ms since the call began, on the worker's monotonic clock. */
const InstantMs = z.number().nonnegative();
/** A duration in ms. */
const DurationMs = z.number().nonnegative();

export const TurnOutcome = z.enum(['answered', 'interrupted', 'unanswered']);
export type TurnOutcome = z.infer<typeof TurnOutcome>;

/** The instants of one turn, in the order in which they mostly happen; what did not happen in it is absent. */
export const TurnInstants = z.object({
  speechStartedAtMs: InstantMs.optional(),
  /** End of speech by its level, by the caller's samples: a voice detector holds on to it for longer. */
  speechEndedAtMs: InstantMs.optional(),
  /** The voice detector took the speech for ended. */
  vadEndedAtMs: InstantMs.optional(),
  /** The recogniser's last words that were not final. */
  lastInterimAtMs: InstantMs.optional(),
  finalAtMs: InstantMs.optional(),
  /** The reply was begun to words that were not known to be the last ones. */
  speculatedAtMs: InstantMs.optional(),
  committedAtMs: InstantMs.optional(),
  /** The framework asked for the reply. */
  adoptedAtMs: InstantMs.optional(),
  /** First request for the answer that was said. */
  llmRequestedAtMs: InstantMs.optional(),
  /** Of the requests for it, the one that was answered: a later one where others failed or were late. */
  llmWinnerRequestedAtMs: InstantMs.optional(),
  /** First call of a tool, and the end of the last one. */
  toolsStartedAtMs: InstantMs.optional(),
  toolsEndedAtMs: InstantMs.optional(),
  firstTokenAtMs: InstantMs.optional(),
  /** The first clause was whole. */
  firstClauseAtMs: InstantMs.optional(),
  ttsRequestedAtMs: InstantMs.optional(),
  /** Of the requests to synthesisers, the one whose sound was heard first. */
  ttsWinnerRequestedAtMs: InstantMs.optional(),
  /** Of that request's sound. */
  firstByteAtMs: InstantMs.optional(),
  /** First sample that can be heard. */
  firstAudibleAtMs: InstantMs.optional(),
  /** First frame of it came to where the voice leaves for the room. */
  voiceReadyAtMs: InstantMs.optional(),
  playoutStartedAtMs: InstantMs.optional(),
  /** First frame of the answer itself, where an opening or a filler was said before it. */
  answerStartedAtMs: InstantMs.optional(),
  playoutEndedAtMs: InstantMs.optional(),
});
export type TurnInstants = z.infer<typeof TurnInstants>;

/**
 * Where the response latency went. The durations add up to `responseMs`: each interval is charged to the stage that was last
 * waited for, so that a stage that speculation hid is charged only for what it still cost.
 */
export const TurnStages = z.object({
  /** For the recogniser's words. */
  sttMs: DurationMs,
  /** For more silence, the words being there. */
  endpointingMs: DurationMs,
  llmMs: DurationMs,
  toolsMs: DurationMs,
  textAggregationMs: DurationMs,
  ttsMs: DurationMs,
  playoutMs: DurationMs,
  /** What no stage accounts for: hand-overs between them, within this program and the framework. */
  unexplainedMs: DurationMs,
});
export type TurnStages = z.infer<typeof TurnStages>;

/** The stages in the order in which they mostly happen, each with its short name. */
export const STAGE_NAMES: readonly (readonly [keyof TurnStages, string])[] = [
  ['sttMs', 'STT'],
  ['endpointingMs', 'endpointing'],
  ['llmMs', 'LLM'],
  ['toolsMs', 'tools'],
  ['textAggregationMs', 'first clause'],
  ['ttsMs', 'TTS'],
  ['unexplainedMs', 'unexplained'],
  ['playoutMs', 'playout'],
];

/** The same as label values of `turnwise_stage_seconds`. */
export const STAGE_LABELS = {
  sttMs: 'stt',
  endpointingMs: 'endpointing',
  llmMs: 'llm',
  toolsMs: 'tools',
  textAggregationMs: 'text_aggregation',
  ttsMs: 'tts',
  playoutMs: 'playout',
  unexplainedMs: 'unexplained',
} as const satisfies Record<keyof TurnStages, string>;

/** Work that was done while something else was waited for, and so cost nobody any time. */
export const HiddenWork = z.object({ llmMs: DurationMs, textAggregationMs: DurationMs, ttsMs: DurationMs });
export type HiddenWork = z.infer<typeof HiddenWork>;

/** Who listened, thought and spoke: who answered, else who was to be asked first. */
const ProviderName = z.object({ provider: z.string().max(64), model: z.string().max(128) });
export const TurnProviders = z.object({ stt: ProviderName, llm: ProviderName, tts: ProviderName });
export type TurnProviders = z.infer<typeof TurnProviders>;

/**
 * Why the worker went on waiting before it took the turn for over: each piece of evidence by name, with what it added to the
 * wait in ms (less than 0: it took from it). They add up to `waitMs`,
 * but for rounding.
 */
export const TurnWaiting = z.object({
  /** Silence that was waited for. */
  waitMs: DurationMs,
  /** Silence there had been at the commit; above `waitMs` where the recogniser's words came later. */
  silenceMs: DurationMs,
  contributions: z
    .record(z.string().max(40), z.number())
    .refine((pieces) => Object.keys(pieces).length <= WAITING_MAX_PIECES, 'names too many pieces of evidence'),
  /** The turn model's scores of the pause, oldest first. */
  scores: z.array(z.number().min(0).max(1)).max(8),
});
export type TurnWaiting = z.infer<typeof TurnWaiting>;

/** What speech over the agent's voice was taken for. */
export const OverlapName = z.enum(['interruption', 'backchannel', 'noise', 'echo']);
export type OverlapName = z.infer<typeof OverlapName>;

export const TurnDocument = z.object({
  schema: z.literal(1),
  callId: z.string().min(1).max(128),
  /** Counts from 1 within a call; the greeting is turn 0. */
  turn: z.number().int().nonnegative(),
  profile: z.string().max(32),
  outcome: TurnOutcome,
  /** What the caller was heard to say; empty for the greeting. */
  said: z.string().max(10_000),
  /** What the agent said, as far as it was played. */
  reply: z.string().max(20_000),
  instants: TurnInstants,
  /** Absent when the turn got no sound. */
  responseMs: DurationMs.optional(),
  stages: TurnStages.optional(),
  /** Absent where nothing was begun before the turn was over. */
  hidden: HiddenWork.optional(),
  /** End of speech to the answer's own first sound; absent where nothing was said before it. */
  answerMs: DurationMs.optional(),
  /** Raw component figures: what each took by itself, whether or not anyone waited for it. */
  components: z.object({
    /** End of speech to the decision that the turn is over. */
    endpointingMs: DurationMs.optional(),
    sttFinalMs: DurationMs.optional(),
    llmTtftMs: DurationMs.optional(),
    textAggregationMs: DurationMs.optional(),
    ttsTtfbMs: DurationMs.optional(),
    ttsFirstSoundMs: DurationMs.optional(),
    playoutMs: DurationMs.optional(),
  }),
  providers: TurnProviders.optional(),
  /** Absent where nothing was waited for: greetings, typed turns. */
  waiting: TurnWaiting.optional(),
  /** Its reply was begun before it was over, and used. */
  speculated: z.boolean().optional(),
  /** Speech over the agent's answer, counted by what it was taken for; absent when there was none. */
  overlaps: z.partialRecord(OverlapName, z.number().int().positive()).optional(),
  /** The turn whose words `said` begins with: it was answered too soon. */
  continues: z.number().int().positive().optional(),
  /** The turn that goes on where this one was answered too soon. */
  supersededBy: z.number().int().positive().optional(),
});
export type TurnDocument = z.infer<typeof TurnDocument>;

/**
 * How far below the worker's own response a client's wait can be, in ms. Nobody hears an answer before it was given, but client
 * and worker do not agree on where speech ends: both go by loudness, but what a browser sends and what arrives differ, and a word
 * that dies away lasts for one and not for the other.
 */
export const HEARD_EARLY_MS = 250;
/**
 * How far above it, in ms: what round trip and jitter buffer may take. 2 x 400 are the most that ITU-T G.114 plans a way with, the
 * rest is for a buffer that grew on a bad line. Clients give no wait beyond it to a turn: it may be another one's.
 */
export const HEARD_LATE_MS = 1_500;

/** A client's own measurement of one turn, from the sound it sent and the sound it heard. */
export const HeardReport = z.strictObject({
  schema: z.literal(1),
  turn: z.number().int().nonnegative().max(100_000),
  /** End of own speech to first audible agent sound as it leaves the jitter buffer. */
  heardResponseMs: z.number().positive().max(60_000),
  /** To the SFU and back. */
  roundTripMs: z.number().nonnegative().max(10_000).optional(),
  /** What the agent's sound waited in the jitter buffer. */
  jitterBufferMs: z.number().nonnegative().max(10_000).optional(),
  /** From the jitter buffer to the loudspeaker, as far as the client knows; it comes on top of `heardResponseMs`. */
  playoutMs: z.number().nonnegative().max(10_000).optional(),
});
export type HeardReport = z.infer<typeof HeardReport>;
