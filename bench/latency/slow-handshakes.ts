/**
 * Stands before the scripted providers as a network does: each new connection takes its time before the first byte goes
 * through, as TCP and TLS to a far vendor would. What is open already is not slowed.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { systemClock } from '../clock.js';

export interface SlowHandshakes {
  /** Address to be used in the providers' place. */
  readonly url: string;
  /** When each connection was begun, on the bench's clock. */
  readonly begunAtMs: readonly number[];
  /** Ends all connections. May be called twice. */
  close(): Promise<void>;
}

/** @param providersUrl - `http://` address of what stands behind. */
export async function startSlowHandshakes(providersUrl: string, handshakeMs: number): Promise<SlowHandshakes> {
  const { hostname, port } = new URL(providersUrl);
  const begunAtMs: number[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    // Either end may go away at any time; the other one is told by its own close.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  };
  const server = createServer({ pauseOnConnect: true }, (client) => {
    keep(client);
    client.setNoDelay(true);
    begunAtMs.push(systemClock.nowMs());
    const timer = setTimeout(() => {
      const provider = connect(Number(port), hostname);
      keep(provider);
      provider.setNoDelay(true);
      client.once('close', () => provider.destroy());
      provider.once('close', () => client.destroy());
      client.pipe(provider).pipe(client);
    }, handshakeMs);
    client.once('close', () => clearTimeout(timer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The slow network has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    begunAtMs,
    async close() {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Which of the calls at once a connection is for nobody can tell: each has an equal share of those begun since. Pure. */
export function begunPerCall(begunAtMs: readonly number[], sinceMs: number, calls: number): number {
  return begunAtMs.filter((atMs) => atMs > sinceMs).length / calls;
}
