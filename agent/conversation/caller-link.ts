import type { RemoteParticipant, Room } from '@livekit/rtc-node';
import type { z } from 'zod';
import {
  AGENT_ATTRIBUTES,
  FEEDBACK_RPC_METHOD,
  Feedback,
  HEARD_RPC_METHOD,
  HeardReport,
  TURN_TOPIC,
  type TurnDocument,
} from '../../wire/turn.js';
import type { Logger } from '../telemetry/logger.js';
import type { Measurements } from '../telemetry/metrics.js';
import { waterfallLine } from '../turn/waterfall.js';
import type { HeardReports } from './heard-reports.js';

/** Longest report taken, in characters. */
const MAX_REPORT = 1_000;

/** What the caller's client is told beside the voice, and what it tells. */
export class CallerLink {
  readonly #room: Room;
  readonly #logger: Logger;
  #misses = 0;

  constructor(room: Room, logger: Logger) {
    this.#room = room;
    this.#logger = logger;
  }

  /** Turns in a row that were not understood. */
  get misses(): number {
    return this.#misses;
  }

  /** Tells a turn's document to the room, and to the log what is no text. */
  publishTurn(document: TurnDocument): void {
    const { turn, outcome, responseMs, stages, waiting, overlaps, continues, supersededBy } = document;
    const waterfall = stages && waterfallLine(stages);
    this.#logger.info({ turn, outcome, responseMs, waterfall }, 'turn done');
    this.#logger.debug({ turn, waiting, overlaps, continues, supersededBy }, 'what its end was waited for');
    if (!this.#room.isConnected) return;
    this.#room.localParticipant
      ?.sendText(JSON.stringify(document), { topic: TURN_TOPIC })
      .catch((error: unknown) => this.#logger.warn({ error }, 'could not send a turn to the room'));
  }

  setMisses(misses: number): void {
    if (misses === this.#misses) return;
    this.#misses = misses;
    this.#room.localParticipant
      ?.setAttributes({ [AGENT_ATTRIBUTES.misses]: String(misses) })
      .catch((error: unknown) => this.#logger.warn({ error }, 'could not tell the room about a miss'));
  }

  /**
   * Takes reports of what was heard. They come from strangers: only the caller's, only a few a second, and only of the schema.
   */
  takeHeardReports(
    caller: Pick<RemoteParticipant, 'identity'>,
    reports: Pick<HeardReports, 'admit' | 'take' | 'refuseMalformed'>,
  ): void {
    this.#room.localParticipant?.registerRpcMethod(HEARD_RPC_METHOD, async ({ callerIdentity, payload }) => {
      if (!reports.admit(callerIdentity === caller.identity ? 'caller' : 'stranger')) return 'refused';
      const report = parsed(HeardReport, payload);
      if (report === undefined) reports.refuseMalformed();
      return report !== undefined && reports.take(report) === 'taken' ? 'taken' : 'refused';
    });
  }

  /** Takes what the caller says of the call, once; the caller alone. */
  takeFeedback(caller: Pick<RemoteParticipant, 'identity'>, measurements: Pick<Measurements, 'count'>): void {
    let isGiven = false;
    this.#room.localParticipant?.registerRpcMethod(FEEDBACK_RPC_METHOD, async ({ callerIdentity, payload }) => {
      // Once it is given, or of a stranger, nothing is parsed.
      const feedback = !isGiven && callerIdentity === caller.identity ? parsed(Feedback, payload) : undefined;
      if (feedback === undefined) return 'refused';
      isGiven = true;
      measurements.count('turnwise_feedback_total', { rating: feedback.rating });
      return 'taken';
    });
  }
}

/** What a payload holds; `undefined` when it is too long, no JSON, or not of the schema. */
function parsed<T extends z.ZodType>(schema: T, payload: string): z.infer<T> | undefined {
  if (payload.length > MAX_REPORT) return undefined;
  try {
    return schema.safeParse(JSON.parse(payload)).data;
  } catch {
    return undefined;
  }
}
