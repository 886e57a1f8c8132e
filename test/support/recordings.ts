/** The recordings under `test/speech`, with what scripted providers need to hear them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readAudioFile } from '../../bench/audio-file.js';
import { type Clip, prepareClip } from '../../bench/caller/clip.js';
import { envelopeOf } from '../../local-providers/scripted/levels.js';

const FOLDER = 'test/speech';
const Word = z.object({ word: z.string(), startMs: z.number(), endMs: z.number() });
const Manifest = z.array(z.object({ file: z.string(), words: z.array(Word).nullish() }));

/** A word of a recording, in ms from its first sample. */
export type RecordedWord = z.infer<typeof Word>;

export interface ScriptedRecording {
  readonly clip: Clip;
  /** As `POST /script` takes it. */
  readonly turn: { readonly words: RecordedWord[]; readonly envelopeDbfs: number[] };
}

/** The labelled words of an order (`orders/…`) or of what is said over an agent (`overlaps/…`); none where none are labelled. */
export async function wordsOf(file: string): Promise<RecordedWord[]> {
  const [folder = ''] = file.split('/');
  const isOverlap = folder === 'overlaps';
  const manifest = join(FOLDER, isOverlap ? 'overlaps/manifest.json' : 'orders.json');
  const rows = Manifest.parse(JSON.parse(await readFile(manifest, 'utf8')));
  const listed = isOverlap ? file.slice(folder.length + 1) : file;
  return rows.find((row) => row.file === listed)?.words ?? [];
}

/** A recording ready to be spoken as one utterance, and heard. */
export async function scriptedRecording(file: string): Promise<ScriptedRecording> {
  const [audio, words] = await Promise.all([readAudioFile(join(FOLDER, file)), wordsOf(file)]);
  return {
    clip: prepareClip(audio, Number.POSITIVE_INFINITY),
    turn: { words, envelopeDbfs: envelopeOf(audio.samples, audio.sampleRateHz) },
  };
}
