import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Seat } from '../../../bench/caller/tokens.js';
import { type Arm, type CallSettings, placeCalls } from '../../../bench/latency/calls.js';
import { NO_WORK } from '../../../bench/latency/provider-work.js';
import { freePort } from '../../support/processes.js';

const providers: CallSettings['providers'] = {
  url: '',
  envOf: () => {
    throw new Error('Nobody needs an environment here.');
  },
  script: async () => undefined,
  counters: async () => NO_WORK,
  close: async () => undefined,
};
const settings: CallSettings = {
  providers,
  timing: {},
  answerTimeoutMs: 100,
  signal: new AbortController().signal,
};

describe('calls at once', () => {
  it('leave nobody behind who was still on the way when another could not be served', async () => {
    const port = await freePort();
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    let giveSeat = (_seat: Seat): void => undefined;
    const late = new Promise<Seat>((resolve) => {
      giveSeat = resolve;
    });
    const seats = [async () => Promise.reject(new Error('The worker has ended.')), () => late];
    const arm: Arm = {
      ...{ name: 'stock', providersCall: 'latency-stock', isOurs: false, hearsGaps: false },
      seat: async () => (await seats.shift()?.()) as Seat,
    };
    const placed = placeCalls(arm, { number: 1, recordings: [], seed: 1, callers: 2 }, settings);
    let isSettled = false;
    const settled = placed.catch((error: unknown) => error).finally(() => (isSettled = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isSettled).toBe(false);
    giveSeat({ url: `ws://127.0.0.1:${port}`, token: 'token' } as Seat);
    expect(await settled).toMatchObject({ message: 'The worker has ended.' });
    await new Promise((resolve) => server.close(resolve));
    expect(connections).toBe(0);
  });
});
