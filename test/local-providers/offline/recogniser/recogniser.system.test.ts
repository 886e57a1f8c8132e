import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { vocabulary } from '../../../../agent/assistant.js';
import { vocabularyAsJson } from '../../../../agent/export-vocabulary.js';
import { readAudioFile } from '../../../../bench/audio-file.js';
import { cacheFolder, projectRoot } from '../../../../bench/installed.js';
import type { RecognitionEvent, RecognitionOptions, RecognitionStream } from '../../../../local-providers/engine.js';
import { createRecogniser, type OfflineRecogniser } from '../../../../local-providers/offline/recogniser/recogniser.js';
import { seededRandom } from '../../../../local-providers/random.js';
import { descendantsOf } from '../../../support/process-tree.js';

const RATE_HZ = 16_000;
const enginesDir = process.env.SPEECH_ENGINES_DIR || join(cacheFolder(), 'speech-engines');

let folder: string;
let vocabularyFile: string;
let recogniser: OfflineRecogniser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recogniser-'));
  vocabularyFile = join(folder, 'vocabulary.json');
  await writeFile(vocabularyFile, vocabularyAsJson(vocabulary));
  recogniser = createRecogniser({ vocabularyFile, enginesDir });
  await recogniser.ready();
});
afterAll(async () => {
  await recogniser.close();
  await recogniser.close();
  await rm(folder, { recursive: true });
});

type Final = Extract<RecognitionEvent, { kind: 'final' }>;

interface Listening {
  readonly stream: RecognitionStream;
  readonly events: readonly RecognitionEvent[];
  finals(): Final[];
  words(): string[];
}

function listen(options: Partial<RecognitionOptions> = {}): Listening {
  const events: RecognitionEvent[] = [];
  const stream = recogniser.open(
    { sampleRateHz: RATE_HZ, language: 'en-US', interimResults: true, endpointingMs: 300, ...options },
    (event) => events.push(event),
  );
  const finals = () => events.filter((event) => event.kind === 'final');
  return {
    stream,
    events,
    finals,
    words: () => finals().flatMap(({ segment }) => segment.words.map(({ word }) => word)),
  };
}

/** In pieces of 20 ms, as a call brings it. */
function write(stream: RecognitionStream, samples: Int16Array): void {
  for (let at = 0; at < samples.length; at += RATE_HZ / 50) stream.write(samples.subarray(at, at + RATE_HZ / 50));
}

async function recording(name: string): Promise<Int16Array> {
  return (await readAudioFile(join(projectRoot(), `test/speech/orders/${name}.flac`))).samples;
}

/** Of this test process, by age. */
function children(): number[] {
  return descendantsOf(process.pid)
    .filter(({ command }) => command.includes('child.py'))
    .map(({ pid }) => pid)
    .sort((left, right) => left - right);
}

const silence = (durationMs: number) => new Int16Array((durationMs * RATE_HZ) / 1000);

describe('a person ordering', () => {
  it.each(['90a00f8a', '0a1cb083', '1e8e3e61', '1ea9f810', '2759b85f'])('is understood: %s', async (name) => {
    const rows: { file: string; text: string }[] = JSON.parse(
      await readFile(join(projectRoot(), 'test/speech/orders.json'), 'utf8'),
    );
    const said = rows.find(({ file }) => file.includes(name))?.text.split(' ') ?? [];
    const { stream, words, finals } = listen();
    write(stream, await recording(name));
    await stream.close();
    const missing = said.filter((word) => !words().includes(word) && !['a', 'an', 'and'].includes(word));
    expect(missing).toEqual([]);
    expect(words().length).toBeGreaterThan(said.length - 3);
    for (const { segment } of finals()) {
      for (const { confidence, punctuatedWord } of segment.words) {
        expect(confidence).toBeGreaterThan(0.8);
        expect(punctuatedWord).not.toBe('');
      }
    }
  });

  it('is shown word by word before the end, and in order of time', async () => {
    const { stream, events, finals } = listen();
    const samples = await recording('90a00f8a');
    write(stream, samples);
    await stream.close();
    expect(events[0]?.kind).toBe('speech-started');
    const firstFinal = events.findIndex((event) => event.kind === 'final');
    expect(events.slice(0, firstFinal).filter((event) => event.kind === 'interim').length).toBeGreaterThan(5);
    const words = finals().flatMap(({ segment }) => segment.words);
    let lastEndMs = 0;
    for (const { startMs, endMs } of words) {
      expect(startMs).toBeGreaterThanOrEqual(lastEndMs - 20);
      expect(endMs).toBeGreaterThan(startMs);
      lastEndMs = endMs;
    }
    expect(lastEndMs).toBeLessThanOrEqual((samples.length / RATE_HZ) * 1000);
  });

  it('ends an utterance by falling silent for the time asked for', async () => {
    const { stream, events, finals } = listen({ endpointingMs: 400, utteranceEndMs: 1000 });
    write(stream, await recording('90a00f8a'));
    write(stream, silence(1_500));
    await vi.waitFor(() => expect(events.some((event) => event.kind === 'utterance-end')).toBe(true), 10_000);
    expect(finals().filter(({ speechFinal }) => speechFinal)).toHaveLength(1);
    stream.abort();
  });

  it('is not cut by silence when nobody asked for endpoints, yet loses nothing', async () => {
    const { stream, finals, words } = listen({ endpointingMs: false });
    write(stream, await recording('90a00f8a'));
    write(stream, silence(2_000));
    await stream.close();
    expect(finals().every(({ speechFinal }) => !speechFinal)).toBe(true);
    expect(words().join(' ')).toContain('almond milk');
  });
});

