/** Parts that are away: at the start one clear line and an exit code, in mid-call no damage that outlasts it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { SimulatedCaller } from '../../bench/caller/simulated-caller.js';
import { makeSeat } from '../../bench/caller/tokens.js';
import { freePort, type StartedProgram, startProgram } from '../support/processes.js';
import { type Sfu, startSfu } from '../support/sfu.js';

const ordersFolder = mkdtempSync(join(tmpdir(), 'turnwise-orders-'));
afterAll(() => rmSync(ordersFolder, { recursive: true, force: true }));

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface WorkerAddresses {
  readonly livekitUrl: string;
  readonly providersUrl: string;
  readonly apiSecret?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function startWorker({ livekitUrl, providersUrl, apiSecret = 'x'.repeat(40), env }: WorkerAddresses): StartedProgram {
  const worker = startProgram({
    command: process.execPath,
    args: ['dist/agent/main.js'],
    env: {
      LIVEKIT_URL: livekitUrl,
      LIVEKIT_API_KEY: 'devkey',
      LIVEKIT_API_SECRET: apiSecret,
      DEEPGRAM_BASE_URL: providersUrl,
      OPENAI_BASE_URL: `${providersUrl}/v1`,
      CARTESIA_BASE_URL: providersUrl,
      DEEPGRAM_API_KEY: 'local',
      OPENAI_API_KEY: 'local',
      CARTESIA_API_KEY: 'local',
      METRICS_PORT: '0',
      HEALTH_PORT: '0',
      ORDERS_DB: join(ordersFolder, 'orders.db'),
      CALL_LOG_URL: 'off',
      ...env,
    },
  });
  closing.push(() => worker.stop());
  return worker;
}

/** Something that answers on a port, which is all that the worker's check of an address asks for. */
async function anythingAnswering(): Promise<string> {
  const server: Server = createServer((_request, response) => response.end());
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${port}`;
}

async function openSfu(again: { port?: number; apiSecret?: string } = {}): Promise<Sfu> {
  const sfu = await startSfu(again);
  closing.push(() => sfu.close());
  return sfu;
}

async function startProviders(): Promise<string> {
  const providers = startProgram({
    command: process.execPath,
    args: ['dist/local-providers/main.js'],
    env: { LOCAL_PROVIDERS_PORT: '0', LOCAL_PROVIDERS_ENGINE: 'scripted' },
  });
  closing.push(() => providers.stop());
  const ready = await providers.waitForLine(/local providers ready on (http:\S+)/, 30_000);
  return ready[1] ?? '';
}

async function callOver(sfu: Sfu): Promise<SimulatedCaller> {
  const seat = await makeSeat(sfu, {
    roomName: `away-${crypto.randomUUID()}`,
    identity: 'caller',
    agentName: 'turnwise',
  });
  const caller = new SimulatedCaller(seat);
  closing.push(() => caller.hangUp());
  await caller.connect();
  await caller.waitForGreeting({ timeoutMs: 15_000 });
  return caller;
}

describe('a worker that starts', () => {
  it('says in one line that the SFU is away, and ends with code 1', async () => {
    const livekitUrl = `ws://127.0.0.1:${await freePort()}`;
    const worker = startWorker({ livekitUrl, providersUrl: await anythingAnswering() });
    expect(await worker.exited).toBe(1);
    const lines = worker
      .output()
      .split('\n')
      .filter((line) => line.includes('livekit-server (LIVEKIT_URL)'));
    expect(lines, worker.output()).toHaveLength(1);
  });

  it('names every provider that is away, and ends with code 1', async () => {
    const sfu = await openSfu();
    const providersUrl = `http://127.0.0.1:${await freePort()}`;
    const worker = startWorker({ livekitUrl: sfu.url, apiSecret: sfu.apiSecret, providersUrl });
    expect(await worker.exited).toBe(1);
    for (const setting of ['DEEPGRAM_BASE_URL', 'OPENAI_BASE_URL', 'CARTESIA_BASE_URL']) {
      expect(worker.output()).toContain(setting);
    }
  });

  it('says that the SFU refuses its keys, without showing them, and ends with code 2', async () => {
    const sfu = await openSfu();
    const apiSecret = 'wrong-secret-of-some-forty-characters-xx';
    const worker = startWorker({ livekitUrl: sfu.url, apiSecret, providersUrl: await anythingAnswering() });
    expect(await worker.exited).toBe(2);
    expect(worker.output()).toContain('refuses LIVEKIT_API_KEY and LIVEKIT_API_SECRET');
    expect(worker.output()).not.toContain(apiSecret);
  });
});

describe('an SFU that goes away in mid-call', () => {
  it('leaves nothing of that call behind, and the next one is answered once it is back', async () => {
    const sfu = await openSfu();
    const providersUrl = await startProviders();
    const worker = startWorker({ livekitUrl: sfu.url, apiSecret: sfu.apiSecret, providersUrl });
    await worker.waitForLine(/worker ready/, 60_000);
    const lost = await callOver(sfu);
    await sfu.close();
    await lost.hangUp();
    // A connection that was rebuilt after about so long does not answer to the call's leaving any more (agent/leave-room.ts).
    await sleep(3_000);
    await openSfu({ port: sfu.port, apiSecret: sfu.apiSecret });
    // The worker registers anew by itself; until then nobody takes a call.
    const caller = await vi.waitFor(() => callOver(sfu), { timeout: 60_000, interval: 1_000 });
    expect(caller.agentState).toBeDefined();
    await worker.waitForLine(/"msg":"call ended"/, 60_000);
    expect(worker.process.exitCode).toBeNull();
  });
});
