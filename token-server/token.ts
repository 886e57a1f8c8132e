import { randomUUID } from 'node:crypto';
import { AccessToken, TrackSource } from 'livekit-server-sdk';
import { type AgentRequest, describeRoom } from './early-dispatch.js';
import type { TokenWishes } from './token-request.js';

/** How long a token opens the door, in seconds. The SFU renews it for those inside, so it need not outlast a call. */
export const TOKEN_TTL_S = 600;

export interface TokenIssuerOptions {
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Whom the token brings into the room; absent where the agent is asked for already. */
  readonly agent?: AgentRequest | undefined;
}

/** A room for those who name none: nobody can guess it. */
export function newRoomName(): string {
  return `call-${randomUUID()}`;
}

/**
 * Signs a token for one person to talk with the agent in one room: a microphone to publish, the agent to hear, text both
 * ways, nothing else.
 */
export async function issueToken(wishes: TokenWishes, roomName: string, options: TokenIssuerOptions): Promise<string> {
  const token = new AccessToken(options.apiKey, options.apiSecret, {
    ttl: TOKEN_TTL_S,
    identity: wishes.identity ?? `caller-${randomUUID()}`,
    ...(wishes.name !== undefined && { name: wishes.name }),
    ...(wishes.metadata !== undefined && { metadata: wishes.metadata }),
    ...(wishes.attributes !== undefined && { attributes: { ...wishes.attributes } }),
  });
  token.addGrant({
    room: roomName,
    roomJoin: true,
    canPublish: true,
    canPublishSources: [TrackSource.MICROPHONE],
    canSubscribe: true,
    canPublishData: true,
    canUpdateOwnMetadata: false,
  });
  describeRoom(token, options.agent);
  return token.toJwt();
}
