import { timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A call's name as scripts use it; also the name of a recording, hence the slash. */
export const CALL_NAME = /^[A-Za-z0-9._/-]{1,128}$/;

export interface Credentials {
  /** The key without the call's name. */
  readonly key: string;
  readonly callKey?: string;
}

/**
 * The one rule that works from all three vendors' clients: an API key `KEY:CALL` names the call. A client that can send
 * headers may use `x-turnwise-call` instead, which wins.
 */
export function readCredentials(apiKey: string, headers: IncomingHttpHeaders): Credentials {
  const colonAt = apiKey.indexOf(':');
  const key = colonAt === -1 ? apiKey : apiKey.slice(0, colonAt);
  const header = headers['x-turnwise-call'];
  return { key, ...named([header, colonAt === -1 ? undefined : apiKey.slice(colonAt + 1)]) };
}

/** The first candidate that is a call's name, with or without the prefix `call:`. */
export function named(candidates: readonly unknown[]): { callKey?: string } {
  for (const candidate of candidates) {
    if (typeof candidate !== 'string') continue;
    const name = candidate.startsWith('call:') ? candidate.slice('call:'.length) : candidate;
    if (CALL_NAME.test(name)) return { callKey: name };
  }
  return {};
}

/** Whether a presented key opens the door; without a required key any non-empty one does. */
export function isKeyAccepted(presented: string, required: string | undefined): boolean {
  if (presented === '') return false;
  if (required === undefined) return true;
  const left = Buffer.from(presented);
  const right = Buffer.from(required);
  return left.length === right.length && timingSafeEqual(left, right);
}
