import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeAnswer, encodeRequest, FrameReader, type ScoreAnswer } from '../../../agent/turn-model/framing.js';
import { ScoreServer } from '../../../agent/turn-model/score-server.js';
import { type SocketPlace, socketPlace } from '../../support/sockets.js';

/** A caller that writes what it likes and keeps what it is told. */
class RawCaller {
  readonly answers: ScoreAnswer[] = [];
  readonly socket: Socket;
  readonly #frames = FrameReader.forAnswers();

  constructor(path: string) {
    this.socket = connect(path);
    this.socket.on('error', () => this.socket.destroy());
    this.socket.on('data', (chunk: Buffer) => {
      for (const payload of this.#frames.push(chunk)) this.answers.push(decodeAnswer(payload));
    });
  }

  /** Asks about one sample. */
  ask(id: number, sample = 0): void {
    this.socket.write(encodeRequest({ id, pcm: Int16Array.of(sample) }));
  }

  statusOf(id: number): ScoreAnswer['status'] | undefined {
    return this.answers.find((answer) => answer.id === id)?.status;
  }
}

let place: SocketPlace;
let server: ScoreServer;
let nowMs: number;
let asked: number[];
let release: ((probability: number) => void)[];
const callers: RawCaller[] = [];

beforeEach(() => {
  place = socketPlace();
  nowMs = 0;
  asked = [];
  release = [];
});
afterEach(async () => {
  for (const { socket } of callers.splice(0)) socket.destroy();
  await server.close();
  place.remove();
});

/** A server of a model that took `firstMs` for its first score, and answers when it is told to. */
async function start(firstMs: number): Promise<void> {
  server = new ScoreServer({
    predict: (pcm) => {
      asked.push(pcm[0] ?? 0);
      return new Promise((resolve) => release.push(resolve));
    },
    firstMs,
    nowMs: () => nowMs,
  });
  await server.listen(place.path);
}

function caller(): RawCaller {
  const made = new RawCaller(place.path);
  callers.push(made);
  return made;
}

const soon = { timeout: 5_000, interval: 2 };

describe('the score server', () => {
  it('asks the model one at a time, in the order of arrival', async () => {
    await start(20);
    const one = caller();
    for (const id of [1, 2, 3]) one.ask(id, id);
    for (const [index, probability] of [0.25, 0.5, 0.75].entries()) {
      await vi.waitFor(() => expect(asked).toHaveLength(index + 1), soon);
      release.shift()?.(probability);
    }
    await vi.waitFor(() => expect(one.answers).toHaveLength(3), soon);
    expect(one.answers.map(({ id, ...rest }) => [id, 'probability' in rest && rest.probability])).toEqual([
      [1, 0.25],
      [2, 0.5],
      [3, 0.75],
    ]);
    expect(asked).toEqual([1, 2, 3]);
  });

  it('says at once that it is busy when the wait would be above 50 ms, and not when it would be 50', async () => {
    await start(25);
    const one = caller();
    for (const id of [1, 2, 3, 4]) one.ask(id);
    // One runs for 25 ms more, one waits: the third begins after 50 ms, the fourth would after 75.
    await vi.waitFor(() => expect(one.answers).toEqual([{ id: 4, status: 'busy' }]), soon);
    nowMs = 20;
    one.ask(5);
    await vi.waitFor(() => expect(one.statusOf(5)).toBe('busy'), soon);
  });

  it('takes requests again when the model is free, and learns how long it takes', async () => {
    await start(200);
    const one = caller();
    one.ask(1);
    await vi.waitFor(() => expect(asked).toHaveLength(1), soon);
    one.ask(2);
    await vi.waitFor(() => expect(one.statusOf(2)).toBe('busy'), soon);
    for (let id = 3; id < 13; id++) {
      nowMs += 10;
      release.shift()?.(0.5);
      await vi.waitFor(() => expect(one.statusOf(id === 3 ? 1 : id - 1)).toBe('score'), soon);
      one.ask(id);
      await vi.waitFor(() => expect(release).toHaveLength(1), soon);
    }
    // Ten quick scores later one more may wait.
    one.ask(13);
    nowMs += 10;
    release.shift()?.(0.5);
    await vi.waitFor(() => expect(release).toHaveLength(1), soon);
    expect(one.statusOf(13)).toBeUndefined();
  });

  it('lets a bounded number wait, however quick the model was', async () => {
    await start(0);
    const one = caller();
    for (let id = 0; id < 100; id++) one.ask(id);
    await vi.waitFor(() => expect(one.answers).toHaveLength(35), soon);
    expect(one.answers.every(({ status }) => status === 'busy')).toBe(true);
  });

  it('forgets what a caller that is gone has asked', async () => {
    await start(10);
    const [first, second] = [caller(), caller()];
    first.ask(1, 1);
    await vi.waitFor(() => expect(asked).toEqual([1]), soon);
    first.ask(2, 2);
    first.ask(3, 3);
    first.socket.end();
    await vi.waitFor(() => expect(first.socket.closed).toBe(true), soon);
    second.ask(4, 4);
    release.shift()?.(0.5);
    await vi.waitFor(() => expect(asked).toEqual([1, 4]), soon);
  });

  it('hangs up on a caller that speaks no frames, and on nobody else', async () => {
    await start(10);
    const [strange, good] = [caller(), caller()];
    strange.socket.write('GET / HTTP/1.1\r\n\r\n');
    await vi.waitFor(() => expect(strange.socket.closed).toBe(true), soon);
    good.ask(1);
    await vi.waitFor(() => expect(release).toHaveLength(1), soon);
    release.shift()?.(0.5);
    await vi.waitFor(() => expect(good.statusOf(1)).toBe('score'), soon);
  });

  it('says that its model is stuck once a score does not come for seconds', async () => {
    await start(10);
    caller().ask(1);
    await vi.waitFor(() => expect(asked).toHaveLength(1), soon);
    nowMs = 3_000;
    expect(server.isStuck).toBe(false);
    nowMs = 3_001;
    expect(server.isStuck).toBe(true);
    release.shift()?.(0.5);
    await vi.waitFor(() => expect(server.isStuck).toBe(false), soon);
  });

  it('takes the place of a server that died, at the same path', async () => {
    await start(10);
    const dead = server;
    server = new ScoreServer({ predict: async () => 0.5, firstMs: 1 });
    await server.listen(place.path);
    const one = caller();
    one.ask(1);
    await vi.waitFor(() => expect(one.statusOf(1)).toBe('score'), soon);
    await dead.close();
  });
});
