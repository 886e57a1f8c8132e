import { ConnectionError, DisconnectReason } from 'livekit-client';
import { describe, expect, it } from 'vitest';
import {
  connectProblem,
  describeProblem,
  disconnectProblem,
  microphoneProblem,
  tokenProblem,
} from '../../web-client/call/problem.js';

const domError = (name: string) => Object.assign(new Error('from the browser'), { name });
const tokenError = (status: number) =>
  new Error(`Error generating token from endpoint /token: received ${status} / {"status":${status}}`);

describe('what is wrong with the microphone', () => {
  it.each([
    ['NotAllowedError', 'permission-refused'],
    ['NotFoundError', 'no-microphone'],
    ['NotReadableError', 'microphone-busy'],
    ['OverconstrainedError', 'microphone-failed'],
  ])('reads %s as %s', (name, code) => {
    expect(microphoneProblem(domError(name), true)).toBe(code);
  });

  it('blames the address before anything else when it is not a secure one', () => {
    expect(microphoneProblem(domError('NotFoundError'), false)).toBe('insecure-origin');
    expect(microphoneProblem(new TypeError('mediaDevices is undefined'), false)).toBe('insecure-origin');
  });

  it('copes with what is no error at all', () => {
    expect(microphoneProblem(undefined, true)).toBe('microphone-failed');
  });
});

describe('why no token came', () => {
  it.each([
    [new TypeError('Failed to fetch'), 'server-away'],
    [domError('TimeoutError'), 'server-away'],
    [tokenError(502), 'server-away'],
    [tokenError(401), 'token-refused'],
    [tokenError(403), 'wrong-address'],
    [tokenError(429), 'too-many-calls'],
    [tokenError(400), 'token-failed'],
    [tokenError(500), 'token-failed'],
    [undefined, 'token-failed'],
  ])('%s is %s', (error, code) => {
    expect(tokenProblem(error)).toBe(code);
  });
});

describe('why the room was not entered or was left', () => {
  it('tells a refusal from a server that is away', () => {
    expect(connectProblem(ConnectionError.notAllowed('invalid token', 401))).toBe('sfu-refused');
    expect(connectProblem(ConnectionError.serverUnreachable('no'))).toBe('sfu-away');
    expect(connectProblem(new Error('anything'))).toBe('sfu-away');
  });

  it('finds nothing wrong with hanging up', () => {
    expect(disconnectProblem(DisconnectReason.CLIENT_INITIATED)).toBeUndefined();
  });

  it.each([
    [DisconnectReason.DUPLICATE_IDENTITY, 'joined-elsewhere'],
    [DisconnectReason.ROOM_DELETED, 'room-closed'],
    [DisconnectReason.PARTICIPANT_REMOVED, 'room-closed'],
    [DisconnectReason.SERVER_SHUTDOWN, 'connection-lost'],
    [undefined, 'connection-lost'],
  ])('reason %s is %s', (reason, code) => {
    expect(disconnectProblem(reason)).toBe(code);
  });
});

describe('the words for a problem', () => {
  it('say what happened and what to do, and offer typing wherever the microphone is at fault', () => {
    for (const code of ['insecure-origin', 'permission-refused', 'no-microphone', 'microphone-busy'] as const) {
      expect(describeProblem(code).actions).toContain('type');
      expect(describeProblem(code).advice).toMatch(/\.$/);
    }
    expect(describeProblem('no-agent').title).toContain('10 seconds');
  });
});
