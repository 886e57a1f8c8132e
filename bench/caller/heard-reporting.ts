/** Tells the agent what was heard of a turn, with what rtc-node knows of the way. */
import { HEARD_RPC_METHOD, type HeardReport, type TurnDocument } from '../../wire/turn.js';
import { type AudioPath, jitterBufferMsBetween, readAudioPath } from './audio-path.js';
import type { CallRoom } from './call-room.js';
import { messageOf } from './errors.js';

/** How long the agent may take to answer to a report, in ms. */
const ANSWER_TIMEOUT_MS = 3_000;

export interface HeardReportingOptions {
  readonly call: Pick<CallRoom, 'room' | 'agent' | 'agentTrackSid'>;
  /** Whether reports are sent, or only made. */
  readonly sends: boolean;
  readonly onProblem: (problem: string) => void;
}

export class HeardReporting {
  readonly #options: HeardReportingOptions;

  constructor(options: HeardReportingOptions) {
    this.#options = options;
  }

  /** The way as it is now; nothing is known of it where rtc-node does not answer. */
  async readPath(): Promise<AudioPath> {
    const { room, agentTrackSid } = this.#options.call;
    return readAudioPath(room, agentTrackSid).catch(() => ({}));
  }

  /**
   * Makes the report of a turn and sends it. No loudspeaker plays what is heard here, so that there is no `playoutMs`.
   * @param before - The way at the answer's first sound.
   */
  async report({ turn }: TurnDocument, heardResponseMs: number, before: AudioPath): Promise<HeardReport> {
    const after = await this.readPath();
    const jitterBufferMs = jitterBufferMsBetween(before, after);
    const report: HeardReport = {
      schema: 1,
      turn,
      heardResponseMs: Math.max(1, heardResponseMs),
      ...(after.roundTripMs !== undefined && { roundTripMs: after.roundTripMs }),
      ...(jitterBufferMs !== undefined && { jitterBufferMs }),
    };
    await this.#send(report);
    return report;
  }

  async #send(report: HeardReport): Promise<void> {
    const { call, sends, onProblem } = this.#options;
    if (!sends || call.agent === undefined) return;
    const request = {
      destinationIdentity: call.agent.identity,
      method: HEARD_RPC_METHOD,
      payload: JSON.stringify(report),
    };
    try {
      await call.room.localParticipant?.performRpc({ ...request, responseTimeout: ANSWER_TIMEOUT_MS });
    } catch (error) {
      onProblem(`The agent did not take the report of turn ${report.turn}: ${messageOf(error)}`);
    }
  }
}
