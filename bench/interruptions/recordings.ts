/** What callers say over the agent: recordings with, where they have words, the words' times. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { windowLevels } from '../audio/levels.js';
import { readAudioFile } from '../audio-file.js';
import { type Clip, prepareClip } from '../caller/clip.js';
import { CallError } from '../caller/errors.js';
import type { ScriptedWord } from '../scripted-providers.js';
import { shuffled } from '../statistics.js';

export type OverlapKind = 'interruption' | 'backchannel' | 'noise';

export interface OverlapRecording {
  readonly file: string;
  readonly kind: OverlapKind;
  readonly words: readonly ScriptedWord[];
  readonly clip: Clip;
  readonly envelopeDbfs: readonly number[];
}

const Word = z.object({ word: z.string().min(1), startMs: z.number(), endMs: z.number() });
const Row = z.object({
  file: z.string(),
  kind: z.string().optional(),
  /** What it is over an agent's voice; wins over `kind`. */
  class: z.string().optional(),
  human: z.boolean().optional(),
  text: z.string().nullish(),
  words: z.array(Word).nullish(),
  speechStartMs: z.number().nullish(),
  speechEndMs: z.number().nullish(),
});
type Row = z.infer<typeof Row>;

/** Manifests that may be in a data folder: recorded orders, clips of several kinds, and the project's own overlaps. */
const MANIFESTS = ['orders.json', 'clips.json', 'overlaps/manifest.json'];
const KINDS: Readonly<Record<string, OverlapKind>> = {
  request: 'interruption',
  interruption: 'interruption',
  backchannel: 'backchannel',
  noise: 'noise',
  cough: 'noise',
};
/** What a backchannel without a transcript is recognised as. */
const UNTRANSCRIBED = 'mhm';
/** Longest noise played, in ms. */
const NOISE_MAX_MS = 1_500;
/** What the scripted recogniser takes for digital silence. */
const ENVELOPE_FLOOR_DBFS = -120;

/**
 * @param data - A folder in the form of test/speech.
 * @returns The recordings of one kind in an order that the seed decides, at most `limit`.
 * @throws CallError `BAD_INPUT` when there are none.
 */
export async function readOverlaps(
  data: string,
  kind: OverlapKind,
  { limit, seed }: { limit: number; seed: number },
): Promise<OverlapRecording[]> {
  const rows: (Row & { path: string })[] = [];
  for (const manifest of MANIFESTS.map((name) => join(data, name)).filter((path) => existsSync(path))) {
    const parsed = z.array(Row).safeParse(JSON.parse(await readFile(manifest, 'utf8')));
    if (!parsed.success)
      throw new CallError('BAD_INPUT', `${manifest} is no manifest: ${z.prettifyError(parsed.error)}`);
    const folder = join(manifest, '..');
    rows.push(...parsed.data.map((row) => ({ ...row, path: join(folder, row.file) })));
  }
  // An interruption is a person who says something; of other sounds there are not enough of people.
  const usable = rows.filter(
    (row) => kindOf(row) === kind && (kind !== 'interruption' || (row.human !== false && wordsOf(row).length > 0)),
  );
  const ordered = [true, false].flatMap((human) =>
    shuffled(
      usable.filter((row) => (row.human ?? true) === human),
      seed,
    ),
  );
  const recordings: OverlapRecording[] = [];
  for (const row of ordered.slice(0, limit)) {
    const audio = await readAudioFile(row.path);
    const longest = kind === 'noise' ? Math.round((audio.sampleRateHz * NOISE_MAX_MS) / 1_000) : undefined;
    const samples = audio.samples.slice(0, longest);
    recordings.push({
      file: row.file,
      kind,
      words: wordsOf(row),
      clip: prepareClip({ ...audio, samples }, Number.POSITIVE_INFINITY),
      envelopeDbfs: windowLevels(samples, audio.sampleRateHz).map((level) => Math.max(ENVELOPE_FLOOR_DBFS, level)),
    });
  }
  return recordings;
}

function kindOf(row: Row): OverlapKind | undefined {
  return KINDS[row.class ?? row.kind ?? ''];
}

function wordsOf(row: Row): readonly ScriptedWord[] {
  const { text, words, speechStartMs, speechEndMs } = row;
  if (words != null && words.length > 0) return words;
  const kind = kindOf(row);
  if (kind === 'noise' || speechStartMs == null || speechEndMs == null) return [];
  const said = (text ?? (kind === 'backchannel' ? UNTRANSCRIBED : '')).split(/\s+/).filter((word) => word !== '');
  const eachMs = (speechEndMs - speechStartMs) / Math.max(1, said.length);
  return said.map((word, index) => ({
    word,
    startMs: speechStartMs + index * eachMs,
    endMs: speechStartMs + (index + 1) * eachMs,
  }));
}
