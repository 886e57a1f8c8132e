import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { CartesiaLink } from '../../../agent/providers/cartesia-link.js';
import type { CartesiaError, ContextEvents } from '../../../agent/providers/cartesia-socket.js';

/** A server that takes sockets and says nothing: what the link does by itself is all that happens. */
let server: WebSocketServer;
let sockets: WebSocket[];
let received: object[][];
let link: CartesiaLink;
let errors: string[];
let nowMs: number;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
  sockets = [];
  received = [];
  errors = [];
  nowMs = 0;
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: false });
  server.on('connection', (socket) => {
    const messages: object[] = [];
    sockets.push(socket);
    received.push(messages);
    socket.on('message', (data) => messages.push(JSON.parse(String(data)) as object));
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  link = new CartesiaLink(
    { baseUrl: `http://127.0.0.1:${port}`, apiKey: 'k', model: 'sonic-3', voice: 'v', language: 'en' },
    { nowMs: () => nowMs },
    { onError: (error) => errors.push((error as CartesiaError).kind) },
  );
});

afterEach(async () => {
  link.close();
  vi.useRealTimers();
  for (const socket of sockets) socket.terminate();
  await new Promise((resolve) => server.close(resolve));
});

/** Waits for real sockets while the link's own timers stand still. */
async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 5_000 && !isSo(); tries += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(isSo()).toBe(true);
}

function events(): ContextEvents & { readonly failures: CartesiaError[]; sent: number } {
  const failures: CartesiaError[] = [];
  const noted = {
    failures,
    sent: 0,
    onAudio: () => undefined,
    onWords: () => undefined,
    onDone: () => undefined,
    onFailure: (error: CartesiaError) => void failures.push(error),
    onSent: (characters: number) => {
      noted.sent += characters;
    },
  };
  return noted;
}

describe("the synthesiser's link", () => {
  it('is taken over by a younger socket before the vendor ends it, with nothing open on it cut', async () => {
    link.warm();
    await until(() => link.isReady);
    const noted = events();
    const context = link.open(noted);
    context.send('Hello ');
    nowMs = 241_000;
    vi.advanceTimersByTime(15_000);
    await until(() => sockets.length === 2);
    await until(() => received[0]?.length === 1);
    await new Promise((resolve) => setImmediate(resolve));
    context.send('there.');
    await until(() => received[0]?.length === 2);
    link.open(events()).send('And this.');
    await until(() => received[1]?.length === 1);
    context.cancel();
    await until(() => sockets[0]?.readyState === 3);
    expect(link.isReady).toBe(true);
    expect(errors).toEqual([]);
    expect(noted.failures).toEqual([]);
    expect(noted.sent).toBe('Hello there.'.length);
  });

  it('drops a socket that gives no sign of life, and opens another', async () => {
    link.warm();
    await until(() => link.isReady);
    vi.advanceTimersByTime(15_000);
    expect(link.isReady).toBe(true);
    vi.advanceTimersByTime(15_000);
    await until(() => errors.length === 1);
    expect(errors).toEqual(['closed']);
    vi.advanceTimersByTime(1);
    await until(() => sockets.length === 2);
    await until(() => link.isReady);
  });

  it('waits longer each time a socket is accepted and closed at once', async () => {
    server.on('connection', (socket) => socket.close());
    link.warm();
    await until(() => errors.length === 1);
    vi.advanceTimersByTime(1);
    await until(() => errors.length === 2);
    vi.advanceTimersByTime(99);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sockets.length).toBe(2);
    vi.advanceTimersByTime(1);
    await until(() => errors.length === 3);
  });

  it('does not wait when a context asks for a socket', async () => {
    server.once('connection', (socket) => socket.close());
    link.warm();
    await until(() => errors.length === 1);
    link.open(events()).send('Hello.');
    await until(() => received[1]?.length === 1);
  });

  it('sends nothing of a context that was cancelled before its socket was open', async () => {
    const noted = events();
    const context = link.open(noted);
    context.send('Never.');
    context.cancel();
    const other = events();
    link.open(other).send('This.');
    await until(() => received[0]?.length === 1);
    expect(received[0]).toMatchObject([{ transcript: 'This.' }]);
    expect([noted.sent, other.sent]).toEqual([0, 5]);
  });

  it('tells the contexts of a lost socket, and nobody else', async () => {
    const noted = events();
    link.open(noted).send('Hello.');
    await until(() => received[0]?.length === 1);
    sockets[0]?.terminate();
    await until(() => noted.failures.length === 1);
    expect(errors).toEqual([]);
  });

  it('lets a context on a distrusted socket go on, and gives others a fresh one', async () => {
    const suspect = link.open(events());
    suspect.send('Slow ');
    await until(() => received[0]?.length === 1);
    suspect.distrust();
    suspect.distrust();
    link.open(events()).send('Quick.');
    await until(() => received[1]?.length === 1);
    suspect.send('going.');
    await until(() => received[0]?.length === 2);
    expect(sockets.length).toBe(2);
  });

  it('is closed with everything on it', async () => {
    const noted = events();
    link.open(noted).send('Hello.');
    await until(() => received[0]?.length === 1);
    link.close();
    link.close();
    await until(() => sockets[0]?.readyState === 3);
    vi.advanceTimersByTime(60_000);
    expect(sockets.length).toBe(1);
    expect(noted.failures).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
