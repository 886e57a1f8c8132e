/** The socket of a worker that reads nothing of what its calls tell it until a test says so. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

export interface UnreadWorker {
  /** Where it listens. */
  readonly path: string;
  /** Where nobody does. */
  readonly nobody: string;
  /** The first call's end of the socket, once there is one. */
  readonly connection: Promise<Socket>;
}

/** For a file of tests: one for each of them. */
export function unreadWorker(): UnreadWorker {
  let folder = '';
  let server: Server;
  let connection: Promise<Socket>;
  const path = (): string => join(folder, 'metrics.sock');
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'turnwise-test-'));
    server = createServer({ pauseOnConnect: true });
    connection = once(server, 'connection').then(([socket]) => socket);
    server.listen(path());
    await once(server, 'listening');
  });
  afterEach(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    get path() {
      return path();
    },
    get nobody() {
      return join(folder, 'nobody.sock');
    },
    get connection() {
      return connection;
    },
  };
}
