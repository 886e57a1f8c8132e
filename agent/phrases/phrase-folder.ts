/** The folder of phrase files: read whole, written whole, bounded; used by several processes at once without locks. */
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PHRASE_FILE_NAME } from './phrase-file.js';

export interface FolderLimits {
  readonly files: number;
  readonly bytes: number;
}

/** A worker says some fifty phrases in a voice; a phrase is about 100 KB. */
const LIMITS: FolderLimits = { files: 2_000, bytes: 256 * 2 ** 20 };
/** A use is noted on the file once in this time, in ms: reading must not mean writing each time. */
const NOTE_USE_MS = 3_600_000;
/** After so many files of one's own the folder is looked through, for others may write too. */
const LOOK_AFTER_FILES = 32;
/** From this age on a half-written file is one whose writer died, in ms. */
const ABANDONED_MS = 600_000;
const HALF_WRITTEN = /^[0-9a-f]{64}\.phrase\.[0-9a-f-]{36}\.tmp$/;

export class PhraseFolder {
  readonly #path: string;
  readonly #limits: FolderLimits;
  #pruning: Promise<void> = Promise.resolve();
  /** What is in the folder: as it was when last looked through, and what was written since. */
  #seen = { files: 0, bytes: 0 };
  #writtenSince = LOOK_AFTER_FILES;

  /** @param path - Made at the first write, for its owner alone. */
  constructor(path: string, limits: FolderLimits = LIMITS) {
    this.#path = path;
    this.#limits = limits;
  }

  /**
   * Reads a file and notes its use.
   * @param maxBytes - What is larger is not read.
   * @returns `undefined` when there is no such file. @throws what the file system does.
   */
  async read(name: string, maxBytes: number): Promise<Buffer | undefined> {
    const path = join(this.#path, name);
    try {
      const found = await lstat(path);
      if (!found.isFile() || found.size > maxBytes) return undefined;
      const content = await readFile(path);
      const now = new Date();
      // Where it may not be written, it can be used all the same.
      if (now.getTime() - found.mtimeMs > NOTE_USE_MS) await utimes(path, now, now).catch(() => undefined);
      return content;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Writes a file; readers find the old one or the new one, whole. @throws what the file system does. */
  async write(name: string, content: Buffer): Promise<void> {
    await mkdir(this.#path, { recursive: true, mode: 0o700 });
    const path = join(this.#path, name);
    const halfWritten = `${path}.${randomUUID()}.tmp`;
    try {
      await writeFile(halfWritten, content, { flag: 'wx', mode: 0o600 });
      await rename(halfWritten, path);
    } catch (error) {
      await rm(halfWritten, { force: true }).catch(() => undefined);
      throw error;
    }
    this.#seen.files += 1;
    this.#seen.bytes += content.length;
    this.#writtenSince += 1;
    const pruning = this.#pruning.then(() => this.#pruneIfDue());
    this.#pruning = pruning.catch(() => undefined);
    await pruning;
  }

  async #pruneIfDue(): Promise<void> {
    const { files, bytes } = this.#seen;
    const isFull = files > this.#limits.files || bytes > this.#limits.bytes;
    if (!isFull && this.#writtenSince < LOOK_AFTER_FILES) return;
    this.#writtenSince = 0;
    this.#seen = await this.#prune();
  }

  /** Takes out what was not used for longest, and what a writer left that died. Files of others are not looked at. */
  async #prune(): Promise<{ files: number; bytes: number }> {
    const kept: { readonly path: string; readonly bytes: number; readonly usedAtUnixMs: number }[] = [];
    for (const name of await readdir(this.#path)) {
      const isHalfWritten = HALF_WRITTEN.test(name);
      if (!isHalfWritten && !PHRASE_FILE_NAME.test(name)) continue;
      const path = join(this.#path, name);
      const found = await lstat(path).catch(() => undefined);
      if (found === undefined || !found.isFile()) continue;
      if (!isHalfWritten) kept.push({ path, bytes: found.size, usedAtUnixMs: found.mtimeMs });
      else if (Date.now() - found.mtimeMs > ABANDONED_MS) await rm(path, { force: true });
    }
    kept.sort((a, b) => a.usedAtUnixMs - b.usedAtUnixMs);
    let files = kept.length;
    let bytes = kept.reduce((sum, file) => sum + file.bytes, 0);
    for (const file of kept) {
      if (files <= this.#limits.files && bytes <= this.#limits.bytes) break;
      await rm(file.path, { force: true });
      files -= 1;
      bytes -= file.bytes;
    }
    return { files, bytes };
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
