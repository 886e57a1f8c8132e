/** Real calls over scripted providers: what is begun ahead, said at once, waited for and made up for. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Clip } from '../../bench/caller/clip.js';
import { scriptedRecording } from '../support/recordings.js';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';
import { placeCall } from '../support/stack.js';

const ORDER = 'orders/7594182a.flac';
const REPLY = 'One moment of your time, and it is ready. What else can I get you?';
const limit = { timeoutMs: 20_000 };

let scripted: ScriptedStack;

beforeAll(async () => {
  scripted = await startScriptedStack('waiting');
});
afterAll(async () => {
  await scripted?.close();
});

type Script = Omit<Parameters<ScriptedStack['script']>[0], 'turns'>;

/** Scripts the next call, in which the order is said. */
async function script(body: Script): Promise<Clip> {
  const { clip, turn } = await scriptedRecording(ORDER);
  await scripted.script({ turns: [turn], preset: 'fixed', ...body });
  return clip;
}

async function call(clip: Clip, profile: string) {
  await using placed = await placeCall(scripted.stack, { profile });
  const { caller } = placed;
  await caller.waitForGreeting(limit);
  const saying = caller.startSaying(clip);
  await saying.finished;
  return await saying.reply(limit);
}

describe('a caller who has finished', () => {
  it('is answered with what was begun while that was not sure yet, and is told no word of it twice', async () => {
    const clip = await script({ replies: [{ text: REPLY }] });
    const { document, outcome } = await call(clip, 'good');
    expect(outcome).toBe('answered');
    expect(document).toMatchObject({ reply: REPLY, speculated: true });
    const { llmRequestedAtMs = Number.NaN, committedAtMs = Number.NaN } = document?.instants ?? {};
    expect(llmRequestedAtMs).toBeLessThan(committedAtMs);
  });

  it('hears an opening first where the profile has them, and the answer go on from it', async () => {
    const clip = await script({ replies: [{ text: REPLY }], timing: { llmTtft: 900 } });
    const { document } = await call(clip, 'excellent');
    expect(document?.reply).toMatch(new RegExp(`^(Sure|Okay|Alright), ${REPLY.replaceAll(/[?.]/g, '\\$&')}$`));
    const { playoutStartedAtMs = Number.NaN, answerStartedAtMs = Number.NaN } = document?.instants ?? {};
    expect(answerStartedAtMs).toBeGreaterThan(playoutStartedAtMs + 200);
  });

  it('is told to wait where the model is late, and answered then', async () => {
    const clip = await script({ replies: [{ text: REPLY }], timing: { llmTtft: 3_600 } });
    await using placed = await placeCall(scripted.stack, { profile: 'good' });
    const { caller } = placed;
    await caller.waitForGreeting(limit);
    const saying = caller.startSaying(clip);
    await saying.finished;
    // The filler's own sound; what it tells to wait for comes a second later.
    const { heardResponseMs } = await saying.reply(limit);
    expect(heardResponseMs).toBeLessThan(3_300);
    const document = await caller.until(() => caller.turnDocuments.find(({ turn }) => turn === 1), 'turn 1', limit);
    expect(document.reply.endsWith(REPLY)).toBe(true);
    expect(document.reply.length).toBeGreaterThan(REPLY.length);
  });

  it('is told so when no answer can be had', async () => {
    const clip = await script({
      replies: [{ text: REPLY }],
      faults: [{ component: 'llm', kind: 'status', status: 500 }],
    });
    const { document, outcome } = await call(clip, 'good');
    expect(outcome).toBe('answered');
    expect(document?.reply).toBe('Sorry, I am having trouble right now. Could you say that again?');
  });
});
