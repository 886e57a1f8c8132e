/** What models said of a sound, kept on disk: they always say the same, and are slow to ask. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { cacheFolder } from '../installed.js';

/** Of what is stored. Raise it when a model, its version or its settings change. */
const VERSION = 1;

const Stored = z.object({
  version: z.literal(VERSION),
  silero: z.array(z.number()),
  inferenceVad: z.array(z.number()),
  /** A digit a frame. */
  webrtc: z.string(),
  /** v1-mini's, by the last sample it heard. */
  endOfTurn: z.record(z.string(), z.number()),
});
type Stored = z.infer<typeof Stored>;

export type ModelOutputs = Omit<Stored, 'version'>;

export class TraceCache {
  readonly #folder: string;

  constructor(folder = join(cacheFolder(), 'turn-traces')) {
    this.#folder = folder;
  }

  /** @returns undefined where there is none, or it is of another version or damaged. */
  async read(fingerprint: string): Promise<ModelOutputs | undefined> {
    const text = await readFile(this.#pathOf(fingerprint), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      return Stored.parse(JSON.parse(text));
    } catch {
      return undefined;
    }
  }

  async write(fingerprint: string, outputs: ModelOutputs): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const path = this.#pathOf(fingerprint);
    // Another run may read it at the same time: it sees all of it or the one before.
    const partial = `${path}.${process.pid}`;
    await writeFile(partial, JSON.stringify({ version: VERSION, ...outputs } satisfies Stored));
    await rename(partial, path);
  }

  #pathOf(fingerprint: string): string {
    return join(this.#folder, `${fingerprint}.json`);
  }
}