describe('finalize', () => {
  it('is answered by exactly one final each time, with no words where there are none left', async () => {
    const { stream, finals } = listen();
    stream.finalize();
    write(stream, await recording('90a00f8a'));
    stream.finalize();
    stream.finalize();
    await stream.close();
    const answers = finals().filter(({ fromFinalize }) => fromFinalize);
    expect(answers).toHaveLength(3);
    expect(answers[0]?.segment.words).toEqual([]);
    expect(answers[2]?.segment.words).toEqual([]);
    expect(finals().flatMap(({ segment }) => segment.words).length).toBe(11);
  });

  it('in the middle of a sentence neither loses nor doubles a word', async () => {
    const samples = await recording('90a00f8a');
    for (const cutMs of [700, 1_310, 1_900, 2_500]) {
      const { stream, words } = listen({ endpointingMs: false });
      write(stream, samples.subarray(0, (cutMs * RATE_HZ) / 1000));
      stream.finalize();
      write(stream, samples.subarray((cutMs * RATE_HZ) / 1000));
      await stream.close();
      // A word cut in two may come out as another; the others are there, once.
      const said = 'get me a dark roast espresso with lots of almond milk'.split(' ');
      expect(said.filter((word) => !words().includes(word)).length).toBeLessThanOrEqual(1);
      expect(Math.abs(words().length - said.length)).toBeLessThanOrEqual(1);
    }
  });
});

describe('what is no order', () => {
  it('comes out empty or with a confidence nobody acts on', async () => {
    const random = seededRandom('hiss');
    const { stream, finals } = listen();
    // Bursts of hiss, as loud as speech.
    const hiss = Int16Array.from({ length: RATE_HZ * 6 }, (_, at) =>
      Math.round((Math.floor(at / 8_000) % 2 === 0 ? 3_000 : 30) * (random() + random() + random() - 1.5)),
    );
    write(stream, hiss);
    await stream.close();
    for (const { segment } of finals()) if (segment.words.length > 0) expect(segment.confidence).toBeLessThan(0.5);
  });
});

describe('the children', () => {
  it('fail their own stream when they die, and no other', async () => {
    const spares = children();
    const first = listen();
    const second = listen();
    await vi.waitFor(() => expect(children().length).toBeGreaterThan(spares.length));
    write(second.stream, await recording('90a00f8a'));
    // The first stream's child is the spare that was there longest.
    process.kill(spares[0] as number, 'SIGKILL');
    await vi.waitFor(() => expect(first.events.some((event) => event.kind === 'failed')).toBe(true), 10_000);
    await first.stream.close();
    await second.stream.close();
    expect(second.words().join(' ')).toContain('espresso');
    const third = listen();
    write(third.stream, await recording('90a00f8a'));
    await third.stream.close();
    expect(third.words().join(' ')).toContain('espresso');
  });

  it('are gone once the recogniser is closed', async () => {
    const other = createRecogniser({ vocabularyFile, enginesDir, warmChildren: 1 });
    const before = children().length;
    await other.ready();
    const stream = other.open(
      { sampleRateHz: RATE_HZ, language: 'en-US', interimResults: false, endpointingMs: false },
      () => undefined,
    );
    await vi.waitFor(() => expect(children().length).toBeGreaterThan(before + 1));
    await other.close();
    await stream.close();
    await vi.waitFor(() => expect(children().length).toBeLessThanOrEqual(before), 5_000);
  });

  it('say what to install when the engines are missing', async () => {
    const lost = createRecogniser({ vocabularyFile, enginesDir: join(folder, 'nowhere') });
    await expect(lost.ready()).rejects.toThrow('npm run setup');
    await lost.close();
  });

  it('say what to build when the vocabulary is missing', async () => {
    const lost = createRecogniser({ vocabularyFile: join(folder, 'none.json'), enginesDir });
    await expect(lost.ready()).rejects.toThrow('npm run build');
    await lost.close();
  });
});
