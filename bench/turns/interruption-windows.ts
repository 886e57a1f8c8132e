/** Silero's probabilities of scenes, kept on disk: they are always the same, and minutes of work. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { cacheFolder } from '../installed.js';
import { Models } from './models.js';
import { fingerprintOf } from './recordings.js';

/** Of what is stored. Raise it when Silero, its version or its settings change. */
const VERSION = 1;
/** Scenes of both halves and of a quick run; 30 MB. */
const SCENES_MAX = 20_000;
const Stored = z.object({ version: z.literal(VERSION), windows: z.record(z.string(), z.array(z.number())) });

export class SceneWindows {
  readonly #path = join(cacheFolder(), 'overlap-windows.json');
  readonly #used = new Map<string, readonly number[]>();
  #known: Readonly<Record<string, readonly number[]>> | undefined;
  #models: Promise<Models> | undefined;
  #isNew = false;

  async of(samples: Int16Array): Promise<readonly number[]> {
    this.#known ??= await this.#read();
    const key = fingerprintOf(samples);
    let windows = this.#known[key];
    if (windows === undefined) {
      this.#models ??= Models.load();
      windows = (await (await this.#models).silero(samples)).map((probability) => Number(probability.toFixed(4)));
      this.#isNew = true;
    }
    this.#used.set(key, windows);
    return windows;
  }

  /** Keeps what this run needed; what older ones did too, unless that has become many: data change, and the file is to be bounded. */
  async save(): Promise<void> {
    if (!this.#isNew) return;
    await mkdir(dirname(this.#path), { recursive: true });
    const partial = `${this.#path}.${process.pid}`;
    const used = Object.fromEntries(this.#used);
    const all = { ...this.#known, ...used };
    const windows = Object.keys(all).length <= SCENES_MAX ? all : used;
    await writeFile(partial, JSON.stringify({ version: VERSION, windows }));
    await rename(partial, this.#path);
  }

  async #read(): Promise<Readonly<Record<string, readonly number[]>>> {
    try {
      return Stored.parse(JSON.parse(await readFile(this.#path, 'utf8'))).windows;
    } catch {
      return {};
    }
  }
}
