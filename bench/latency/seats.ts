/** Seats of callers in rooms of their own, each with the agent of an arm on its way. */
import { AccessToken, RoomAgentDispatch, RoomConfiguration, RoomServiceClient } from 'livekit-server-sdk';
import type { Seat } from '../caller/tokens.js';
import type { SfuKeys } from '../interruptions/round-trip.js';

/** How long a room with its agent waits for the caller, in seconds: as that of the token server. */
const EARLY_ROOM_S = 30;
const TOKEN_TTL = '1h';

export interface AgentCall {
  readonly agentName: string;
  /** Handed to the agent's worker; empty: nothing. */
  readonly metadata: string;
  /** Opens the room with its agent before the token is given, as the token server does; else the token brings the agent. */
  readonly isEarly: boolean;
}

export interface SeatIds {
  readonly roomName: string;
  readonly identity: string;
}

/** @throws Error when the SFU opens no room. */
export async function seatWithAgent(
  { url, apiKey, apiSecret }: SfuKeys,
  { roomName, identity }: SeatIds,
  { agentName, metadata, isEarly }: AgentCall,
): Promise<Seat> {
  const agents = [new RoomAgentDispatch({ agentName, metadata })];
  const token = new AccessToken(apiKey, apiSecret, { identity, ttl: TOKEN_TTL });
  token.addGrant({ roomJoin: true, room: roomName, canPublish: true, canSubscribe: true, canPublishData: true });
  if (isEarly) {
    const server = new RoomServiceClient(url.replace(/^ws/, 'http'), apiKey, apiSecret, { failover: false });
    await server.createRoom({ name: roomName, emptyTimeout: EARLY_ROOM_S, agents });
  } else {
    token.roomConfig = new RoomConfiguration({ agents });
  }
  return { url, token: await token.toJwt() };
}
