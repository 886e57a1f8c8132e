/** A real call whose process stands still as its caller ends: the accounts tell of a wait, not of a faster caller. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { callProcesses } from '../../bench/accounting/call-process.js';
import { stageSum } from '../../bench/accounting/stage-sum.js';
import type { Clip } from '../../bench/caller/clip.js';
import type { SimulatedCaller } from '../../bench/caller/simulated-caller.js';
import { systemClock } from '../../bench/clock.js';
import { readMetric } from '../support/metrics.js';
import { scriptedRecording } from '../support/recordings.js';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';
import { placeCall } from '../support/stack.js';
import { reachLoop, STALLABLE } from '../support/stalled-loop.js';

const ORDER = 'orders/7594182a.flac';
const REPLY = 'One moment of your time, and it is ready. What else can I get you?';
/** Begins before the last sound of the caller's comes to the agent, which is some 100 ms under way, and ends well after it. */
const STALL_MS = 350;
/** What jitter buffers and windows of 32 ms move from turn to turn, in ms; an end told by its event would come 200 ms late. */
const ALIKE_MS = 80;
const limit = { timeoutMs: 20_000 };

let scripted: ScriptedStack;

beforeAll(async () => {
  scripted = await startScriptedStack('stalled', STALLABLE);
});
afterAll(async () => {
  await scripted?.close();
});

describe.skipIf(!existsSync('/proc/self/net/tcp'))('a call whose event loop stands still as the caller ends', () => {
  it('tells when speech ended by the audio, and a response as long as it was heard to be', async () => {
    const { stack } = scripted;
    const { clip, turn } = await scriptedRecording(ORDER);
    await scripted.script({ turns: [turn, turn], preset: 'fixed', replies: [{ text: REPLY }, { text: REPLY }] });
    await using placed = await placeCall(stack, { profile: 'good' });
    const { caller } = placed;
    await caller.waitForGreeting(limit);
    const pids = callProcesses(Number(stack.process.pid), Number(new URL(stack.livekitUrl).port));
    expect(pids).toHaveLength(1);
    const loop = await reachLoop(Number(pids[0]), () => stack.lines('worker'));
    const lag = () => readMetric(stack.metricsUrl, 'turnwise_call_loop_lag_seconds_sum');
    try {
      const steady = await say(caller, clip);
      const lagBefore = await lag();
      const stalled = await say(caller, clip, () => loop.stall(STALL_MS));
      await vi.waitFor(async () => expect((await lag()) - lagBefore).toBeGreaterThan(0.9 * (STALL_MS / 1_000)), 5_000);
      expect(Math.abs(stalled.endedAfterMs - steady.endedAfterMs)).toBeLessThan(ALIKE_MS);
      expect(stalled.waysMs).toBeGreaterThan(0);
      expect(Math.abs(stalled.waysMs - steady.waysMs)).toBeLessThan(ALIKE_MS);
      expect(stalled.sum).toMatchObject({ addsUp: true });
    } finally {
      loop.close();
    }
  });
});

/** Says it and hears the answer, with something done to the call as its last sound is spoken. */
async function say(caller: SimulatedCaller, clip: Clip, meanwhile: () => Promise<void> = async () => undefined) {
  const saying = caller.startSaying(clip);
  const endedAtMs = Number(saying.utterances.at(-1)?.endedAtMs);
  await systemClock.sleep(endedAtMs - systemClock.nowMs());
  await meanwhile();
  const { document, heardResponseMs = Number.NaN } = await saying.reply(limit);
  const { instants: { speechEndedAtMs = Number.NaN } = {}, responseMs = Number.NaN } = document ?? {};
  return {
    /** Between two clocks, of which only differences mean something. */
    endedAfterMs: speechEndedAtMs - endedAtMs,
    /** There and back: all that was heard and the agent does not account for. */
    waysMs: heardResponseMs - responseMs,
    sum: document && stageSum(document),
  };
}
