import { describe, expect, it } from 'vitest';
import { type InferenceExecutor, TurnModel, TurnModelError } from '../../../agent/providers/turn-model.js';

/** An inference process that keeps what it is asked and answers as told. */
class ScriptedExecutor implements InferenceExecutor {
  readonly asked: Int16Array[] = [];
  readonly #answer: () => Promise<unknown>;

  constructor(answer: () => Promise<unknown>) {
    this.#answer = answer;
  }

  async doInference(_method: string, data: unknown): Promise<unknown> {
    const bytes = Buffer.from((data as { pcm: string }).pcm, 'base64');
    this.asked.push(new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2));
    return this.#answer();
  }
}

const sure = async () => ({ probability: 0.9, inferenceDurationMs: 20 });
const ramp = (from: number, length: number) => Int16Array.from({ length }, (_, i) => (from + i) % 30_000);

describe('the turn model', () => {
  it('is asked about the last 1.2 s, in order, however they came', async () => {
    const executor = new ScriptedExecutor(sure);
    const model = new TurnModel(executor);
    for (let at = 0; at < 25_000; at += 160) model.push(ramp(at, 160));
    expect(await model.score()).toBe(0.9);
    const [pcm] = executor.asked;
    expect(pcm).toHaveLength(19_200);
    expect(pcm?.at(-1)).toBe(25_119);
    expect(pcm?.every((sample, i) => i === 0 || sample === (pcm[i - 1] ?? 0) + 1)).toBe(true);
  });

  it('is asked about what there is while there is less', async () => {
    const executor = new ScriptedExecutor(sure);
    const model = new TurnModel(executor);
    model.push(ramp(5, 320));
    await model.score();
    expect(executor.asked[0]).toEqual(ramp(5, 320));
  });

  it.each([
    ['gone', () => Promise.reject(new Error('IPC channel closed'))],
    ['wrong', () => Promise.resolve({ probability: 7 })],
    ['silent', () => new Promise(() => undefined)],
  ])('never passes for a score when it is %s', async (_how, answer) => {
    await expect(new TurnModel(new ScriptedExecutor(answer)).score()).rejects.toBeInstanceOf(TurnModelError);
  });
});
