import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readAudioFile } from '../../bench/audio-file.js';
import { envelopeOf } from './levels.js';
import { LabelMs } from './script.js';
import { makeTemplate, type Template } from './template.js';

/** A row of a manifest, as far as the words and the file go; rows without word times cannot serve as scripts. */
const Row = z.object({
  file: z.string(),
  words: z.array(z.object({ word: z.string().min(1), startMs: LabelMs, endMs: LabelMs })).optional(),
});

/** Templates kept in memory; a longer run of calls reads its recordings again. */
const MAX_CACHED = 300;

/** Recordings with word times below one folder, by the name their manifest gives (`orders/90a00f8a.flac`). */
export class RecordingLibrary {
  readonly #dataDir: string;
  readonly #rows: ReadonlyMap<string, z.infer<typeof Row>>;
  readonly #cache = new Map<string, Promise<Template | undefined>>();

  private constructor(dataDir: string, rows: ReadonlyMap<string, z.infer<typeof Row>>) {
    this.#dataDir = dataDir;
    this.#rows = rows;
  }

  /**
   * Reads the manifests (`*.json`) of a folder.
   * @throws Error naming the folder or the manifest that cannot be read.
   */
  static async open(dataDir: string): Promise<RecordingLibrary> {
    const rows = new Map<string, z.infer<typeof Row>>();
    for (const name of (await readdir(dataDir)).filter((entry) => entry.endsWith('.json')).sort()) {
      const parsed = z.array(Row).safeParse(JSON.parse(await readFile(join(dataDir, name), 'utf8')));
      if (!parsed.success)
        throw new Error(`${name} in SCRIPT_DATA_DIR is no manifest: ${z.prettifyError(parsed.error)}`);
      for (const row of parsed.data) if (row.words !== undefined) rows.set(row.file, row);
    }
    return new RecordingLibrary(dataDir, rows);
  }

  has(name: string): boolean {
    return this.#rows.has(name);
  }

  get size(): number {
    return this.#rows.size;
  }

  /** @throws AudioFileError when the recording cannot be read. */
  load(name: string): Promise<Template | undefined> {
    const known = this.#cache.get(name);
    if (known !== undefined) return known;
    const loading = this.#load(name);
    this.#cache.set(name, loading);
    loading.catch(() => this.#cache.delete(name));
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > MAX_CACHED && oldest !== undefined) this.#cache.delete(oldest);
    return loading;
  }

  async #load(name: string): Promise<Template | undefined> {
    const { samples, sampleRateHz } = await readAudioFile(join(this.#dataDir, name));
    const words = (this.#rows.get(name)?.words ?? []).map((word) => ({ ...word, confidence: 0.99 }));
    return makeTemplate(words, envelopeOf(samples, sampleRateHz));
  }
}
