import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebSocketServer } from 'ws';

export interface LoopbackServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Breaks whatever is connected. */
  close(): void;
}

/**
 * Listens on the loopback interface, and keeps no process from ending.
 * @param sockets - The server's own.
 * @throws where no port can be had.
 */
export async function listenOnLoopback(server: Server, sockets: WebSocketServer): Promise<LoopbackServer> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      server.close();
      server.closeAllConnections();
    },
  };
}
