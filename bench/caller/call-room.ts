/** The caller's end of a LiveKit room: who the agent is, what it says of its state, and whether the call still stands. */
import {
  ConnectionState,
  DisconnectReason,
  ParticipantKind,
  type RemoteParticipant,
  type RemoteTrack,
  Room,
  RoomEvent,
  TrackKind,
} from '@livekit/rtc-node';
import type { Clock } from '../clock.js';
import { CallError, messageOf } from './errors.js';
import type { Watch } from './watch.js';

/** Attribute that LiveKit's agents keep their state in. */
const AGENT_STATE_ATTRIBUTE = 'lk.agent.state';

/** Longest time to get into the room, in ms; above what two retries of the signalling socket take. */
const CONNECT_TIMEOUT_MS = 15_000;

export interface CallRoomOptions {
  readonly clock: Clock;
  readonly watch: Watch;
  readonly onAgentTrack: (track: RemoteTrack) => void;
  readonly onAgentState: (state: string) => void;
}

export class CallRoom {
  readonly room = new Room();
  readonly #options: CallRoomOptions;
  #agentJoinedAtMs: number | undefined;
  #agentTrackSid: string | undefined;
  #hungUp = false;

  constructor(options: CallRoomOptions) {
    this.#options = options;
    const { watch } = options;
    this.room.on(RoomEvent.ParticipantConnected, (participant) => this.#meet(participant));
    this.room.on(RoomEvent.ParticipantDisconnected, () => watch.changed());
    this.room.on(RoomEvent.TrackSubscribed, (track, _publication, participant) => {
      if (!isAgent(participant) || track.kind !== TrackKind.KIND_AUDIO) return;
      this.#meet(participant);
      this.#agentTrackSid = track.sid;
      options.onAgentTrack(track);
      watch.changed();
    });
    this.room.on(RoomEvent.ParticipantAttributesChanged, (changed, participant) => {
      const state = changed[AGENT_STATE_ATTRIBUTE];
      if (state !== undefined && participant.identity === this.agent?.identity) options.onAgentState(state);
      watch.changed();
    });
    this.room.on(RoomEvent.Disconnected, (reason) => {
      if (this.#hungUp) return;
      const name = DisconnectReason[reason] ?? String(reason);
      watch.end(new CallError('CALL_ENDED', `The call was ended by the other side (${name}).`));
    });
  }

  /**
   * Enters the room.
   * @throws CallError `TOKEN_REFUSED` or `CONNECT_FAILED`, saying which address did not answer.
   */
  async join(url: string, token: string, signal: AbortSignal | undefined): Promise<void> {
    const giveUp = new AbortController();
    const signals = signal === undefined ? [giveUp.signal] : [giveUp.signal, signal];
    const tooLong = this.#options.clock.sleep(CONNECT_TIMEOUT_MS, AbortSignal.any(signals)).then(() => {
      throw new CallError('CONNECT_FAILED', `${url} did not let the caller in within ${CONNECT_TIMEOUT_MS / 1000} s.`);
    });
    const joined = this.room.connect(url, token, { autoSubscribe: true, dynacast: false });
    try {
      await Promise.race([joined, tooLong]);
    } catch (error) {
      // A room that lets us in after we have given up must not be left standing.
      joined.then(() => this.leave()).catch(() => undefined);
      if (error instanceof CallError || signal?.aborted === true) throw error;
      throw asConnectError(url, error);
    } finally {
      giveUp.abort();
      tooLong.catch(() => undefined);
    }
    for (const participant of this.room.remoteParticipants.values()) this.#meet(participant);
  }

  /** The agent, while there is one in the room. */
  get agent(): RemoteParticipant | undefined {
    return [...this.room.remoteParticipants.values()].find(isAgent);
  }

  /** When the first agent was in the room. */
  get agentJoinedAtMs(): number | undefined {
    return this.#agentJoinedAtMs;
  }

  /** Of the track that was heard last. */
  get agentTrackSid(): string | undefined {
    return this.#agentTrackSid;
  }

  get agentState(): string | undefined {
    return this.agent?.attributes[AGENT_STATE_ATTRIBUTE];
  }

  get connected(): boolean {
    return this.room.connectionState === ConnectionState.CONN_CONNECTED;
  }

  /** Leaves the room. May be called twice. */
  async leave(): Promise<void> {
    if (this.#hungUp) return;
    this.#hungUp = true;
    await this.room.disconnect();
  }

  #meet(participant: RemoteParticipant): void {
    if (!isAgent(participant)) return;
    this.#agentJoinedAtMs ??= this.#options.clock.nowMs();
    this.#options.watch.changed();
  }
}

function isAgent(participant: RemoteParticipant): boolean {
  return participant.kind === ParticipantKind.AGENT;
}

function asConnectError(url: string, error: unknown): CallError {
  // The library quotes the token, which is nobody's to read.
  const reason = messageOf(error).replaceAll(/\beyJ[\w.-]+/g, '<token>');
  if (/\b40[13]\b|unauthori[sz]ed|invalid token|permission/i.test(reason)) {
    const message = `${url} refused the token (${reason}). Check LIVEKIT_API_KEY and LIVEKIT_API_SECRET.`;
    return new CallError('TOKEN_REFUSED', message);
  }
  const message = `No call to ${url} (${reason}). Check that the LiveKit server runs; npm start starts one.`;
  return new CallError('CONNECT_FAILED', message, { cause: error });
}
