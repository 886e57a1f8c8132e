import { randomUUID } from 'node:crypto';
import { AccessToken, RoomAgentDispatch, RoomConfiguration, TrackSource } from 'livekit-server-sdk';
import type { TokenWishes } from './token-request.js';

/** How long a token opens the door, in seconds. The SFU renews it for those inside, so it need not outlast a call. */
export const TOKEN_TTL_S = 600;

/** How long a room waits for its first caller before it ends, in seconds. */
const EMPTY_TIMEOUT_S = 60;

/** How long a room outlives its last person, in seconds; above the client's own time to reconnect (about 15 s). */
const DEPARTURE_TIMEOUT_S = 20;

export interface TokenIssuerOptions {
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly agentName: string;
}

/**
 * Signs a token for one person to talk with the agent in one room: a microphone to publish, the agent to hear, text both
 * ways, nothing else. The agent is asked for in the token itself, so it comes when the person does.
 */
export async function issueToken(wishes: TokenWishes, options: TokenIssuerOptions): Promise<string> {
  const token = new AccessToken(options.apiKey, options.apiSecret, {
    ttl: TOKEN_TTL_S,
    identity: wishes.identity ?? `caller-${randomUUID()}`,
    ...(wishes.name !== undefined && { name: wishes.name }),
    ...(wishes.metadata !== undefined && { metadata: wishes.metadata }),
    ...(wishes.attributes !== undefined && { attributes: { ...wishes.attributes } }),
  });
  token.addGrant({
    room: wishes.roomName ?? `call-${randomUUID()}`,
    roomJoin: true,
    canPublish: true,
    canPublishSources: [TrackSource.MICROPHONE],
    canSubscribe: true,
    canPublishData: true,
    canUpdateOwnMetadata: false,
  });
  token.roomConfig = new RoomConfiguration({
    emptyTimeout: EMPTY_TIMEOUT_S,
    departureTimeout: DEPARTURE_TIMEOUT_S,
    agents: [
      new RoomAgentDispatch({ agentName: options.agentName, metadata: JSON.stringify({ profile: wishes.profile }) }),
    ],
  });
  return token.toJwt();
}
