/** A call goes on, at its usual pace, while the process of its turn model is killed. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PROFILES } from '../../agent/config/profiles.js';
import { readMetric } from '../support/metrics.js';
import { descendantsOf } from '../support/process-tree.js';
import { clipFrom, placeCall, type Stack, startStack } from '../support/stack.js';

const answerLimit = { timeoutMs: 10_000 };
const soon = { timeout: 15_000, interval: 50 };
/** Ends in a row after which the next start waits for 0.8 s: longer than any profile's wait without a score or with one. */
const ENDS = 4;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ engine: 'offline' });
});
afterAll(() => stack?.close());

const processes = () => descendantsOf(stack.process.pid ?? 0);
const modelPid = () => processes().find(({ command }) => command.includes('agent/turn-model/process.js'))?.pid;
/** The process that comes after another. */
const modelPidAfter = (ended: number | undefined) =>
  vi.waitUntil(() => {
    const pid = modelPid();
    return pid === ended ? undefined : pid;
  }, soon);
const scores = () => readMetric(stack.metricsUrl, 'turnwise_turn_model_seconds_count');

/** The model's errors of a kind, counted so far. */
async function errors(kind: string): Promise<number> {
  const text = await (await fetch(stack.metricsUrl)).text();
  const lines = text.split('\n').filter((line) => line.startsWith('turnwise_provider_errors_total{'));
  const line = lines.find((one) => one.includes('provider="turn-model"') && one.includes(`kind="${kind}"`));
  return Number(line?.split(' ').at(-1) ?? 0);
}

describe('the turn model of a worker', () => {
  it('is in a process of its own, and in no other', () => {
    expect(modelPid()).toBeGreaterThan(0);
    expect(processes().filter(({ command }) => command.includes('inference_proc'))).toEqual([]);
  });

  it('may be killed under a call: the turn is answered without it, and the next one is scored again', async () => {
    const clip = await clipFrom('test/speech/orders/7594182a.flac');
    await using call = await placeCall(stack);
    await call.caller.waitForGreeting({ timeoutMs: 15_000 });

    const saying = call.caller.startSaying(clip);
    let pid = await modelPidAfter(undefined);
    for (let end = 1; end < ENDS; end++) {
      process.kill(pid, 'SIGKILL');
      pid = await modelPidAfter(pid);
    }
    await saying.finished;
    process.kill(pid, 'SIGKILL');
    expect((await fetch(`${stack.healthUrl}/readyz`)).status).toBe(200);

    const { maxSilenceMs } = PROFILES.good.endpointing;
    const turn = await saying.reply(answerLimit);
    expect(turn).toMatchObject({ outcome: 'answered', cutIn: false });
    expect(turn.document?.profile).toBe('good');
    expect(turn.document?.stages?.endpointingMs).toBeLessThan(maxSilenceMs);
    await vi.waitFor(async () => {
      expect(await errors('died')).toBeGreaterThanOrEqual(ENDS);
      expect(await errors('gone')).toBeGreaterThanOrEqual(1);
    }, soon);

    await vi.waitUntil(() => stack.lines('worker').some((line) => line.includes('turn model is back')), soon);
    const before = await scores();
    const next = await call.caller.say(clip, answerLimit);
    expect(next).toMatchObject({ outcome: 'answered' });
    await vi.waitFor(async () => expect(await scores()).toBeGreaterThan(before), soon);
  });

  it('ends with the worker', async () => {
    const pid = await modelPidAfter(undefined);
    await stack.close();
    expect(() => process.kill(pid, 0)).toThrow();
  });
});
