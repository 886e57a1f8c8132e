import { type AddressInfo, createServer, type Socket } from 'node:net';
import { initializeLogger } from '@livekit/agents';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type MirrorRoom, startMirrorRoom } from '../../../agent/rehearsal/mirror-room.js';
import { rehearseRoom } from '../../../agent/rehearsal/rehearse-room.js';

beforeAll(() => initializeLogger({ pretty: false, level: 'silent' }));

describe('a room before the room', () => {
  it('is joined and spoken in, and is gone then', async () => {
    let mirror: MirrorRoom | undefined;
    const startRoom = async () => {
      mirror = await startMirrorRoom();
      return mirror;
    };
    await rehearseRoom({ startRoom, withinMs: 10_000 });
    const { port } = new URL(mirror?.url ?? '');
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
  });

  it('is given up where nobody answers', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const close = () => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    };
    onTestFinished(close);
    const url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    await expect(rehearseRoom({ startRoom: async () => ({ url, close }), withinMs: 200 })).rejects.toThrow('200 ms');
  });
});
