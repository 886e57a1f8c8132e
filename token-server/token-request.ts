/**
 * What a client may ask of `POST /token`, in LiveKit's standard token-endpoint form. Everything is optional, nothing is
 * taken on trust: what a client could use against another caller, the agent or the server is refused, not dropped, so
 * that nobody believes a setting to be in force which is not.
 */
import { z } from 'zod';
import { ProfileName } from '../wire/profile.js';
import { ProblemError } from './problem.js';

/** Longest participant metadata in characters; it is sent to everybody in the room. */
const METADATA_MAX_CHARACTERS = 2_000;
const ATTRIBUTES_MAX = 16;
const ATTRIBUTE_VALUE_MAX_CHARACTERS = 256;

/** Letters, digits and a few signs: no control characters, no slashes, nothing that reads differently in a log or URL. */
const roomName = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N} ._:@-]{0,127}$/u, {
  error: 'must be 1 to 128 letters, digits, spaces or . _ : @ - and begin with a letter or digit',
});
const identity = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}._:@-]{0,63}$/u, {
  error: 'must be 1 to 64 letters, digits or . _ : @ - and begin with a letter or digit',
});
const displayName = z.string().regex(/^[^\p{C}\p{Zl}\p{Zp}]{0,64}$/u, {
  error: 'must be at most 64 characters without control characters',
});
const attributes = z
  .record(
    z.string().regex(/^[a-zA-Z][a-zA-Z0-9._-]{0,63}$/, { error: 'is not a plain name of at most 64 characters' }),
    z.string().max(ATTRIBUTE_VALUE_MAX_CHARACTERS),
  )
  .refine((record) => Object.keys(record).length <= ATTRIBUTES_MAX, {
    error: `has more than ${ATTRIBUTES_MAX} entries`,
  });

const RoomConfig = z.strictObject({
  agents: z
    .array(z.strictObject({ agent_name: z.string().max(128).optional(), metadata: z.string().max(1_000).optional() }))
    .max(1, { error: 'may hold one agent: there is one agent in a room' })
    .optional(),
});

/** The request body. Strict, so that a camelCase or misspelt field is reported instead of ignored. */
const TokenRequestBody = z.strictObject({
  room_name: roomName.optional(),
  participant_identity: identity.optional(),
  participant_name: displayName.optional(),
  participant_metadata: z.string().max(METADATA_MAX_CHARACTERS).optional(),
  participant_attributes: attributes.optional(),
  room_config: RoomConfig.optional(),
});

/** Metadata of the agent's job: what the worker parses at its own edge. */
const AgentMetadata = z.strictObject({ profile: ProfileName.optional() });

/** Everything of a request that goes into the token. */
export interface TokenWishes {
  readonly roomName: string | undefined;
  readonly identity: string | undefined;
  readonly name: string | undefined;
  readonly metadata: string | undefined;
  readonly attributes: Readonly<Record<string, string>> | undefined;
  readonly profile: ProfileName;
}

/**
 * Checks a request body.
 * @throws {@link ProblemError} 400 for malformed input, 403 for what a caller has no right to.
 */
export function parseTokenRequest(
  body: unknown,
  { agentName, defaultProfile }: { readonly agentName: string; readonly defaultProfile: ProfileName },
): TokenWishes {
  const parsed = TokenRequestBody.safeParse(body === undefined ? {} : body);
  if (!parsed.success) throw new ProblemError(400, describe(parsed.error));
  const request = parsed.data;

  const agent = request.room_config?.agents?.[0];
  if (agent?.agent_name && agent.agent_name !== agentName) {
    throw new ProblemError(403, 'room_config.agents may only name the agent of this server. Leave agent_name out.');
  }
  // The framework joins as `agent-<job id>`; a second participant of the same identity would throw the agent out.
  if (request.participant_identity?.toLowerCase().startsWith('agent-')) {
    throw new ProblemError(403, 'participant_identity may not begin with "agent-"; agents are named so.');
  }
  const reserved = Object.keys(request.participant_attributes ?? {}).find((key) => /^(lk|turnwise)\./i.test(key));
  if (reserved !== undefined) {
    throw new ProblemError(
      403,
      'participant_attributes may not begin with "lk." or "turnwise."; the agent sets those.',
    );
  }
  return {
    roomName: request.room_name,
    identity: request.participant_identity,
    name: request.participant_name,
    metadata: request.participant_metadata,
    attributes: request.participant_attributes,
    profile: parseProfile(agent?.metadata) ?? defaultProfile,
  };
}

function parseProfile(metadata: string | undefined): ProfileName | undefined {
  if (!metadata) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(metadata);
  } catch (error) {
    throw new ProblemError(400, 'room_config.agents.0.metadata is not JSON; send {"profile":"good"} or nothing.', {
      cause: error,
    });
  }
  const parsed = AgentMetadata.safeParse(value);
  if (parsed.success) return parsed.data.profile;
  throw new ProblemError(
    400,
    `room_config.agents.0.metadata must be {"profile":"…"} with one of ${ProfileName.options.join(', ')}.`,
  );
}

/** One sentence for all issues. Names fields and rules; a value never, a foreign key only cut to size. */
function describe(error: z.ZodError): string {
  const parts = error.issues.slice(0, 5).map((issue) => {
    const path = issue.path.map((part) => printable(String(part))).join('.') || 'the body';
    if (issue.code !== 'unrecognized_keys') return `${path}: ${issue.message}`;
    const keys = issue.keys.slice(0, 5).map(printable).join(', ');
    return `${path}: unknown field ${keys} (fields are snake_case, as in room_name)`;
  });
  return `The request is not valid. ${parts.join('; ')}`;
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 64);
}
