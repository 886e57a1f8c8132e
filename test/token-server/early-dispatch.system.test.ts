/** The agent that is sent for with the token, at a real livekit-server: exactly one comes, whoever asks how often. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Room } from '@livekit/rtc-node';
import { AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeSeat } from '../../bench/caller/tokens.js';
import { type Sfu, startSfu } from '../support/sfu.js';
import { startPlainWorker } from './plain-worker.js';
import { claimsOf, createTestServer, type TestServer } from './support.js';

/** Time in which a second agent, were it sent for, would come on loopback, in ms. */
const SECOND_AGENT_MS = 500;

describe('early dispatch', () => {
  let sfu: Sfu;
  beforeAll(async () => {
    sfu = await startSfu();
  });
  afterAll(() => sfu?.close());

  const server = (env: NodeJS.ProcessEnv = {}) =>
    createTestServer({ LIVEKIT_URL: sfu.url, LIVEKIT_API_SECRET: sfu.apiSecret, ...env });
  const dispatchesOf = (roomName: string) =>
    new AgentDispatchClient(sfu.url.replace('ws', 'http'), sfu.apiKey, sfu.apiSecret).listDispatch(roomName);
  const join = async (token: string, url = sfu.url): Promise<Room> => {
    const room = new Room();
    onTestFinished(() => room.disconnect());
    await room.connect(url, token, { autoSubscribe: true, dynacast: false });
    return room;
  };
  const settled = () => new Promise((done) => setTimeout(done, SECOND_AGENT_MS));

  async function tokenFrom({ app }: TestServer, roomName: string, profile = 'excellent'): Promise<string> {
    const response = await app.inject({
      method: 'POST',
      url: '/token',
      headers: { 'content-type': 'application/json' },
      payload: { room_name: roomName, room_config: { agents: [{ metadata: JSON.stringify({ profile }) }] } },
    });
    expect(response.statusCode).toBe(201);
    return response.json().participant_token;
  }

  it('has the agent in the room before the caller is, and the token brings no other', async () => {
    const worker = await startPlainWorker(sfu);
    const tokens = await server();
    const token = await tokenFrom(tokens, 'one');
    const agent = await worker.agentOf('one');
    expect(JSON.parse(agent.metadata)).toEqual({ profile: 'excellent' });
    expect((await claimsOf(token, sfu.apiSecret)).roomConfig?.agents ?? []).toEqual([]);

    const caller = await join(token);
    expect([...caller.remoteParticipants.keys()]).toEqual([agent.room.localParticipant?.identity]);
    await settled();
    expect(worker.jobs).toHaveLength(1);
    const rooms = await new RoomServiceClient(sfu.url.replace('ws', 'http'), sfu.apiKey, sfu.apiSecret).listRooms([
      'one',
    ]);
    expect(rooms).toMatchObject([{ emptyTimeout: 30, departureTimeout: 20 }]);
    expect(await tokens.metrics.registry.metrics()).toContain(
      'turnwise_token_dispatches_total{mode="early",region="local"} 1',
    );
  });

  it('sends for one agent when two ask for one room at once, through two servers', async () => {
    const worker = await startPlainWorker(sfu);
    const servers = await Promise.all([server(), server()]);
    const tokens = await Promise.all([0, 1, 0, 1].map((at) => tokenFrom(servers[at] ?? servers[0], 'shared')));
    await worker.agentOf('shared');
    await Promise.all(tokens.map((token) => join(token)));
    tokens.push(await tokenFrom(servers[0], 'shared', 'good'));
    await settled();
    expect(worker.jobs).toHaveLength(1);
    expect(await dispatchesOf('shared')).toHaveLength(1);
  });

  it('leaves the agent to the token when it is off', async () => {
    const worker = await startPlainWorker(sfu);
    const tokens = await server({ EARLY_DISPATCH: 'off' });
    const token = await tokenFrom(tokens, 'off');
    await settled();
    expect(worker.jobs).toEqual([]);
    await join(token);
    await worker.agentOf('off');
    expect(await tokens.metrics.registry.metrics()).toContain(
      'turnwise_token_dispatches_total{mode="token",region="local"} 1',
    );
  });

  it('leaves the agent to the token when the SFU refuses', async () => {
    const tokens = await server({ LIVEKIT_API_SECRET: 'another-secret-than-that-of-the-server' });
    const token = await tokenFrom(tokens, 'private-room');
    const { roomConfig } = await claimsOf(token, 'another-secret-than-that-of-the-server');
    expect(roomConfig?.agents).toMatchObject([{ agentName: 'turnwise', metadata: '{"profile":"excellent"}' }]);
    expect(await tokens.metrics.registry.metrics()).toContain(
      'turnwise_token_dispatches_total{mode="fallback",region="local"} 1',
    );
    expect(tokens.logged()).toContain('"kind":"refused","status":401');
    expect(tokens.logged()).not.toContain('private-room');
  });

  it('leaves the agent to the token when the SFU does not answer, and one agent comes', async () => {
    const silent = createServer(() => {});
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    onTestFinished(() => void silent.close());
    const address = silent.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    const tokens = await server({ LIVEKIT_URL: `ws://127.0.0.1:${port}` });
    const askedAtMs = performance.now();
    const token = await tokenFrom(tokens, 'late');
    expect(performance.now() - askedAtMs).toBeLessThan(1_500);
    expect(tokens.logged()).toContain('"kind":"away"');

    const worker = await startPlainWorker(sfu);
    await join(token);
    await worker.agentOf('late');
    await settled();
    expect(worker.jobs).toHaveLength(1);
  });

  it('is what a caller with keys of its own can have too', async () => {
    const worker = await startPlainWorker(sfu);
    const request = { roomName: 'own', identity: 'caller', agentName: 'turnwise', profile: 'good' };
    const seat = await makeSeat(sfu, request, { earlyDispatch: true });
    const agent = await worker.agentOf('own');
    const caller = await join(seat.token, seat.url);
    expect([...caller.remoteParticipants.keys()]).toEqual([agent.room.localParticipant?.identity]);
    await settled();
    expect(worker.jobs).toHaveLength(1);
  });
});
