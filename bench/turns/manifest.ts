/** Lists of labelled recordings, in the form of shared/speech and its README. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CallError, messageOf } from '../caller/errors.js';
import { QUESTIONS } from './recording.js';

/** More rows than anybody has listened to; above it the file is something else. */
const MAX_ROWS = 20_000;
const MAX_MS = 10 * 60_000;

/** A file cut from a longer one may have words that began before it. */
const Ms = z.number().min(-MAX_MS).max(MAX_MS);
const Word = z
  .object({ word: z.string().min(1).max(100), startMs: Ms, endMs: Ms })
  .refine(({ startMs, endMs }) => startMs <= endMs, { error: 'ends before it starts' });

/** Where a recording lies, from the folder of its manifest. */
export const RecordingFile = z
  .string()
  .min(1)
  .max(500)
  .refine((file) => !file.split(/[\\/]/).includes('..'), { error: 'leaves the folder of its manifest' });

/** Further fields (source, licence, …) are for people. */
const Row = z.object({
  file: RecordingFile,
  kind: z.string().max(40).optional(),
  /** Null: nobody knows. */
  complete: z.boolean().nullish(),
  text: z.string().max(10_000).nullish(),
  words: z.array(Word).max(10_000).nullish(),
  set: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, { error: 'is no name of a set: small letters, digits and dashes' })
    .nullish(),
  speaker: z.string().max(500).nullish(),
  human: z.boolean().nullish(),
  asked: z.enum(QUESTIONS).nullish(),
  language: z.string().max(20).nullish(),
});
const Rows = z.array(Row).max(MAX_ROWS);

export type ManifestRow = z.infer<typeof Row>;

export interface Manifest {
  readonly path: string;
  /** Paths of the rows start here. */
  readonly folder: string;
  readonly rows: readonly ManifestRow[];
}

/**
 * Every manifest of a folder: its `*.json` files.
 * @throws CallError `BAD_INPUT` naming the file and the field that is wrong, or saying that there is no manifest.
 */
export async function readManifests(folder: string): Promise<Manifest[]> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  } catch (error) {
    throw new CallError('BAD_INPUT', `--data: ${folder} cannot be read (${messageOf(error)}).`, { cause: error });
  }
  if (names.length === 0) throw new CallError('BAD_INPUT', `--data: ${folder} holds no manifest (a *.json file).`);
  return Promise.all(names.map((name) => readManifest(folder, name)));
}

async function readManifest(folder: string, name: string): Promise<Manifest> {
  const path = join(folder, name);
  try {
    return { path, folder, rows: Rows.parse(JSON.parse(await readFile(path, 'utf8'))) };
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(firstOf(error)) : messageOf(error);
    const message = `--data: ${path} is no manifest of recordings (${reason.replaceAll(/\s+/g, ' ')}).`;
    throw new CallError('BAD_INPUT', message, { cause: error });
  }
}

/** A manifest of another form fails in each of its rows; three of them tell it. */
function firstOf(error: z.ZodError): z.ZodError {
  return new z.ZodError(error.issues.slice(0, 3));
}
