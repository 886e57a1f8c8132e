import { type AddressInfo, connect, createServer } from 'node:net';
import { initializeLogger } from '@livekit/agents';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningProviders, startScripted } from '../../local-providers/support.js';
import { asking, loadOnce, replyModel } from './reply-support.js';

/** What a handshake over a wide network costs, in ms. */
const HANDSHAKE_MS = 250;
const TTFT_MS = 50;

let providers: RunningProviders;
const closing: (() => void)[] = [];
beforeAll(async () => {
  initializeLogger({ pretty: false, level: 'silent' });
  providers = await startScripted();
  await providers.script({ call: '*', timing: { llmTtft: TTFT_MS, llmPerToken: 1 } });
  await loadOnce(providers.url);
});
afterAll(async () => {
  for (const close of closing) close();
  await providers.close();
});

/** Passes bytes on from {@link HANDSHAKE_MS} after a connection was made. */
async function farAway(url: string): Promise<string> {
  const server = createServer((near) => {
    near.on('error', () => near.destroy());
    setTimeout(() => {
      const far = connect(Number(new URL(url).port), '127.0.0.1');
      far.on('error', () => far.destroy());
      near.pipe(far).pipe(near);
      near.once('close', () => far.destroy());
      far.once('close', () => near.destroy());
    }, HANDSHAKE_MS);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What the machine does besides only makes a turn later: the soonest of a few is the least disturbed. */
const soonest = (values: readonly number[]): number => Math.min(...values);

describe('a provider whose handshake takes 250 ms', () => {
  /** First tokens of a call's turns, in ms; the reply before each is cut off by the caller. */
  async function turns(url: string, isWarm: boolean): Promise<{ readonly ms: number[]; readonly unopened: number }> {
    const { model, counts } = replyModel(url, ['far'], { switches: { hedging: false } });
    if (isWarm) model.warm();
    await new Promise((resolve) => setTimeout(resolve, 2 * HANDSHAKE_MS));
    const ms: number[] = [];
    for (let turn = 0; turn < 3; turn++) {
      const askedAtMs = performance.now();
      const stream = model.reply(asking('hi'));
      for await (const { delta } of stream) {
        if (!delta?.content) continue;
        ms.push(performance.now() - askedAtMs);
        break;
      }
      await stream.usage;
      await new Promise((resolve) => setTimeout(resolve, HANDSHAKE_MS + 50));
    }
    await model.aclose();
    return { ms, unopened: counts['turnwise_provider_connections_total openai false'] ?? 0 };
  }

  it('costs no turn of a warm call anything, not even after interruptions', async () => {
    const url = await farAway(providers.url);
    const calls = [];
    for (let call = 0; call < 3; call++) calls.push(await turns(url, true));
    expect(calls.map(({ unopened }) => unopened)).toEqual([0, 0, 0]);
    const first = soonest(calls.map(({ ms }) => ms[0] ?? Number.NaN));
    const later = soonest(calls.flatMap(({ ms }) => ms.slice(1)));
    expect(Math.abs(first - later)).toBeLessThan(30);
    const cold = [];
    for (let call = 0; call < 3; call++) cold.push((await turns(url, false)).ms[0] ?? Number.NaN);
    expect(soonest(cold) - first).toBeGreaterThan(200);
  });
});
