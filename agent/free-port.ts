/** A port for the framework's own server: it opens 8081 where it is told to pick one (worker.ts:303 of 1.8.1). */
import { createServer } from 'node:net';

/** Where systems take no ports of outgoing connections from: one of these stays free until the framework opens it. */
const PORTS = { from: 20_000, count: 12_000 };
const PICKS = 50;

/** A port that is free now, on loopback. */
export async function freePort(): Promise<number> {
  for (let pick = 0; pick < PICKS; pick++) {
    const port = PORTS.from + Math.floor(Math.random() * PORTS.count);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
  throw new Error(`None of ${PICKS} ports tried between ${PORTS.from} and 32000 is free.`);
}
