import { createServer, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TurnModel, TurnModelError, type TurnModelErrorKind } from '../../../agent/providers/turn-model.js';
import { encodeAnswer } from '../../../agent/turn-model/framing.js';
import { ScoreServer } from '../../../agent/turn-model/score-server.js';
import { type SocketPlace, socketPlace } from '../../support/sockets.js';

const ramp = (from: number, length: number) => Int16Array.from({ length }, (_, i) => (from + i) % 30_000);

let place: SocketPlace;
const models: TurnModel[] = [];
let server: ScoreServer | undefined;

beforeEach(() => {
  place = socketPlace();
});
afterEach(async () => {
  for (const model of models.splice(0)) model.close();
  await server?.close();
  server = undefined;
  place.remove();
});

async function serve(predict: (pcm: Int16Array) => Promise<number>, firstMs = 1): Promise<ScoreServer> {
  server = new ScoreServer({ predict, firstMs });
  await server.listen(place.path);
  return server;
}

/** A call's model, with a little audio in it. */
function openModel(timeoutMs?: number): TurnModel {
  const model = new TurnModel(place.path, timeoutMs);
  models.push(model);
  model.push(ramp(1, 160));
  return model;
}

/** A call's model that has reached the server. */
async function connectedModel(timeoutMs?: number): Promise<TurnModel> {
  const model = openModel(timeoutMs);
  await vi.waitFor(async () => expect(await kindOf(model.score())).not.toBe('gone'), { timeout: 5_000, interval: 10 });
  return model;
}

async function kindOf(score: Promise<number>): Promise<TurnModelErrorKind | number> {
  try {
    return await score;
  } catch (error) {
    if (error instanceof TurnModelError) return error.kind;
    throw error;
  }
}

/** A model that answers by itself until it is held; then only when it is told to, oldest request first. */
class HeldModel {
  readonly held: ((probability: number) => void)[] = [];
  isHeld = false;
  readonly predict = async (): Promise<number> =>
    this.isHeld ? new Promise((resolve) => this.held.push(resolve)) : 0.5;

  async isAsked(): Promise<void> {
    await vi.waitUntil(() => this.held.length > 0, { timeout: 5_000, interval: 2 });
  }

  /** Answers the next request, once it is there. */
  async answer(probability: number): Promise<void> {
    await this.isAsked();
    this.held.shift()?.(probability);
  }
}

/** A connected call whose model answers only when it is told to. */
async function heldCall(timeoutMs: number): Promise<{ readonly model: TurnModel; readonly held: HeldModel }> {
  const held = new HeldModel();
  await serve(held.predict);
  const model = await connectedModel(timeoutMs);
  held.isHeld = true;
  return { model, held };
}

describe('the turn model', () => {
  it('is asked about the last 1.2 s, in order, however they came', async () => {
    const asked: Int16Array[] = [];
    await serve(async (pcm) => {
      asked.push(pcm.slice());
      return 0.75;
    });
    const model = await connectedModel();
    for (let at = 0; at < 25_000; at += 160) model.push(ramp(at, 160));
    expect(await model.score()).toBe(0.75);
    const pcm = asked.at(-1);
    expect(pcm).toHaveLength(19_200);
    expect(pcm?.at(-1)).toBe(25_119);
    expect(pcm?.every((sample, i) => i === 0 || sample === (pcm[i - 1] ?? 0) + 1)).toBe(true);
  });

  it('is asked about what there is while there is less, and not at all while there is nothing', async () => {
    const asked: Int16Array[] = [];
    await serve(async (pcm) => {
      asked.push(pcm.slice());
      return 0.5;
    });
    await connectedModel();
    expect(asked[0]).toEqual(ramp(1, 160));
    const silent = new TurnModel(place.path);
    models.push(silent);
    expect(await kindOf(silent.score())).toBe('failed');
  });

  it.each([
    ['throws', () => Promise.reject(new Error('no such input'))],
    ['says NaN', () => Promise.resolve(Number.NaN)],
    ['says more than 1', () => Promise.resolve(1.5)],
    ['says less than 0', () => Promise.resolve(-0.1)],
  ])('never passes for a score when it %s', async (_how, predict) => {
    await serve(predict);
    const model = await connectedModel();
    expect(await kindOf(model.score())).toBe('failed');
  });

  it('is slow when its answer does not come in time, and the late answer is nobody else’s', async () => {
    const { model, held } = await heldCall(100);
    expect(await kindOf(model.score())).toBe('slow');
    await held.answer(0.25);
    held.isHeld = false;
    await vi.waitFor(async () => expect(await kindOf(model.score())).toBe(0.5), { timeout: 5_000, interval: 10 });
  });

  it('is gone at once when its process ends under a request, and comes back by itself', async () => {
    const { model, held } = await heldCall(60_000);
    const score = kindOf(model.score());
    await held.isAsked();
    await server?.close();
    expect(await score).toBe('gone');
    expect(await kindOf(model.score())).toBe('gone');
    await serve(async () => 0.25);
    await vi.waitFor(async () => expect(await kindOf(model.score())).toBe(0.25), { timeout: 5_000, interval: 10 });
  });

  it('is gone while it was never there, without failing anything else', async () => {
    const model = openModel();
    expect(await kindOf(model.score())).toBe('gone');
    await serve(async () => 0.5);
    await vi.waitFor(async () => expect(await kindOf(model.score())).toBe(0.5), { timeout: 5_000, interval: 10 });
  });

  it('settles what is on its way when the call lets go of it, and asks no more', async () => {
    const { model, held } = await heldCall(60_000);
    const score = kindOf(model.score());
    await held.isAsked();
    model.close();
    model.close();
    expect(await score).toBe('gone');
    expect(await kindOf(model.score())).toBe('gone');
  });

  it('is busy when other calls have given it enough to do', async () => {
    const { model, held } = await heldCall(60_000);
    const other = openModel(50);
    const waiting = kindOf(model.score());
    await held.isAsked();
    await vi.waitFor(async () => expect(await kindOf(other.score())).toBe('busy'), { timeout: 5_000, interval: 10 });
    model.close();
    expect(await waiting).toBe('gone');
  });

  it('takes four requests of one call at a time', async () => {
    const { model } = await heldCall(60_000);
    const four = [model.score(), model.score(), model.score(), model.score()].map(kindOf);
    expect(await kindOf(model.score())).toBe('busy');
    model.close();
    expect(await Promise.all(four)).toEqual(['gone', 'gone', 'gone', 'gone']);
  });

  describe('whose answers are no answers', () => {
    let strange: Server | undefined;
    afterEach(() => strange?.close());

    const answerWith = async (bytes: Buffer): Promise<void> => {
      const answering = createServer((socket) => {
        socket.on('data', () => socket.write(bytes));
        socket.on('error', () => socket.destroy());
      });
      strange = answering;
      await new Promise<void>((resolve) => answering.listen(place.path, resolve));
    };

    it('has failed, and is connected to anew', async () => {
      await answerWith(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'));
      const model = await connectedModel();
      await vi.waitFor(async () => expect(await kindOf(model.score())).toBe('failed'), {
        timeout: 5_000,
        interval: 10,
      });
    });

    it('is slow when it answers what nobody asked', async () => {
      await answerWith(encodeAnswer({ id: 4_000_000_000, status: 'score', probability: 0.5, inferenceMs: 1 }));
      const model = await connectedModel(100);
      expect(await kindOf(model.score())).toBe('slow');
    });
  });
});
