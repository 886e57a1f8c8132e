/** Each arm written in Python greets and answers an order over a real SFU. Left out where its packages are not installed. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WINDOW_MS, windowLevels } from '../../../bench/audio/levels.js';
import { SimulatedCaller } from '../../../bench/caller/simulated-caller.js';
import { makeSeat } from '../../../bench/caller/tokens.js';
import { type PausedOrder, readPausedOrders } from '../../../bench/cut-ins/orders.js';
import { PYTHON_ARM_KINDS } from '../../../bench/python/arms.js';
import { installedPython } from '../../../bench/python/install.js';
import { startPythonArm } from '../../../bench/python/process.js';
import { type ScriptedProviders, startProviders } from '../../../bench/scripted-providers.js';
import { type Sfu, startSfu } from '../../support/sfu.js';

const REPLY = 'Got it. What else can I get you?';
const GREETING_TIMEOUT_MS = 60_000;
const ANSWER_TIMEOUT_MS = 10_000;
/** Sound of a greeting that is heard whole, in ms: its 48 characters take the scripted voice 2.4 s, gaps between words included. */
const GREETING_LEAST_MS = 1_900;
const AUDIBLE_DBFS = -50;

const kinds = PYTHON_ARM_KINDS.filter((kind) => installedPython(kind) !== undefined);

describe.runIf(kinds.length > 0)('an arm written in Python', () => {
  let sfu: Sfu;
  let providers: ScriptedProviders;
  let orders: PausedOrder[];
  beforeAll(async () => {
    [sfu, providers, orders] = await Promise.all([
      startSfu(),
      startProviders(new AbortController().signal),
      readPausedOrders(['test/speech'], { limit: 2, seed: 1 }),
    ]);
  });
  afterAll(async () => {
    await providers?.close();
    await sfu?.close();
  });

  it.each(kinds)('%s: greets and answers each order of a call', async (kind) => {
    const signal = AbortSignal.timeout(110_000);
    const keys = { LIVEKIT_URL: sfu.url, LIVEKIT_API_KEY: sfu.apiKey, LIVEKIT_API_SECRET: sfu.apiSecret };
    const settings = { ...keys, LIVEKIT_AGENT_NAME: kind, ...providers.envOf(kind) };
    const arm = await startPythonArm(kind, settings, signal);
    onTestFinished(() => arm.close());
    const turns = orders.map(({ words, envelopeDbfs }) => ({ words, envelopeDbfs }));
    await providers.script({ call: kind, turns, replies: turns.flatMap(() => [REPLY, REPLY]) }, signal);
    const ids = { roomName: `python-${crypto.randomUUID()}`, identity: 'caller' };
    const caller = new SimulatedCaller({ ...(await makeSeat(sfu, ids)), signal, reportHeard: false });
    onTestFinished(() => caller.hangUp());
    await arm.invite(ids.roomName);
    await caller.connect();
    const { greetingMs } = await caller.waitForGreeting({ timeoutMs: GREETING_TIMEOUT_MS });
    const { samples, sampleRateHz } = caller.recording();
    const audible = windowLevels(samples, sampleRateHz).filter((level) => level > AUDIBLE_DBFS);
    expect(audible.length * WINDOW_MS).toBeGreaterThan(GREETING_LEAST_MS);
    for (const order of orders) {
      const turn = await caller.say(order.clip, { timeoutMs: ANSWER_TIMEOUT_MS });
      expect(turn.outcome, arm.lines.join('\n')).toBe('answered');
      // What is heard is worth a look each time this runs: it is what the arm is for.
      process.stdout.write(
        `${kind}: greeted after ${Math.round(greetingMs)} ms, ${Math.round(turn.heardResponseMs ?? Number.NaN)} ms to "${turn.reply}"\n`,
      );
    }
  });
});
