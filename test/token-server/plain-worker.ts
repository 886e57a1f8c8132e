/** A worker that takes every job of a real livekit-server and sits in its room, silent: it shows which agents were sent for. */
import { once } from 'node:events';
import { Room } from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { Sfu } from '../support/sfu.js';

const Job = z.object({ id: z.string(), metadata: z.string().default(''), room: z.object({ name: z.string() }) });

/** What the server tells a worker that speaks JSON to it; `undefined` members are other messages. */
const ServerMessage = z.object({
  register: z.object({}).optional(),
  availability: z.object({ job: Job }).optional(),
  assignment: z.object({ job: Job, token: z.string() }).optional(),
});

export interface TakenJob {
  readonly roomName: string;
  readonly metadata: string;
  readonly room: Room;
}

export interface PlainWorker {
  /** Jobs whose agent is in its room, oldest first. */
  readonly jobs: readonly TakenJob[];
  /** Waits for the first agent of a room. */
  agentOf(roomName: string): Promise<TakenJob>;
}

/** Registers under a name and takes jobs until the test is over. */
export async function startPlainWorker(sfu: Sfu, agentName = 'turnwise'): Promise<PlainWorker> {
  const token = new AccessToken(sfu.apiKey, sfu.apiSecret, { identity: 'plain-worker' });
  token.addGrant({ agent: true });
  const socket = new WebSocket(`${sfu.url}/agent?protocol=1`, {
    headers: { authorization: `Bearer ${await token.toJwt()}` },
  });
  const jobs: TakenJob[] = [];
  const rooms: Room[] = [];
  const send = (message: object) => socket.send(JSON.stringify(message));
  const sit = async (job: z.infer<typeof Job>, jobToken: string): Promise<void> => {
    const room = new Room();
    rooms.push(room);
    await room.connect(sfu.url, jobToken, { autoSubscribe: true, dynacast: false });
    jobs.push({ roomName: job.room.name, metadata: job.metadata, room });
  };
  const registered = new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      const { register, availability, assignment } = ServerMessage.parse(JSON.parse(data.toString()));
      if (register !== undefined) resolve();
      if (availability !== undefined) {
        const { id } = availability.job;
        send({ availability: { jobId: id, available: true, participantIdentity: `agent-${id}` } });
      }
      if (assignment !== undefined) void sit(assignment.job, assignment.token);
    });
  });
  await once(socket, 'open');
  send({ register: { type: 'JT_ROOM', agentName, version: '1' } });
  send({ updateWorker: { status: 'WS_AVAILABLE', load: 0 } });
  await registered;
  onTestFinished(async () => {
    socket.close();
    await Promise.all(rooms.map((room) => room.disconnect()));
  });
  return {
    jobs,
    agentOf: (roomName) =>
      vi.waitFor(
        () => {
          const found = jobs.find((job) => job.roomName === roomName);
          if (found === undefined) throw new Error('No agent has come into the room.');
          return found;
        },
        { timeout: 5_000, interval: 5 },
      ),
  };
}
