/** Recordings with their words: a folder with `orders.json` in the form of `test/speech`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CallError, messageOf } from '../caller/errors.js';

const Rows = z.array(z.object({ file: z.string().min(1), text: z.string().min(1) })).min(1);

export interface LabelledRecording {
  /** Path of the file. */
  readonly path: string;
  /** As the manifest names it. */
  readonly file: string;
  readonly text: string;
}

/** @throws CallError `BAD_INPUT` when there is no such manifest or it has another form. */
export async function readManifest(folder: string): Promise<LabelledRecording[]> {
  const path = join(folder, 'orders.json');
  try {
    const rows = Rows.parse(JSON.parse(await readFile(path, 'utf8')));
    return rows.map(({ file, text }) => ({ path: join(folder, file), file, text }));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    const message = `--data: ${path} is no manifest of recordings (${reason.replaceAll('\n', ' ')}).`;
    throw new CallError('BAD_INPUT', message, { cause: error });
  }
}
