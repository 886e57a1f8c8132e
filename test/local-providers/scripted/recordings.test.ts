import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readAudioFile } from '../../../bench/audio-file.js';
import { RecordingLibrary } from '../../../local-providers/scripted/labels.js';
import { ScriptedRecogniser } from '../../../local-providers/scripted/recogniser.js';
import { ScriptBody } from '../../../local-providers/scripted/script.js';
import { ScriptStore } from '../../../local-providers/scripted/script-store.js';
import { ManualClock } from '../manual-clock.js';

const DATA_DIR = resolve(import.meta.dirname, '../../speech');
/** Silence before and after the recording, in ms; not a multiple of the recogniser's frames, since calls are not either. */
const LEAD_MS = 333;
const TAIL_MS = 500;

interface Label {
  readonly file: string;
  readonly words: readonly { readonly word: string; readonly startMs: number; readonly endMs: number }[];
}

let labels: readonly Label[];
let library: RecordingLibrary;
beforeAll(async () => {
  labels = JSON.parse(await readFile(resolve(DATA_DIR, 'orders.json'), 'utf8'));
  library = await RecordingLibrary.open(DATA_DIR);
});

/** Plays a recording as a call would and returns each word with the moment it was shown, from the recording's start. */
async function play(
  file: string,
  change: (samples: Int16Array) => void = () => undefined,
  callKey = 'test',
): Promise<Shown[]> {
  const clock = new ManualClock();
  const scripts = new ScriptStore({ clock, preset: 'fixed', seed: 1, library });
  await scripts.apply(ScriptBody.parse({ call: 'test', turns: [{ recording: file }] }));
  const shown: Shown[] = [];
  const stream = new ScriptedRecogniser(clock, scripts).open(
    { sampleRateHz: 16_000, language: 'en', interimResults: true, endpointingMs: false, callKey },
    (event) => {
      if (event.kind !== 'interim' && event.kind !== 'final') return;
      for (const { word } of event.segment.words.slice(shown.length))
        shown.push({ word, atMs: clock.nowMs() - LEAD_MS });
    },
  );
  const recording = (await readAudioFile(resolve(DATA_DIR, file))).samples;
  change(recording);
  const line = new Int16Array(recording.length + 16 * (LEAD_MS + TAIL_MS));
  line.set(recording, 16 * LEAD_MS);
  for (let at = 0; at < line.length; at += 160) {
    await clock.advance(10);
    stream.write(line.slice(at, at + 160));
  }
  stream.finalize();
  await clock.advance(500);
  stream.abort();
  return shown;
}

interface Shown {
  readonly word: string;
  readonly atMs: number;
}

describe('recordings of people as scripts', () => {
  it('shows their labelled words, each 150 ms after its labelled end, to the frame', async () => {
    expect(labels.length).toBeGreaterThanOrEqual(10);
    for (const { file, words } of labels) {
      const shown = await play(file);
      expect(shown.map(({ word }) => word)).toEqual(words.map(({ word }) => word));
      for (const [index, { atMs }] of shown.entries()) {
        expect(Math.abs(atMs - (words[index]?.endMs ?? 0) - 150)).toBeLessThanOrEqual(10);
      }
    }
  });

  it('need no script when the call bears the name of its recording', async () => {
    const [label] = labels;
    if (label === undefined) throw new Error('no labels');
    const { file, words } = label;
    const shown = await play(file, () => undefined, file);
    expect(shown.map(({ word }) => word)).toEqual(words.map(({ word }) => word));
  });

  it('loses exactly the third word when its audio is muted', async () => {
    for (const { file, words } of labels) {
      const third = words[2];
      if (third === undefined) continue;
      const shown = await play(file, (samples) => samples.fill(0, 16 * third.startMs, 16 * third.endMs));
      expect(shown.map(({ word }) => word)).toEqual(words.filter((word) => word !== third).map(({ word }) => word));
    }
  });

  it('loses the words of a missing last second', async () => {
    for (const { file, words } of labels) {
      const cutMs = (words.at(-1)?.endMs ?? 0) - 1_000;
      const shown = await play(file, (samples) => samples.fill(0, 16 * cutMs));
      const whole = words.filter(({ endMs }) => endMs <= cutMs).map(({ word }) => word);
      // A word that the cut goes through may or may not be understood.
      const touched = words.filter(({ startMs }) => startMs < cutMs).map(({ word }) => word);
      expect([whole, touched]).toContainEqual(shown.map(({ word }) => word));
    }
  });
});
