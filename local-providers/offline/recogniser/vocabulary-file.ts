/** Reads what the build wrote from `agent/assistant.ts`. */

import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Vocabulary } from '../../../wire/vocabulary.js';
import { VocabularyError } from './templates.js';

/** @throws VocabularyError when the file is missing or not in the form of the schema. */
export async function readVocabulary(file: string): Promise<Vocabulary> {
  let document: unknown;
  try {
    document = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new VocabularyError(
      `The assistant's vocabulary cannot be read from ${file}. Run "npm run build", or name the file in VOCABULARY_FILE.`,
      { cause: error },
    );
  }
  const parsed = Vocabulary.safeParse(document);
  if (parsed.success) return parsed.data;
  throw new VocabularyError(
    `The vocabulary file ${file} does not fit:\n${z.prettifyError(parsed.error)}\nRun "npm run build" to write it again.`,
  );
}
