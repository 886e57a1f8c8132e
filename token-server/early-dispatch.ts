import {
  type AccessToken,
  RoomAgentDispatch,
  RoomConfiguration,
  RoomServiceClient,
  ServerError,
} from 'livekit-server-sdk';

/** How long a room waits for its first caller before it ends, in seconds; above the 20 s that the agent waits for one. */
const EMPTY_TIMEOUT_S = 30;

/** How long a room outlives its last person, in seconds; above the client's own time to reconnect (about 15 s). */
const DEPARTURE_TIMEOUT_S = 20;

/** How long the SFU may take to open a room, in seconds, before the token brings the agent: the caller waits meanwhile. */
const SFU_TIMEOUT_S = 1;

/**
 * Who asks for the agent. `early`: this server did, with the room; `token`: the token does, as settings have it; `fallback`:
 * the token does, because the SFU did not open the room.
 */
export type DispatchMode = 'early' | 'token' | 'fallback';

/** What the agent's job is given. */
export interface AgentRequest {
  readonly agentName: string;
  readonly profile: string;
}

/** Why the SFU did not open a room: `refused` by its answer, `away` without one. Names nothing of the caller's. */
export interface EarlyDispatchProblem {
  readonly kind: 'refused' | 'away';
  /** Status of the SFU's answer. */
  readonly status?: number;
}

export interface EarlyDispatchOptions {
  /** ws:// or wss:// URL of the SFU. */
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly isOn: boolean;
  readonly onProblem: (problem: EarlyDispatchProblem) => void;
}

/**
 * Opens rooms with their agent ahead of the caller, so that it joins while the browser still connects.
 *
 * Room and dispatch are one request, which the SFU takes for a new room only: of several callers of one room, at once or one
 * after the other, exactly one brings the agent.
 * @returns a function that asks for the agent of a room; it never throws, and takes {@link SFU_TIMEOUT_S} at most.
 */
export function createEarlyDispatch(
  options: EarlyDispatchOptions,
): (roomName: string, agent: AgentRequest) => Promise<DispatchMode> {
  if (!options.isOn) return async () => 'token';
  const sfu = new RoomServiceClient(options.url.replace(/^ws/, 'http'), options.apiKey, options.apiSecret, {
    requestTimeout: SFU_TIMEOUT_S,
    failover: false,
  });
  return async (roomName, agent) => {
    try {
      await sfu.createRoom({
        name: roomName,
        emptyTimeout: EMPTY_TIMEOUT_S,
        departureTimeout: DEPARTURE_TIMEOUT_S,
        agents: [dispatchOf(agent)],
      });
      return 'early';
    } catch (error) {
      const isAnswer = error instanceof ServerError;
      options.onProblem(isAnswer ? { kind: 'refused', status: error.status } : { kind: 'away' });
      return 'fallback';
    }
  };
}

/**
 * Writes into a token how its room is to be, should the room not be open by then.
 * @param agent - Whom the token brings; absent where the room has its agent already.
 */
export function describeRoom(token: AccessToken, agent?: AgentRequest): void {
  token.roomConfig = new RoomConfiguration({
    emptyTimeout: EMPTY_TIMEOUT_S,
    departureTimeout: DEPARTURE_TIMEOUT_S,
    ...(agent !== undefined && { agents: [dispatchOf(agent)] }),
  });
}

function dispatchOf({ agentName, profile }: AgentRequest): RoomAgentDispatch {
  return new RoomAgentDispatch({ agentName, metadata: JSON.stringify({ profile }) });
}
