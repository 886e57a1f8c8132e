/** What a room may tell a worker, over a real SFU: reports of what was heard, and ratings. */
import { Room } from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { CallerLink } from '../../../agent/conversation/caller-link.js';
import { HeardReports } from '../../../agent/conversation/heard-reports.js';
import type { Measurements } from '../../../agent/telemetry/metrics.js';
import { FEEDBACK_RPC_METHOD, HEARD_RPC_METHOD } from '../../../wire/turn.js';
import { type Sfu, startSfu } from '../../support/sfu.js';

const JOIN_TIMEOUT_MS = 5_000;

describe('the link to a caller', () => {
  let sfu: Sfu;
  beforeAll(async () => {
    sfu = await startSfu();
  });
  afterAll(() => sfu?.close());

  async function join(roomName: string, identity: string): Promise<Room> {
    const token = new AccessToken(sfu.apiKey, sfu.apiSecret, { identity });
    token.addGrant({ roomJoin: true, room: roomName, canPublish: true, canSubscribe: true, canPublishData: true });
    const room = new Room();
    await room.connect(sfu.url, await token.toJwt(), { autoSubscribe: true, dynacast: false });
    onTestFinished(() => room.disconnect());
    return room;
  }

  async function start() {
    const roomName = `link-${crypto.randomUUID()}`;
    const worker = await join(roomName, 'worker');
    const [caller, stranger] = [await join(roomName, 'caller'), await join(roomName, 'stranger')];
    const linked = await vi.waitFor(() => {
      const found = worker.remoteParticipants.get('caller');
      if (found === undefined) throw new Error('The worker does not see the caller.');
      return found;
    }, JOIN_TIMEOUT_MS);
    await vi.waitFor(() => {
      for (const room of [caller, stranger]) if (!room.remoteParticipants.has('worker')) throw new Error('No worker.');
    }, JOIN_TIMEOUT_MS);
    const counted: string[] = [];
    const observed: string[] = [];
    const measurements: Measurements = {
      observe: (name) => void observed.push(name),
      count: (name, labels, by = 1) =>
        void counted.push(...Array.from({ length: by }, () => `${name} ${Object.values<string>(labels).join(' ')}`)),
    };
    let nowMs = 0;
    const reports = new HeardReports({
      profile: 'good',
      measurements,
      nowMs: () => nowMs,
      onHeard: () => undefined,
    });
    const link = new CallerLink(worker, pino({ level: 'silent' }));
    link.takeHeardReports(linked, reports);
    link.takeFeedback(linked, measurements);
    const tell = (room: Room, method: string, payload: unknown): Promise<string | undefined> | undefined =>
      room.localParticipant?.performRpc({
        destinationIdentity: 'worker',
        method,
        payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
      });
    const wait = (ms: number) => {
      nowMs += ms;
    };
    return { caller, stranger, reports, counted, observed, tell, wait };
  }

  it('takes true reports of the caller alone, and counts why it refused the others', async () => {
    const { caller, stranger, reports, counted, observed, tell, wait } = await start();
    reports.noteTurn({
      schema: 1,
      callId: 'c',
      turn: 1,
      profile: 'good',
      outcome: 'answered',
      said: '',
      reply: '',
      instants: {},
      components: {},
      responseMs: 600,
    });
    const report = { schema: 1, turn: 1, heardResponseMs: 700 };
    const forged: [Room, unknown][] = [
      [stranger, report],
      [caller, 'no JSON'],
      [caller, { ...report, heardResponseMs: -700 }],
      [caller, '{"schema":1,"turn":1,"heardResponseMs":1e999}'],
      [caller, { ...report, said: 'x' }],
      [caller, { ...report, padding: 'x'.repeat(2_000) }],
      [caller, { ...report, roundTripMs: -1 }],
      [caller, { ...report, turn: 7 }],
      [caller, { ...report, heardResponseMs: 59_000 }],
    ];
    for (const [room, payload] of forged) expect(await tell(room, HEARD_RPC_METHOD, payload)).toBe('refused');
    // So many are read at once, and more only after a while.
    expect(await tell(caller, HEARD_RPC_METHOD, report)).toBe('refused');
    wait(10_000);
    for (let i = 0; i < 20; i += 1) expect(await tell(stranger, HEARD_RPC_METHOD, report)).toBe('refused');
    expect(await tell(caller, HEARD_RPC_METHOD, report)).toBe('taken');
    expect(await tell(caller, HEARD_RPC_METHOD, report)).toBe('refused');
    reports.close();
    // Those of a flood are told later.
    expect(counted.toSorted()).toEqual(
      [
        ...['impossible', ...Array.from({ length: 6 }, () => 'malformed'), 'repeated'],
        ...[...Array.from({ length: 21 }, () => 'stranger'), 'taken', 'too_many', 'unknown_turn'],
      ].map((result) => `turnwise_heard_reports_total ${result}`),
    );
    expect(observed).toEqual(['turnwise_heard_response_seconds']);
  });

  it('takes one rating, of the caller', async () => {
    const { caller, stranger, counted, tell } = await start();
    expect(await tell(stranger, FEEDBACK_RPC_METHOD, { schema: 1, rating: 'down' })).toBe('refused');
    expect(await tell(caller, FEEDBACK_RPC_METHOD, { schema: 1, rating: 'sideways' })).toBe('refused');
    expect(await tell(caller, FEEDBACK_RPC_METHOD, { schema: 1, rating: 'up' })).toBe('taken');
    expect(await tell(caller, FEEDBACK_RPC_METHOD, { schema: 1, rating: 'down' })).toBe('refused');
    expect(counted).toEqual(['turnwise_feedback_total up']);
  });
});
