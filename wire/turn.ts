/**
 * What the worker tells the room about each turn, and what a caller's client tells the worker about it.
 * These schemas are the contract between programs; each receiver parses with them and trusts nothing else.
 */
import { z } from 'zod';

/** Text stream topic on which the worker sends one {@link TurnDocument} as JSON per turn. */
export const TURN_TOPIC = 'turnwise.turn';

/** RPC method by which a client reports a {@link HeardReport} to the agent. */
export const HEARD_RPC_METHOD = 'turnwise.heard';

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

/** The instants of one turn; what did not happen in it is absent. */
export const TurnInstants = z.object({
  speechStartedAtMs: InstantMs.optional(),
  speechEndedAtMs: InstantMs.optional(),
  finalAtMs: InstantMs.optional(),
  committedAtMs: InstantMs.optional(),
  llmRequestedAtMs: InstantMs.optional(),
  firstTokenAtMs: InstantMs.optional(),
  ttsRequestedAtMs: InstantMs.optional(),
  firstByteAtMs: InstantMs.optional(),
  playoutStartedAtMs: InstantMs.optional(),
  /** First frame of the answer itself, where an opening or a filler was said before it. */
  answerStartedAtMs: InstantMs.optional(),
  playoutEndedAtMs: InstantMs.optional(),
});
export type TurnInstants = z.infer<typeof TurnInstants>;

/**
 * Where the response latency went. The durations add up to `responseMs`; a stage that speculation hid is charged only for
 * what it still cost.
 */
export const TurnStages = z.object({
  endpointingMs: DurationMs,
  llmMs: DurationMs,
  textAggregationMs: DurationMs,
  ttsMs: DurationMs,
  playoutMs: DurationMs,
});
export type TurnStages = z.infer<typeof TurnStages>;

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
  /** Raw component figures: what each took by itself, whether or not anyone waited for it. */
  components: z.object({
    sttFinalMs: DurationMs.optional(),
    llmTtftMs: DurationMs.optional(),
    ttsTtfbMs: DurationMs.optional(),
  }),
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

/** A client's own measurement of one turn, from the sound it sent and the sound it heard. */
export const HeardReport = z.strictObject({
  schema: z.literal(1),
  turn: z.number().int().nonnegative().max(100_000),
  /** End of own speech to first audible agent sound. */
  heardResponseMs: z.number().positive().max(60_000),
});
export type HeardReport = z.infer<typeof HeardReport>;
