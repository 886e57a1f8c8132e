/**
 * A recogniser that reads what is written into the samples: silence is 0, the word of number n is a run of samples n. It
 * speaks Deepgram's protocol over a real socket, and says of each word how many samples of it came, so that not one can be
 * lost or doubled unseen.
 */
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

const RATE_HZ = 16_000;

interface Run {
  readonly value: number;
  readonly from: number;
  until: number;
}

export class LiteralRecogniser {
  readonly #server: WebSocketServer;
  /** Samples after which the next connection drops. */
  readonly #nextDrop: () => number;
  connections = 0;

  private constructor(server: WebSocketServer, nextDrop: () => number) {
    this.#server = server;
    this.#nextDrop = nextDrop;
    server.on('connection', (socket) => this.#serve(socket));
  }

  static async start(nextDrop: () => number): Promise<LiteralRecogniser> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await new Promise((resolve) => server.once('listening', resolve));
    return new LiteralRecogniser(server, nextDrop);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  #serve(socket: WebSocket): void {
    this.connections += 1;
    const dropAt = this.#nextDrop();
    let received = 0;
    let settled = 0;
    let runs: Run[] = [];
    const say = (isFinal: boolean, fromFinalize: boolean) => {
      const words = runs
        .filter(({ value }) => value !== 0)
        .map(({ value, from, until }) => ({
          word: `${value}:${until - from}`,
          start: from / RATE_HZ,
          end: until / RATE_HZ,
          confidence: 1,
        }));
      const transcript = words.map(({ word }) => word).join(' ');
      const [start, duration] = [settled / RATE_HZ, (received - settled) / RATE_HZ];
      const channel = { alternatives: [{ transcript, confidence: 1, words }] };
      socket.send(
        JSON.stringify({ type: 'Results', is_final: isFinal, from_finalize: fromFinalize, start, duration, channel }),
      );
      if (!isFinal) return;
      settled = received;
      runs = [];
    };
    socket.on('message', (data, isBinary) => {
      const bytes = Buffer.from(data as Buffer);
      if (!isBinary) {
        if (bytes.toString().includes('Finalize')) say(true, true);
        return;
      }
      const before = runs.length;
      for (let at = 0; at + 1 < bytes.length; at += 2) {
        const value = bytes.readInt16LE(at);
        const last = runs.at(-1);
        if (last?.value === value) last.until += 1;
        else runs.push({ value, from: received, until: received + 1 });
        received += 1;
      }
      if (received >= dropAt) socket.terminate();
      else if (runs.length > before) say(false, false);
    });
  }
}
