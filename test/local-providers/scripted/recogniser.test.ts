import { describe, expect, it } from 'vitest';
import type { RecognitionEvent, RecognitionOptions, RecognitionStream } from '../../../local-providers/engine.js';
import { seededRandom } from '../../../local-providers/random.js';
import { ScriptedRecogniser } from '../../../local-providers/scripted/recogniser.js';
import { ScriptBody } from '../../../local-providers/scripted/script.js';
import { ScriptStore } from '../../../local-providers/scripted/script-store.js';
import { ManualClock } from '../manual-clock.js';
import { envelope, layOut, mute, RATE_HZ, type SpokenWord, speak } from '../support.js';

const ORDER = layOut([
  ['can', 180],
  ['i', 90],
  ['have', 220],
  ['a', 80],
  ['large', 360],
  ['latte', 420],
]);

/** A recogniser whose caller has one scripted turn, and everything it says with the time at which it said it. */
async function listen({ words = ORDER, hasEnvelope = true, ...options }: ListenOptions = {}): Promise<Listening> {
  const clock = new ManualClock();
  const scripts = new ScriptStore({ clock, preset: 'fixed', seed: 1 });
  const turn = (spoken: readonly SpokenWord[]) => ({
    words: [...spoken],
    ...(hasEnvelope ? { envelopeDbfs: envelope(speak(spoken)) } : {}),
  });
  await scripts.apply(ScriptBody.parse({ call: 'test', turns: [turn(words)] }));
  const heard: Heard[] = [];
  const open = (): RecognitionStream =>
    new ScriptedRecogniser(clock, scripts).open(
      {
        sampleRateHz: RATE_HZ,
        language: 'en',
        interimResults: true,
        endpointingMs: false,
        callKey: 'test',
        ...options,
      },
      (event) => heard.push({ ...event, saidAtMs: clock.nowMs() }),
    );
  const stream = open();
  return {
    clock,
    scripts,
    heard,
    stream,
    open,
    async play(samples, into = stream, chunkMs = 20) {
      const chunk = (RATE_HZ * chunkMs) / 1_000;
      for (let at = 0; at < samples.length; at += chunk) {
        await clock.advance(chunkMs);
        into.write(samples.slice(at, at + chunk));
      }
    },
    addTurn: async (spoken) => {
      await scripts.apply(ScriptBody.parse({ call: 'test', append: true, turns: [turn(spoken)] }));
    },
  };
}

type ListenOptions = Partial<RecognitionOptions> & { words?: SpokenWord[]; hasEnvelope?: boolean };
type Heard = RecognitionEvent & { readonly saidAtMs: number };
interface Listening {
  readonly clock: ManualClock;
  readonly scripts: ScriptStore;
  readonly heard: Heard[];
  readonly stream: RecognitionStream;
  open(): RecognitionStream;
  /** Plays audio at its own pace, in chunks of 20 ms. */
  play(samples: Int16Array, into?: RecognitionStream, chunkMs?: number): Promise<void>;
  addTurn(words: readonly SpokenWord[]): Promise<void>;
}

const silence = (durationMs: number): Int16Array => new Int16Array((RATE_HZ * durationMs) / 1_000);
const wordsOf = (event: RecognitionEvent | undefined): string =>
  event !== undefined && 'segment' in event ? event.segment.words.map(({ word }) => word).join(' ') : '';
const lastInterim = (heard: readonly Heard[]): string => wordsOf(heard.findLast(({ kind }) => kind === 'interim'));
const finals = (heard: readonly Heard[]): string[] => heard.filter(({ kind }) => kind === 'final').map(wordsOf);

