/**
 * `npm run bench -- words`: how many words the offline recogniser gets wrong, over recorded people and synthetic voices apart,
 * and how well its confidence tells right orders from wrong ones.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { RecognisedWord, Recogniser } from '../local-providers/engine.js';
import { createRecogniser } from '../local-providers/offline/recogniser/recogniser.js';
import { readVocabulary } from '../local-providers/offline/recogniser/vocabulary-file.js';
import { createSynthesiser } from '../local-providers/offline/synthesiser.js';
import { seededRandom } from '../local-providers/random.js';
import { readAudioFile } from './audio-file.js';
import { cacheFolder, projectRoot } from './installed.js';
import { bootstrapInterval, countWordErrors, errorRate, findSlots, toWords } from './words/score.js';

export interface WordsOptions {
  /** As it was called. */
  readonly command: string;
  /** Folder with an `orders.json` in the form of shared/speech; without one only the synthetic sentences are heard. */
  readonly dataDir?: string;
  /** Writes the report here too. */
  readonly jsonFile?: string;
  /** At most this many recordings and this many sentences. */
  readonly limit?: number;
}

/** The voices of the offline synthesiser. */
const VOICES = ['kal', 'awb', 'rms', 'slt'];

/** Silence before and after each recording, in ms: what a caller's microphone sends around a sentence. */
const LEAD_MS = 400;
const TRAIL_MS = 700;

/** A recogniser's child is one core's work; two keep both cores of a small machine busy. */
const AT_ONCE = 2;

/** Confidence from which the assistant acts on an order (agent/, low-confidence turns). */
const ACT_FROM = 0.8;
const THRESHOLDS = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95];

/** Slots an order is made of; the others of a vocabulary only word it. */
const ORDER_SLOTS = ['drink', 'size', 'roast', 'shots', 'milk', 'sweetener', 'amount'];

const Manifest = z.array(z.object({ file: z.string(), text: z.string() }));

interface Item {
  readonly name: string;
  readonly text: string;
  audio(): Promise<{ readonly samples: Int16Array; readonly sampleRateHz: number }>;
}

interface Heard {
  readonly name: string;
  readonly text: string;
  readonly heard: string;
  readonly errors: number;
  readonly words: number;
  readonly confidence: number;
  readonly orderIsRight: boolean;
}

