/** The token server as a process of its own: what it prints, where it listens, how it ends. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startProgram } from '../support/processes.js';

const SECRET = 'the-secret-that-nobody-may-read-here';
const READY_TIMEOUT_MS = 15_000;

function start(env: Record<string, string> = {}) {
  const program = startProgram({
    command: process.execPath,
    args: [resolve('dist/token-server/main.js')],
    env: {
      LIVEKIT_URL: 'ws://127.0.0.1:9',
      LIVEKIT_API_KEY: 'devkey',
      LIVEKIT_API_SECRET: SECRET,
      WEB_PORT: '0',
      TOKEN_METRICS_PORT: '0',
      ...env,
    },
  });
  onTestFinished(() => program.stop().then(() => undefined));
  return program;
}

async function ready(env: Record<string, string> = {}) {
  const program = start(env);
  const [line] = await program.waitForLine(/^.*"msg":"token server ready".*$/m, READY_TIMEOUT_MS);
  const { url, metricsUrl } = JSON.parse(line) as { url: string; metricsUrl: string };
  return { program, url, metricsUrl };
}

describe('the token server', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'serves, counts apart from the public port, and ends with 0 on %s',
    async (signal) => {
      const { program, url, metricsUrl } = await ready({ REGION: 'eu' });
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect((await fetch(`${url}/readyz`)).status).toBe(503);
      expect((await fetch(`${url}/token`, { method: 'POST' })).status).toBe(201);
      expect((await fetch(`${url}/metrics`)).status).toBe(404);
      const metrics = await (await fetch(metricsUrl)).text();
      expect(metrics).toContain('turnwise_token_requests_total{outcome="issued",region="eu"} 1');
      expect(metrics).toContain('process_resident_memory_bytes');
      expect(await program.stop(signal)).toBe(0);
      expect(program.output()).not.toContain(SECRET);
    },
  );

  it('names the setting that moves it when its port is taken', async () => {
    const holder = createServer();
    await new Promise<void>((held) => holder.listen(0, '127.0.0.1', held));
    onTestFinished(() => void holder.close());
    const { port } = holder.address() as AddressInfo;
    for (const name of ['WEB_PORT', 'TOKEN_METRICS_PORT']) {
      const program = start({ [name]: String(port) });
      expect(await program.exited).toBe(2);
      expect(program.output()).toBe(
        `Port ${port} on 127.0.0.1 is in use. Set ${name} to another port (0 picks a free one).\n`,
      );
    }
  });

  it('names every bad setting at once, shows no secret, and ends with 2', async () => {
    const program = start({ LIVEKIT_URL: 'http://x', WEB_PORT: 'x', TOKEN_SERVER_AUTH: 'jwt' });
    expect(await program.exited).toBe(2);
    expect(program.output()).toMatch(/LIVEKIT_URL is not.*WEB_PORT is not.*TOKEN_SERVER_AUTH is jwt/s);
    expect(program.output()).not.toContain(SECRET);
  });

  it('does not start open to everybody', async () => {
    const program = start({ WEB_HOST: '0.0.0.0' });
    expect(await program.exited).toBe(2);
    expect(program.output()).toContain('TOKEN_SERVER_AUTH is open, which is for this machine alone');
  });
});
