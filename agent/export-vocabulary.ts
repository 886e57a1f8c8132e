/**
 * Writes the assistant's vocabulary as the file that the offline recogniser reads.
 * Usage: `node dist/agent/export-vocabulary.js FILE`; ends with code 1, and leaves an older file alone, when it does not fit.
 */
import { mkdirSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { Vocabulary } from '../wire/vocabulary.js';
import { vocabulary } from './assistant.js';

/** @returns The vocabulary as JSON. @throws naming what is wrong: form, or a slot that is used but not defined. */
export function vocabularyAsJson(candidate: unknown): string {
  const parsed = Vocabulary.safeParse(candidate);
  if (!parsed.success) {
    throw new Error(`The vocabulary in agent/assistant.ts does not fit:\n${z.prettifyError(parsed.error)}`);
  }
  const { slots, phrases } = parsed.data;
  const templates = [...Object.values(slots).flat(), ...phrases.map(({ text }) => text)];
  const missing = templates.flatMap((text) =>
    [...text.matchAll(/\{([^}]*)\}/g)].flatMap(([, name]) => (name !== undefined && slots[name] ? [] : [`{${name}}`])),
  );
  if (missing.length > 0) {
    throw new Error(
      `The vocabulary in agent/assistant.ts uses ${[...new Set(missing)].join(', ')}; add that to its slots, or mend the name.`,
    );
  }
  return `${JSON.stringify(parsed.data, null, 1)}\n`;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) {
  const file = process.argv[2];
  try {
    if (file === undefined)
      throw new Error('Say where to write: node dist/agent/export-vocabulary.js dist/vocabulary.json');
    const json = vocabularyAsJson(vocabulary);
    mkdirSync(path.dirname(file), { recursive: true });
    // Written beside and renamed, so that a reader never sees half a file.
    writeFileSync(`${file}.part`, json);
    renameSync(`${file}.part`, file);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
