import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTestServer } from './support.js';

/** An SFU's HTTP side, answering every call with the status of the moment. */
async function startSfu() {
  const sfu = { status: 200, requests: 0, url: '' };
  const server = createServer((_request, response) => {
    sfu.requests += 1;
    response.writeHead(sfu.status, { 'content-type': 'application/json' });
    response.end(sfu.status === 200 ? '{"rooms":[]}' : '{"code":"unauthenticated","msg":"invalid token"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  sfu.url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return sfu;
}

describe('health', () => {
  it('is alive whatever the SFU does', async () => {
    const { app } = await createTestServer();
    expect((await app.inject('/healthz')).json()).toEqual({ status: 'alive' });
  });

  it('is ready once the SFU answers, and asks it once for many probes', async () => {
    const sfu = await startSfu();
    const { app } = await createTestServer({ LIVEKIT_URL: sfu.url });
    const answers = await Promise.all([app.inject('/readyz'), app.inject('/readyz'), app.inject('/readyz')]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect(sfu.requests).toBe(1);
  });

  it('says that the secret is wrong, and gets well again', async () => {
    const sfu = await startSfu();
    sfu.status = 401;
    let nowMs = 0;
    const { app } = await createTestServer({ LIVEKIT_URL: sfu.url }, { nowMs: () => nowMs });
    const refused = await app.inject('/readyz');
    expect(refused.statusCode).toBe(503);
    expect(refused.json().detail).toContain('Check LIVEKIT_API_KEY and LIVEKIT_API_SECRET');
    sfu.status = 200;
    nowMs = 2_000;
    expect((await app.inject('/readyz')).statusCode).toBe(200);
  });

  it('says that the SFU is away', async () => {
    const { app } = await createTestServer({ LIVEKIT_URL: 'ws://user:hidden@127.0.0.1:9' });
    const { statusCode, body } = await app.inject('/readyz');
    expect(statusCode).toBe(503);
    expect(JSON.parse(body).detail).toBe(
      'The SFU at ws://127.0.0.1:9 cannot be reached. Start livekit-server, or correct LIVEKIT_URL.',
    );
    expect(body).not.toContain('hidden');
  });
});

describe('the page', () => {
  it('is served at / with headers that bind it to this server and the SFU', async () => {
    const { app } = await createTestServer({ LIVEKIT_PUBLIC_URL: 'wss://sfu.example.test' }, { page: '<p>Turnwise' });
    const { statusCode, headers, body } = await app.inject('/');
    expect([statusCode, body]).toEqual([200, '<p>Turnwise']);
    expect(headers['content-type']).toContain('text/html');
    expect(headers['cache-control']).toBe('no-cache');
    expect(headers['x-content-type-options']).toBe('nosniff');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("connect-src 'self' wss://sfu.example.test https://sfu.example.test");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('unsafe');
  });

  it('reaches the regions of LiveKit Cloud', async () => {
    const { app } = await createTestServer({ LIVEKIT_URL: 'wss://bar.livekit.cloud' }, { page: '' });
    const { headers } = await app.inject('/');
    expect(headers['content-security-policy']).toContain('wss://*.livekit.cloud https://*.livekit.cloud');
  });

  it('is nowhere else', async () => {
    const { app } = await createTestServer({}, { page: '<p>Turnwise' });
    for (const url of ['/orders', '/token', '/metrics', '/..%2f..%2fpackage.json', '/%2e%2e/package.json']) {
      const { statusCode, headers } = await app.inject(url);
      expect([url, statusCode]).toEqual([url, 404]);
      expect(headers['content-type']).toContain('application/problem+json');
    }
  });

  it('says when it is not built', async () => {
    const { app } = await createTestServer();
    const response = await app.inject('/');
    expect(response.statusCode).toBe(503);
    expect(response.json().detail).toContain('npm run build');
  });
});
