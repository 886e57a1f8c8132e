import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stalling } from '../../../bench/latency/stalls.js';
import type { ChatMessage, Engine } from '../../../local-providers/engine.js';
import { askedAbout, heardAbout, PairedDraws } from '../../../local-providers/scripted/draws.js';
import { createScriptedEngine } from '../../../local-providers/scripted/engine.js';
import { PRESETS } from '../../../local-providers/scripted/latency.js';
import { ScriptBody, ScriptWord } from '../../../local-providers/scripted/script.js';
import { ScriptStore } from '../../../local-providers/scripted/script-store.js';
import { makeTemplate } from '../../../local-providers/scripted/template.js';
import { ManualClock } from '../manual-clock.js';

const REPLIES = [
  { text: 'Got it, it goes on your order. What else can I get you?' },
  { text: 'Got it, your drink comes right up.' },
];
const TIMING = { llmTtft: stalling(PRESETS.tails.llmTtft), ttsTtfb: stalling(PRESETS.tails.ttsTtfb) };

/** A worker under test, by the name that its calls have: what it asks takes as long as the script draws. */
async function startWorker(call: string, script: object = {}) {
  const clock = new ManualClock();
  const scripts = new ScriptStore({ clock, preset: 'tails', seed: 1 });
  await scripts.apply(ScriptBody.parse({ call, replies: REPLIES, timing: TIMING, seed: 7, paired: true, ...script }));
  const engine: Engine = createScriptedEngine(clock, scripts);
  const signal = new AbortController().signal;
  const timed = async (answer: AsyncIterable<unknown>): Promise<number> => {
    const startedAtMs = clock.nowMs();
    let firstAfterMs: number | undefined;
    const done = (async () => {
      for await (const _ of answer) firstAfterMs ??= Math.round(clock.nowMs() - startedAtMs);
    })();
    // Above the longest time that is drawn, and the tokens behind it.
    await clock.advance(20_000);
    await done;
    return firstAfterMs ?? Number.NaN;
  };
  return {
    /** @returns How long the first token took, in whole ms. */
    ask: (...said: string[]) => {
      const messages = said.map((content): ChatMessage => ({ role: 'user', content }));
      return timed(
        engine.conversationalist.reply({ model: 'm', messages, tools: [], toolChoice: 'auto', callKey: call }, signal),
      );
    },
    /** @returns How long the first sound took, in whole ms. */
    speak: (text: string) =>
      timed(
        engine.synthesiser.speak({ text, voiceId: 'v', language: 'en', sampleRateHz: 16_000, callKey: call }, signal),
      ),
  };
}

describe('paired draws', () => {
  it('are the same for a worker that drafts and hedges as for one that does not', async () => {
    const plain = await startWorker('plain');
    const eager = await startWorker('eager');
    const waited = [await plain.ask('A large latte.'), await plain.speak('Got it, it goes on your order.')];
    waited.push(
      await plain.ask('A large latte.', 'And a muffin.'),
      await plain.speak('Got it, your drink comes right up.'),
    );

    await eager.ask('A large');
    const hurried = [await eager.ask('a large latte')];
    const hedge = await eager.ask('A large latte.');
    hurried.push(await eager.speak('Got it,'));
    await eager.speak('Got it,');
    await eager.speak(' it goes on your order.');
    hurried.push(await eager.ask('A large latte.', 'and a muffin'), await eager.speak('got it, '));
    expect(hurried).toEqual(waited);
    expect(hedge).not.toBe(waited[0]);
  });

  it('of a second request for the same are the same among workers that make one', async () => {
    const [one, other] = [await startWorker('one'), await startWorker('other')];
    const asked = [await one.ask('a latte'), await one.ask('a latte')];
    await other.ask('something else');
    expect([await other.ask('a latte'), await other.ask('a latte')]).toEqual(asked);
    expect(asked[0]).not.toBe(asked[1]);
  });

  it('are others with another seed, and when the same is said once more', async () => {
    const one = await startWorker('one');
    const other = await startWorker('one', { seed: 8 });
    const first = await one.ask('a latte');
    expect(await other.ask('a latte')).not.toBe(first);
    expect(await one.ask('a latte', 'a latte')).not.toBe(first);
  });

  it('are off by default: a call then draws by its own name and the order of what it asks', async () => {
    const unpaired = { paired: undefined };
    const [one, other] = [await startWorker('one', unpaired), await startWorker('other', unpaired)];
    expect(await one.ask('a latte')).not.toBe(await other.ask('a latte'));
    const again = await startWorker('one', unpaired);
    const [before, latte] = [await again.ask('a muffin'), await again.ask('a latte')];
    const swapped = await startWorker('one', unpaired);
    expect([await swapped.ask('a latte'), await swapped.ask('a muffin')]).toEqual([before, latte]);
  });

  it('stall as often as is asked for, whatever they are for', () => {
    const draws = new PairedDraws();
    const shares = Array.from({ length: 20_000 }, (_, turn) => draws.next(3, 'tts', `turn ${turn} / 0`)());
    expect(shares.filter((share) => share > 0.95).length / shares.length).toBeCloseTo(0.05, 2);
    expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeCloseTo(0.5, 1);
  });
});

describe('what a request is about', () => {
  const user = (content: string): ChatMessage => ({ role: 'user', content });

  it('is the same whatever instructions there are, and how the words are written', () => {
    const told = askedAbout([{ role: 'system', content: 'Be brief.' }, user('A large latte.')]);
    expect(askedAbout([user('a large latte'), { role: 'system', content: 'Go on from "Sure,".' }])).toBe(told);
    expect(askedAbout([user('a large latte'), { role: 'tool', content: '{}', toolCallId: '1' }])).not.toBe(told);
  });

  it('tells how often the same words were said, whatever was said between', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a latte', 'a muffin', 'no')), (between) => {
        const abouts = [...between, 'yes', ...between, 'Yes!'].map((_, index, all) =>
          askedAbout(all.slice(0, index + 1).map(user)),
        );
        expect(new Set(abouts).size).toBe(abouts.length);
        expect(abouts.at(-1)).toBe('yes / 2');
      }),
    );
  });
});

describe('what a text to be spoken is about', () => {
  it('is its place in the latest answer that holds it, and else the text', () => {
    const draws = new PairedDraws();
    draws.noteAnswer('a latte / 1', REPLIES[0]?.text ?? '');
    draws.noteAnswer('a muffin / 1', REPLIES[1]?.text ?? '');
    expect(draws.spokenAbout('Got it,')).toBe('a muffin / 1 / 0');
    expect(draws.spokenAbout('Got it, it goes on your order.')).toBe('a latte / 1 / 0');
    expect(draws.spokenAbout('What else can I get you?')).toBe('a latte / 1 / 29');
    expect(draws.spokenAbout('One moment, please.')).toBe('one moment please');
    // A part of a word is none of the answer.
    expect(draws.spokenAbout('rink')).toBe('rink');
  });
});

describe('what a word that is recognised is', () => {
  it('is its place in the script, whoever hears it, also where the same words are said twice', () => {
    const said = () =>
      makeTemplate(
        ['a', 'latte'].map((word, at) => ScriptWord.parse({ word, startMs: at * 300, endMs: at * 300 + 200 })),
      );
    const turns = [said(), undefined, said()];
    const abouts = turns.flatMap((turn) => turn?.words.map((word) => heardAbout(word, turns)) ?? []);
    expect(abouts).toEqual(['0 / 0', '0 / 1', '2 / 0', '2 / 1']);
  });
});
