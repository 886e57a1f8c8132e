import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** The body was longer than the bound, or no JSON. */
export class BodyError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** @throws {@link BodyError} when the body is longer than `maxBytes` or no JSON. */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw new BodyError(413, `The body is longer than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new BodyError(400, 'We could not parse the JSON body of your request.');
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.destroyed || response.headersSent) return;
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Answers an upgrade request with an ordinary response and ends the connection. */
export function refuseUpgrade(
  socket: Duplex,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const lines = Object.entries({
    Connection: 'close',
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\n${lines.join('')}\r\n${body}`);
}

/**
 * An abort signal that fires when the client goes away before the response has ended. Its half of the connection closed is
 * enough: nothing written after that would leave this machine, and none of it must be counted as sent.
 */
export function clientGone(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  const { socket } = response;
  const check = (): void => {
    if (!response.writableFinished) controller.abort(new Error('The client went away.'));
  };
  socket?.once('end', check);
  response.once('close', () => {
    socket?.off('end', check);
    check();
  });
  return controller.signal;
}

/** Writes and waits until the socket takes more, so that a slow reader slows the engine instead of filling memory. */
export async function writeAll(
  response: ServerResponse,
  data: string | Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (response.write(data)) return;
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      response.off('drain', drained);
      reject(signal.reason);
    };
    const drained = (): void => {
      signal.removeEventListener('abort', stop);
      resolve();
    };
    response.once('drain', drained);
    signal.addEventListener('abort', stop, { once: true });
  });
}
