import { describe, expect, it } from 'vitest';
import type { ChatMessage, Engine } from '../../../local-providers/engine.js';
import { createScriptedEngine } from '../../../local-providers/scripted/engine.js';
import { ScriptBody } from '../../../local-providers/scripted/script.js';
import { ScriptStore } from '../../../local-providers/scripted/script-store.js';
import { ManualClock } from '../manual-clock.js';

async function start(script: object = {}): Promise<{ clock: ManualClock; engine: Engine }> {
  const clock = new ManualClock();
  const scripts = new ScriptStore({ clock, preset: 'fixed', seed: 1 });
  await scripts.apply(ScriptBody.parse({ call: 'test', ...script }));
  return { clock, engine: createScriptedEngine(clock, scripts) };
}

const user = (content: string): ChatMessage => ({ role: 'user', content });

describe('the scripted language model', () => {
  function ask(engine: Engine, clock: ManualClock, messages: ChatMessage[], signal = new AbortController().signal) {
    const request = { model: 'm', messages, tools: [], toolChoice: 'auto' as const, callKey: 'test' };
    const pieces: { text: string; atMs: number }[] = [];
    const done = (async () => {
      for await (const chunk of engine.conversationalist.reply(request, signal)) {
        if (chunk.kind === 'text') pieces.push({ text: chunk.text, atMs: clock.nowMs() });
      }
      return pieces.map(({ text }) => text).join('');
    })();
    return { pieces, done };
  }

  it('takes 220 ms to the first token and 12 ms for each further one', async () => {
    const { clock, engine } = await start({ replies: [{ text: 'One latte, please' }] });
    const { pieces, done } = ask(engine, clock, [user('hi')]);
    await clock.advance(1_000);
    expect(await done).toBe('One latte, please');
    expect(pieces.map(({ atMs }) => atMs)).toEqual([220, 232, 244, 256]);
  });

  it('gives a repeated request the same answer, and the next turn the next', async () => {
    const { clock, engine } = await start({ replies: [{ text: 'first' }, { text: 'second' }] });
    const asked = [[user('a')], [user('a')], [user('a'), user('b')]].map(
      (messages) => ask(engine, clock, messages).done,
    );
    await clock.advance(1_000);
    expect(await Promise.all(asked)).toEqual(['first', 'first', 'second']);
  });

  it('prefers a reply to what was said', async () => {
    const { clock, engine } = await start({ replies: [{ text: 'in turn' }, { when: 'MILK', text: 'about milk' }] });
    const { done } = ask(engine, clock, [user('with some milk please')]);
    await clock.advance(1_000);
    expect(await done).toBe('about milk');
  });

  it('greets when nobody has spoken yet', async () => {
    const { clock, engine } = await start({ greeting: 'Welcome to the bar.' });
    const { done } = ask(engine, clock, [{ role: 'system', content: 'Greet.' }]);
    await clock.advance(1_000);
    expect(await done).toBe('Welcome to the bar.');
  });

  it('stops without an error when aborted, and leaves no timer', async () => {
    const { clock, engine } = await start({ replies: [{ text: 'one two three' }] });
    const controller = new AbortController();
    const { done } = ask(engine, clock, [user('hi')], controller.signal);
    await clock.advance(225);
    controller.abort();
    expect(await done).toBe('one');
    expect(clock.waiting).toBe(0);
  });
});

describe('the scripted synthesiser', () => {
  it('takes 90 ms from the request, and speaks 15 characters a second', async () => {
    const { clock, engine } = await start();
    const options = { text: 'Fifteen letters', voiceId: 'v', language: 'en', sampleRateHz: 16_000, callKey: 'test' };
    let firstAtMs: number | undefined;
    let samples = 0;
    const done = (async () => {
      for await (const chunk of engine.synthesiser.speak(options, new AbortController().signal)) {
        firstAtMs ??= clock.nowMs();
        if (chunk.kind === 'audio') samples += chunk.samples.length;
      }
    })();
    await clock.advance(200);
    await done;
    expect(firstAtMs).toBe(90);
    expect(samples).toBe(16_000);
  });
});
