import type { RemoteParticipant, Room } from '@livekit/rtc-node';
import { AGENT_ATTRIBUTES, HEARD_RPC_METHOD, HeardReport, TURN_TOPIC, type TurnDocument } from '../../wire/turn.js';
import type { Logger } from '../telemetry/logger.js';

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
    this.#logger.info({ turn, outcome, responseMs, stages }, 'turn done');
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
   * Takes reports of what was heard. They come from strangers: only the caller's, and only of the schema.
   * @param take - Whether a turn's report is taken, once a turn.
   */
  takeHeardReports(caller: RemoteParticipant, take: (turn: number, heardResponseMs: number) => boolean): void {
    this.#room.localParticipant?.registerRpcMethod(HEARD_RPC_METHOD, async ({ callerIdentity, payload }) => {
      if (callerIdentity !== caller.identity || payload.length > MAX_REPORT) return 'refused';
      let json: unknown;
      try {
        json = JSON.parse(payload);
      } catch {
        return 'refused';
      }
      const report = HeardReport.safeParse(json);
      if (!report.success) return 'refused';
      return take(report.data.turn, report.data.heardResponseMs) ? 'taken' : 'refused';
    });
  }
}