describe('ScriptedRecogniser', () => {
  it('shows each word 150 ms after the audio of its end has arrived, wherever in the stream the caller begins', async () => {
    const { heard, play, clock } = await listen();
    const leadMs = 730;
    await play(silence(leadMs));
    await play(speak(ORDER));
    await clock.advance(500);
    const shown = heard.filter(({ kind }) => kind === 'interim');
    expect(shown.map(wordsOf)).toEqual([
      'can',
      'can i',
      'can i have',
      'can i have a',
      'can i have a large',
      'can i have a large latte',
    ]);
    for (const [index, { saidAtMs }] of shown.entries()) {
      const dueAtMs = leadMs + (ORDER[index]?.endMs ?? 0) + 150;
      expect(saidAtMs).toBeGreaterThanOrEqual(dueAtMs - 10); // one frame, as well as an onset can be known
      expect(saidAtMs).toBeLessThanOrEqual(dueAtMs + 30); // one chunk, since only whole chunks arrive
    }
  });

  it('gives word times in the stream of audio received', async () => {
    const { heard, play, clock } = await listen();
    await play(silence(500));
    await play(speak(ORDER));
    await clock.advance(500);
    const last = heard.findLast(({ kind }) => kind === 'interim');
    const words = last !== undefined && 'segment' in last ? last.segment.words : [];
    for (const [index, word] of words.entries()) {
      expect(Math.abs(word.startMs - 500 - (ORDER[index]?.startMs ?? 0))).toBeLessThanOrEqual(20);
      expect(Math.abs(word.endMs - 500 - (ORDER[index]?.endMs ?? 0))).toBeLessThanOrEqual(20);
    }
  });

  it.each([0, 1, 2, 3, 4, 5])('loses exactly word %i when its audio is muted', async (index) => {
    const { heard, play, stream, clock } = await listen();
    const { startMs, endMs } = ORDER[index] ?? { startMs: 0, endMs: 0 };
    await play(silence(300));
    await play(mute(speak(ORDER), startMs, endMs));
    stream.finalize();
    await clock.advance(500);
    expect(finals(heard)).toEqual([
      ORDER.filter((_, at) => at !== index)
        .map(({ word }) => word)
        .join(' '),
    ]);
  });

  it('loses the words of a missing end', async () => {
    const { heard, play, stream, clock } = await listen();
    await play(speak(ORDER).slice(0, ((ORDER[4]?.startMs ?? 0) * RATE_HZ) / 1_000));
    await play(silence(2_000));
    stream.finalize();
    await clock.advance(500);
    expect(finals(heard)).toEqual(['can i have a']);
  });

  it('loses the words of a missing beginning', async () => {
    const { heard, play, stream, clock } = await listen();
    await play(silence(400));
    await play(speak(ORDER).slice(((ORDER[2]?.startMs ?? 0) * RATE_HZ) / 1_000));
    stream.finalize();
    await clock.advance(500);
    expect(finals(heard)).toEqual(['have a large latte']);
  });

  it('hears nothing in silence, however long', async () => {
    const { heard, play, stream, clock } = await listen();
    await play(silence(4_000));
    stream.finalize();
    await clock.advance(30);
    expect(heard).toMatchObject([{ kind: 'final', fromFinalize: true, segment: { words: [] }, saidAtMs: 4_030 }]);
  });

  it('sends the final 30 ms after finalize when no word is still to come', async () => {
    const { heard, play, stream, clock } = await listen();
    await play(speak(ORDER, 400));
    const askedAtMs = clock.nowMs();
    stream.finalize();
    await clock.advance(500);
    expect(heard.at(-1)).toMatchObject({
      kind: 'final',
      fromFinalize: true,
      speechFinal: false,
      saidAtMs: askedAtMs + 30,
    });
  });

  it('holds the final back until the last word may be shown', async () => {
    const { heard, play, stream, clock } = await listen();
    await play(speak(ORDER, 20));
    stream.finalize();
    await clock.advance(500);
    const final = heard.at(-1);
    expect(wordsOf(final)).toBe('can i have a large latte');
    expect(final?.saidAtMs).toBeGreaterThanOrEqual((ORDER[5]?.endMs ?? 0) + 140);
    expect(final?.saidAtMs).toBeLessThanOrEqual((ORDER[5]?.endMs ?? 0) + 180);
  });

  it('ends the final where finalize was asked for, whatever has arrived since', async () => {
    const { heard, stream, play } = await listen();
    await play(speak(ORDER, 300));
    stream.finalize();
    await play(new Int16Array(RATE_HZ / 2));
    const final = heard.find(({ kind }) => kind === 'final');
    expect(final).toMatchObject({ segment: { startMs: 0, durationMs: speak(ORDER, 300).length / 16 } });
  });

  it('answers every finalize with exactly one final', async () => {
    const { heard, play, stream, clock } = await listen();
    await play(speak(ORDER, 400));
    stream.finalize();
    stream.finalize();
    await clock.advance(500);
    expect(finals(heard)).toEqual(['can i have a large latte', '']);
  });

  it('ends the utterance by itself after the silence it was asked to wait for', async () => {
    const { heard, play } = await listen({ endpointingMs: 300 });
    await play(speak(ORDER, 1_000));
    const ends = heard.filter((event) => event.kind === 'final');
    expect(ends).toMatchObject([{ speechFinal: true, fromFinalize: false }]);
    expect(ends[0]?.saidAtMs).toBeGreaterThanOrEqual((ORDER[5]?.endMs ?? 0) + 290);
    expect(ends[0]?.saidAtMs).toBeLessThanOrEqual((ORDER[5]?.endMs ?? 0) + 340);
  });

  it('raises speech-started once an utterance and utterance-end after its gap', async () => {
    const { heard, play } = await listen({ endpointingMs: 300, utteranceEndMs: 1_000 });
    await play(silence(200));
    await play(speak(ORDER, 2_000));
    expect(heard.filter(({ kind }) => kind === 'speech-started')).toHaveLength(1);
    const end = heard.filter((event) => event.kind === 'utterance-end');
    expect(end).toHaveLength(1);
    expect(end[0]?.saidAtMs).toBeGreaterThanOrEqual(200 + (ORDER[5]?.endMs ?? 0) + 990);
  });

  it('takes the turns one after the other', async () => {
    const { heard, play, addTurn, stream, clock } = await listen();
    const answer = layOut([
      ['yes', 250],
      ['please', 350],
    ]);
    await addTurn(answer);
    await play(speak(ORDER, 900));
    stream.finalize();
    await play(silence(2_000));
    await play(speak(answer, 400));
    stream.finalize();
    await clock.advance(200);
    expect(finals(heard)).toEqual(['can i have a large latte', 'yes please']);
  });

  it('goes on when silence inside a turn was never sent', async () => {
    const words = layOut([
      ['a', 200],
      ['latte', 300],
    ]).concat([{ word: 'please', startMs: 3_000, endMs: 3_400 }]);
    const { heard, play, stream, clock } = await listen({ words });
    const audio = speak(words);
    const at = (ms: number): number => (ms * RATE_HZ) / 1_000;
    await play(audio.slice(0, at(1_500)));
    await clock.advance(1_000); // the client's energy filter holds this second back
    await play(audio.slice(at(2_500)));
    stream.finalize();
    await clock.advance(300);
    expect(finals(heard)).toEqual(['a latte please']);
  });

  it('does not take late audio for silence', async () => {
    const { heard, play, stream, clock } = await listen();
    const audio = speak(ORDER);
    const cut = ((ORDER[2]?.startMs ?? 0) * RATE_HZ) / 1_000;
    const burst = RATE_HZ * 0.5;
    await play(audio.slice(0, cut));
    await clock.advance(500);
    stream.write(audio.slice(cut, cut + burst));
    await play(audio.slice(cut + burst));
    stream.finalize();
    await clock.advance(300);
    expect(finals(heard)).toEqual(['can i have a large latte']);
  });

  it('finds the caller in a noisy line', async () => {
    const { heard, play, stream, clock } = await listen();
    const random = seededRandom('noise');
    const line = new Int16Array([...silence(1_230), ...speak(ORDER, 600)]);
    await play(line.map((sample) => sample + Math.round((random() - 0.5) * 2_000))); // above the recording's own gate
    stream.finalize();
    await clock.advance(300);
    expect(finals(heard)).toEqual(['can i have a large latte']);
  });

  it('takes a bang for no turn', async () => {
    const { heard, play, stream, clock } = await listen();
    await play(speak([{ word: 'bang', startMs: 100, endMs: 160 }], 1_000));
    await play(speak(ORDER, 500));
    stream.finalize();
    await clock.advance(300);
    expect(finals(heard)).toEqual(['can i have a large latte']);
  });

  it('lets a new stream of the call take up a turn in its middle', async () => {
    const { heard, play, stream, open, clock } = await listen();
    const audio = speak(ORDER, 500);
    const cut = ((ORDER[3]?.startMs ?? 0) * RATE_HZ) / 1_000;
    await play(audio.slice(0, cut));
    stream.abort();
    const second = open();
    await play(audio.slice(cut), second);
    second.finalize();
    await clock.advance(300);
    expect(finals(heard)).toEqual(['a large latte']);
  });

  it('needs no envelope when the beginning is there', async () => {
    const { heard, play, stream, clock } = await listen({ hasEnvelope: false });
    const { startMs, endMs } = ORDER[2] ?? { startMs: 0, endMs: 0 };
    await play(silence(640));
    await play(mute(speak(ORDER, 400), startMs, endMs));
    stream.finalize();
    await clock.advance(300);
    expect(finals(heard)).toEqual(['can i a large latte']);
  });

  it('emits what is left when it closes, and nothing after an abort', async () => {
    const { heard, play, stream, clock } = await listen();
    await play(speak(ORDER, 20));
    const closed = stream.close();
    await clock.advance(500);
    await closed;
    expect(finals(heard)).toEqual(['can i have a large latte']);
    const aborted = await listen();
    await aborted.play(speak(ORDER, 20));
    const count = aborted.heard.length;
    aborted.stream.abort();
    await aborted.clock.advance(1_000);
    expect(aborted.heard).toHaveLength(count);
    expect(aborted.clock.waiting).toBe(0);
    expect(lastInterim(aborted.heard)).toBe('can i have a large');
  });
});
