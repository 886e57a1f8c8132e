import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { begunPerCall, startSlowHandshakes } from '../../../bench/latency/slow-handshakes.js';

const HANDSHAKE_MS = 80;
const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const part of opened.splice(0).reverse()) await part.close();
});

/** Says again what it hears. */
async function echo(): Promise<{ server: Server; sockets: Socket[]; url: string }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(server);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { server, sockets, url: `http://127.0.0.1:${address.port}` };
}

function through(url: string): Socket {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  opened.push({ close: () => socket.destroy() });
  return socket;
}

async function answeredAfterMs(socket: Socket): Promise<number> {
  const startedAtMs = performance.now();
  socket.write('word');
  expect(String((await once(socket, 'data'))[0])).toBe('word');
  return performance.now() - startedAtMs;
}

describe('a network with slow handshakes', () => {
  it('lets a new connection wait, one that is open not, and counts the former', async () => {
    const slow = await startSlowHandshakes((await echo()).url, HANDSHAKE_MS);
    opened.push(slow);
    const socket = through(slow.url);
    expect(await answeredAfterMs(socket)).toBeGreaterThan(HANDSHAKE_MS / 2);
    await answeredAfterMs(socket);
    expect(slow.begunAtMs).toHaveLength(1);
    await answeredAfterMs(through(slow.url));
    expect(slow.begunAtMs).toHaveLength(2);
  });

  it('ends a connection whose other side is gone, and may be closed twice', async () => {
    const { sockets, url } = await echo();
    const slow = await startSlowHandshakes(url, 0);
    opened.push(slow);
    const socket = through(slow.url);
    await answeredAfterMs(socket);
    const closed = once(socket, 'close');
    for (const other of sockets) other.destroy();
    await closed;
    await slow.close();
    await slow.close();
  });
});

describe('connections of calls at once', () => {
  it('are counted once among them all, from the first word on', () => {
    expect(begunPerCall([5, 10, 11, 12, 13], 10, 1)).toBe(3);
    expect(begunPerCall([5, 10, 11, 12, 13, 14], 10, 4)).toBe(1);
    expect(begunPerCall([], 10, 4)).toBe(0);
  });
});
