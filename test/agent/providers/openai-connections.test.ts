import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Connections } from '../../../agent/providers/openai-connections.js';

const ended: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

interface Place {
  readonly url: string;
  readonly server: Server;
  /** Connections made so far, and those that are open. */
  readonly made: Socket[];
  readonly open: Set<Socket>;
  readonly paths: string[];
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Place> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    answer(request, response);
  });
  const made: Socket[] = [];
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    made.push(socket);
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ended.push(() => {
    server.closeAllConnections();
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, made, open, paths };
}

function connect(place: Place, spares = 2) {
  const connections = new Connections({ baseUrl: `${place.url}/v1`, apiKey: 'key', spares });
  ended.push(() => connections.close());
  const wasOpen: boolean[] = [];
  const get = async (path: string, signal?: AbortSignal): Promise<Response> =>
    connections.send(`${place.url}${path}`, signal === undefined ? {} : { signal }, {
      onConnection: (open) => wasOpen.push(open),
    });
  return { connections, wasOpen, get };
}

const hello = (_request: IncomingMessage, response: ServerResponse): void => void response.end('hello');
const never = (_request: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(200).write('one');
};

describe('warm connections', () => {
  it('are opened before any request, and only when told', async () => {
    const place = await serve(hello);
    const { connections } = connect(place);
    expect(place.made).toHaveLength(0);
    connections.warm();
    await vi.waitFor(() => expect([connections.spares, place.open.size]).toEqual([2, 2]));
    expect(place.paths).toEqual([]);
  });

  it('serve a request without a handshake, and stay', async () => {
    const place = await serve(hello);
    const { connections, wasOpen, get } = connect(place);
    connections.warm();
    await vi.waitFor(() => expect(connections.spares).toBe(2));
    for (let round = 0; round < 5; round++) expect(await (await get('/v1/hello')).text()).toBe('hello');
    expect(wasOpen).toEqual([true, true, true, true, true]);
    expect(place.made.length).toBeLessThanOrEqual(3);
  });

  it('say so when a request had to wait for one', async () => {
    const { wasOpen, get } = connect(await serve(hello));
    await (await get('/v1/hello')).text();
    expect(wasOpen).toEqual([false]);
  });

  it('are replaced when an abort has cost one', async () => {
    const place = await serve(never);
    const { connections, wasOpen, get } = connect(place);
    connections.warm();
    for (let round = 0; round < 6; round++) {
      await vi.waitFor(() => expect(connections.spares).toBeGreaterThanOrEqual(2), { interval: 2 });
      const controller = new AbortController();
      const response = await get('/v1/endless', controller.signal);
      controller.abort(new Error('enough'));
      await expect(response.text()).rejects.toThrow('enough');
    }
    expect(wasOpen).toEqual(Array(6).fill(true));
    await vi.waitFor(() => expect(place.open.size).toBe(2));
  });

  it('are replaced when the server closes them idle', async () => {
    const place = await serve(hello);
    const { connections } = connect(place);
    connections.warm();
    await vi.waitFor(() => expect(connections.spares).toBe(2));
    for (const socket of place.made) socket.destroy();
    await vi.waitFor(() => expect([place.made.length, connections.spares]).toEqual([4, 2]));
  });

  it('are used before the server would close them, one at a time', async () => {
    const place = await serve(hello);
    place.server.keepAliveTimeout = 2_000; // Told as `Keep-Alive: timeout=2`: a ping is due 500 ms after the last use.
    const { connections, get } = connect(place);
    connections.warm();
    await (await get('/v1/hello')).text();
    await vi.waitFor(() => expect(place.paths).toContain('/v1/models'), { timeout: 1_500 });
  });

  it('are tried again, and not in a storm, while there is no server', async () => {
    const place = await serve(hello);
    const { url } = place;
    await new Promise((resolve) => place.server.close(resolve));
    const { connections, get } = connect(place);
    connections.warm();
    await expect(get('/v1/hello')).rejects.toThrow('ECONNREFUSED');
    await expect(get('/v1/hello')).rejects.toThrow('ECONNREFUSED');
    expect(place.made).toHaveLength(0);
    const again = createServer(hello);
    await new Promise<void>((resolve) => again.listen(Number(new URL(url).port), '127.0.0.1', resolve));
    ended.push(() => again.close());
    ended.push(() => again.closeAllConnections());
    await vi.waitFor(() => expect(connections.spares).toBe(2), { timeout: 3_000 });
  });

  it('refuse a server that is not theirs, and all when closed', async () => {
    const place = await serve(hello);
    const { connections } = connect(place);
    await expect(connections.send('http://127.0.0.1:1/v1/models')).rejects.toThrow('another server');
    connections.close();
    connections.close();
    await expect(connections.send(`${place.url}/v1/models`)).rejects.toThrow('closed');
  });

  it('tell how an answer broke off', async () => {
    const place = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Length': '10' }).write('one', () => response.destroy());
    });
    const { get } = connect(place);
    await expect((await get('/v1/broken')).text()).rejects.toThrow();
  });
});