/** Runs the benchmark and prints its report. @returns The report as written to `jsonFile`. */
export async function runWords(options: WordsOptions, env: NodeJS.ProcessEnv = process.env): Promise<unknown> {
  const vocabularyFile = env.VOCABULARY_FILE || join(projectRoot(), 'dist/vocabulary.json');
  const enginesDir = env.SPEECH_ENGINES_DIR || join(cacheFolder(env), 'speech-engines');
  const { slots } = await readVocabulary(vocabularyFile);
  const orderSlots = Object.fromEntries(
    ORDER_SLOTS.map((name) => [name, (slots[name] ?? []).filter((value) => !/[{[]/.test(value))]),
  );
  const recogniser = createRecogniser({ vocabularyFile, enginesDir, warmChildren: AT_ONCE });
  const synthesiser = createSynthesiser();
  try {
    await recogniser.ready();
    const arms: Record<string, readonly Item[]> = {};
    if (options.dataDir !== undefined) arms.human = await readOrders(options.dataDir);
    arms.synthetic = await speakSentences(synthesiser);
    const report: Record<string, unknown> = {};
    for (const [name, items] of Object.entries(arms)) {
      const heard = await hearAll(recogniser, spread(items, options.limit), orderSlots);
      report[name] = summarise(name, heard);
    }
    const document = { schema: 1, command: options.command, arms: report };
    if (options.jsonFile !== undefined) await writeFile(options.jsonFile, `${JSON.stringify(document, null, 1)}\n`);
    return document;
  } finally {
    await Promise.all([recogniser.close(), synthesiser.close()]);
  }
}

async function readOrders(dataDir: string): Promise<Item[]> {
  const manifest = Manifest.parse(JSON.parse(await readFile(join(dataDir, 'orders.json'), 'utf8')));
  return manifest.map(({ file, text }) => ({ name: file, text, audio: () => readAudioFile(join(dataDir, file)) }));
}

async function speakSentences(synthesiser: ReturnType<typeof createSynthesiser>): Promise<Item[]> {
  const file = join(projectRoot(), 'bench/sentences.txt');
  const sentences = (await readFile(file, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  const sampleRateHz = 16_000;
  return sentences.flatMap((text) =>
    VOICES.map((voiceId) => ({
      name: `${voiceId}: ${text}`,
      text,
      audio: async () => {
        const pieces: Int16Array[] = [];
        const speech = synthesiser.speak({ text, voiceId, language: 'en', sampleRateHz }, new AbortController().signal);
        for await (const chunk of speech) if (chunk.kind === 'audio') pieces.push(chunk.samples);
        return { samples: join16(pieces), sampleRateHz };
      },
    })),
  );
}

/** Evenly over the list, so that a limit does not mean one speaker. */
function spread(items: readonly Item[], limit = items.length): readonly Item[] {
  const count = Math.min(limit, items.length);
  return Array.from({ length: count }, (_, index) => items[Math.floor((index * items.length) / count)] as Item);
}

async function hearAll(
  recogniser: Recogniser,
  items: readonly Item[],
  orderSlots: Readonly<Record<string, readonly string[]>>,
): Promise<Heard[]> {
  const heard: Heard[] = [];
  const left = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of left) {
      const words = await hear(recogniser, await item.audio());
      const said = toWords(item.text);
      const understood = words.map(({ word }) => word);
      heard[index] = {
        name: item.name,
        text: item.text,
        heard: understood.join(' '),
        errors: countWordErrors(said, understood),
        words: said.length,
        confidence: words.length === 0 ? 0 : Math.min(...words.map(({ confidence }) => confidence)),
        orderIsRight: findSlots(said, orderSlots).join() === findSlots(understood, orderSlots).join(),
      };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return heard;
}

/** One fresh stream per recording: nobody's speech prepares the recogniser for the next. */
async function hear(
  recogniser: Recogniser,
  { samples, sampleRateHz }: { readonly samples: Int16Array; readonly sampleRateHz: number },
): Promise<RecognisedWord[]> {
  const words: RecognisedWord[] = [];
  let failure: Error | undefined;
  const stream = recogniser.open(
    { sampleRateHz, language: 'en', interimResults: false, endpointingMs: 300 },
    (event) => {
      if (event.kind === 'final') words.push(...event.segment.words);
      if (event.kind === 'failed') failure = event.error;
    },
  );
  const silence = (durationMs: number) => new Int16Array(Math.round((durationMs * sampleRateHz) / 1000));
  stream.write(join16([silence(LEAD_MS), samples, silence(TRAIL_MS)]));
  await stream.close();
  if (failure !== undefined) throw failure;
  return words;
}

function summarise(name: string, heard: readonly Heard[]): unknown {
  const interval = bootstrapInterval(heard, seededRandom('words', name));
  const confidence = THRESHOLDS.map((threshold) => {
    const accepted = heard.filter((one) => one.confidence >= threshold);
    return { threshold, accepted: accepted.length, wrongOrders: accepted.filter((one) => !one.orderIsRight).length };
  });
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const lines = [
    `${name}: word error rate ${percent(errorRate(heard))} (95 % ${percent(interval[0])} to ${percent(interval[1])}), ` +
      `${heard.length} recordings, ${heard.filter((one) => !one.orderIsRight).length} with a wrong order`,
    ...confidence.map(
      ({ threshold, accepted, wrongOrders }) =>
        `  every word >= ${threshold.toFixed(2)}: ${percent(accepted / Math.max(1, heard.length))} accepted, ` +
        `${wrongOrders} wrong among ${accepted}${threshold === ACT_FROM ? '  <- acts on it' : ''}`,
    ),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return { recordings: heard.length, wordErrorRate: errorRate(heard), interval95: interval, confidence, heard };
}

function join16(pieces: readonly Int16Array[]): Int16Array {
  const joined = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
