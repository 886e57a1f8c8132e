/** How a caller gets into a room: a token from the token server, or one of its own making for a LiveKit server. */

import { AccessToken, RoomAgentDispatch, RoomConfiguration, RoomServiceClient } from 'livekit-server-sdk';
import { z } from 'zod';
import { CallError, messageOf } from './errors.js';

/** A seat in a room. */
export interface Seat {
  /** Address of the LiveKit server. */
  readonly url: string;
  readonly token: string;
}

export interface SeatRequest {
  readonly roomName: string;
  readonly identity: string;
  /** Name under which the agent's worker is registered; absent: the token server's own. */
  readonly agentName?: string;
  /** Latency profile asked for; absent: the worker's own. */
  readonly profile?: string;
}

const Answer = z.object({ server_url: z.url({ protocol: /^wss?$/ }), participant_token: z.string().min(1) });
const Problem = z.object({ title: z.string().optional(), detail: z.string().optional() });

/** Longest wait for the token server, in ms. */
const TOKEN_TIMEOUT_MS = 10_000;

/** Validity of an own token: long enough to join, and to come back after a lost connection. */
const TOKEN_TTL = '1h';

/** How long a room with its agent waits for the caller, in seconds: as that of the token server. */
const EARLY_ROOM_S = 30;

/**
 * Asks a token server, in LiveKit's standard form.
 * @param base - Address of the server; its endpoint is `/token`.
 * @throws CallError `NOTHING_RUNS` when nobody answers, `TOKEN_REFUSED` with the server's own reason.
 */
export async function requestSeat(base: string, request: SeatRequest, signal?: AbortSignal): Promise<Seat> {
  const endpoint = new URL('token', base.endsWith('/') ? base : `${base}/`);
  const timeout = AbortSignal.timeout(TOKEN_TIMEOUT_MS);
  const body = JSON.stringify({
    room_name: request.roomName,
    participant_identity: request.identity,
    participant_name: 'Simulated caller',
    ...(roomConfigOf(request) && { room_config: roomConfigOf(request) }),
  });
  let response: Response;
  try {
    response = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    });
  } catch (error) {
    signal?.throwIfAborted();
    const message = `Nothing answers at ${endpoint.origin}. Start the system with npm start, or name another with --url.`;
    throw new CallError('NOTHING_RUNS', message, { cause: error });
  }
  const text = await response.text();
  if (!response.ok) {
    const problem = Problem.safeParse(parsedJson(text));
    const reason = problem.success ? (problem.data.detail ?? problem.data.title) : undefined;
    const message = `The token server at ${endpoint.origin} refused (${response.status}${reason ? `: ${reason}` : ''}).`;
    throw new CallError('TOKEN_REFUSED', message);
  }
  const answer = Answer.safeParse(parsedJson(text));
  if (!answer.success) {
    const message = `${endpoint.href} answers, but not as a token server does. Give the address of one with --url.`;
    throw new CallError('NOTHING_RUNS', message, { cause: answer.error });
  }
  return { url: answer.data.server_url, token: answer.data.participant_token };
}

/**
 * Makes a token from the keys of a LiveKit server, with the dispatch of the agent in it.
 * @param options.earlyDispatch - Opens the room with its agent first, as the token server does: the token brings none then.
 * @param options.metadata - Handed to the agent's worker instead of what the profile asks for.
 * @throws CallError `BAD_INPUT` when no token can be made, `NOTHING_RUNS` when the server opens no room.
 */
export async function makeSeat(
  { url, apiKey, apiSecret }: { url: string; apiKey: string; apiSecret: string },
  request: SeatRequest,
  { earlyDispatch = false, metadata }: { readonly earlyDispatch?: boolean; readonly metadata?: string } = {},
): Promise<Seat> {
  const token = new AccessToken(apiKey, apiSecret, { identity: request.identity, ttl: TOKEN_TTL });
  token.addGrant({
    roomJoin: true,
    room: request.roomName,
    canPublish: true,
    canSubscribe: true,
    canPublishData: true,
  });
  const agent = agentOf(request, metadata);
  if (agent !== undefined && earlyDispatch) {
    const server = new RoomServiceClient(url.replace(/^ws/, 'http'), apiKey, apiSecret, { failover: false });
    const agents = [new RoomAgentDispatch(agent)];
    await server.createRoom({ name: request.roomName, emptyTimeout: EARLY_ROOM_S, agents }).catch((error: unknown) => {
      const message = `The LiveKit server opened no room for the agent (${messageOf(error)}).`;
      throw new CallError('NOTHING_RUNS', message, { cause: error });
    });
  } else if (agent !== undefined) {
    token.roomConfig = new RoomConfiguration({ agents: [new RoomAgentDispatch(agent)] });
  }
  try {
    return { url, token: await token.toJwt() };
  } catch (error) {
    throw new CallError('BAD_INPUT', `No token could be made (${messageOf(error)}).`, { cause: error });
  }
}

function agentOf(
  { agentName, profile }: SeatRequest,
  metadata = profile === undefined ? '' : JSON.stringify({ profile }),
): { agentName: string; metadata: string } | undefined {
  return agentName === undefined ? undefined : { agentName, metadata };
}

/** The protobuf message `RoomConfiguration` as JSON with snake_case names. */
function roomConfigOf({ agentName, profile }: SeatRequest): object | undefined {
  if (agentName === undefined && profile === undefined) return undefined;
  const metadata = profile === undefined ? undefined : JSON.stringify({ profile });
  return { agents: [{ ...(agentName && { agent_name: agentName }), ...(metadata && { metadata }) }] };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
