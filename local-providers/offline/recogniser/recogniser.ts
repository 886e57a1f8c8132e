/** The offline recogniser: PocketSphinx over the assistant's own vocabulary, one child process per stream, some kept warm. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Recogniser, RecognitionEvent, RecognitionOptions, RecognitionStream } from '../../engine.js';
import { RecogniserChild } from './child-process.js';
import { cacheLanguageModel } from './language-model.js';
import { ChildStream } from './stream.js';
import { readVocabulary } from './vocabulary-file.js';

/** What setup writes beside the engines. */
const Engines = z.object({ python: z.string().min(1) });

export interface OfflineRecogniser extends Recogniser {
  /** Resolves when a stream can be opened without waiting for models. @throws what is missing and the next thing to do. */
  ready(): Promise<void>;
  /** Ends every child. May be called twice. */
  close(): Promise<void>;
}

export interface OfflineRecogniserOptions {
  /** Made by the build from `agent/assistant.ts`. */
  readonly vocabularyFile: string;
  /** Where setup installed the speech engines; language models are cached in it too. */
  readonly enginesDir: string;
  /** Told when a spare child was lost; the next stream gets a new one. */
  readonly logProblem?: (problem: string) => void;
  /** Children kept loaded for streams to come: no caller waits for the models. */
  readonly warmChildren?: number;
  /** The Python to run; `PYTHON` of the environment, else the one the engines were installed for, unless given. */
  readonly python?: string;
}

/** Speech engines are not installed. */
export class SpeechEnginesMissingError extends Error {
  readonly code = 'SPEECH_ENGINES_MISSING';
  readonly retryable = false;
  override readonly name = 'SpeechEnginesMissingError';
}

/** @returns The recogniser; it prepares its language model and warm children at once. */
export function createRecogniser(options: OfflineRecogniserOptions): OfflineRecogniser {
  return new PocketSphinxRecogniser(options);
}

class PocketSphinxRecogniser implements OfflineRecogniser {
  readonly info = { name: 'pocketsphinx-en-us', version: '5.1.1', arch: 'pocketsphinx' };
  readonly #options: OfflineRecogniserOptions;
  readonly #modelDir: Promise<string>;
  readonly #spares: RecogniserChild[] = [];
  readonly #streams = new Set<ChildStream>();
  #closed = false;

  constructor(options: OfflineRecogniserOptions) {
    this.#options = options;
    this.#modelDir = this.#prepare();
    this.#modelDir.then(
      (modelDir) => this.#keepSpares(modelDir),
      () => undefined, // Whoever asks ready() or opens a stream is told.
    );
  }

  async ready(): Promise<void> {
    const modelDir = await this.#modelDir;
    this.#keepSpares(modelDir);
    await Promise.all(this.#spares.map((spare) => spare.ready()));
  }

  open(options: RecognitionOptions, onEvent: (event: RecognitionEvent) => void): RecognitionStream {
    const stream = new ChildStream(options, onEvent, () => this.#streams.delete(stream));
    this.#streams.add(stream);
    this.#modelDir.then(
      (modelDir) => {
        if (!stream.isOpen) return;
        stream.attach(this.#takeChild(modelDir));
        this.#keepSpares(modelDir);
      },
      (error: unknown) => stream.fail(error instanceof Error ? error : new Error(String(error))),
    );
    return stream;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const stream of [...this.#streams]) stream.abort();
    for (const spare of this.#spares.splice(0)) spare.kill();
    await this.#modelDir.catch(() => undefined);
  }

  async #prepare(): Promise<string> {
    const { vocabularyFile, enginesDir } = this.#options;
    const cmudictFile = join(enginesDir, 'python/pocketsphinx/model/en-us/cmudict-en-us.dict');
    if (!existsSync(cmudictFile)) {
      throw new SpeechEnginesMissingError(
        `The speech engines are not in ${enginesDir}. Run "npm run setup", or name their folder in SPEECH_ENGINES_DIR.`,
      );
    }
    const vocabulary = await readVocabulary(vocabularyFile);
    return cacheLanguageModel(vocabulary, { cmudictFile, cacheDir: join(enginesDir, 'models') });
  }

  #takeChild(modelDir: string): RecogniserChild {
    const at = this.#spares.findIndex((spare) => spare.isUsable);
    return (at < 0 ? undefined : this.#spares.splice(at, 1)[0]) ?? this.#startChild(modelDir);
  }

  #keepSpares(modelDir: string): void {
    if (this.#closed) return;
    for (const [index, spare] of [...this.#spares.entries()].reverse()) {
      if (!spare.isUsable) this.#spares.splice(index, 1);
    }
    while (this.#spares.length < (this.#options.warmChildren ?? 2)) {
      const spare = this.#startChild(modelDir);
      // Not replaced at once: one that cannot start would be started again for ever.
      spare.ready().catch((error: unknown) => {
        if (!this.#closed && error instanceof Error) this.#options.logProblem?.(error.message);
      });
      this.#spares.push(spare);
    }
  }

  #startChild(modelDir: string): RecogniserChild {
    const { enginesDir, python } = this.#options;
    return new RecogniserChild({
      python: python ?? (process.env.PYTHON || installedFor(enginesDir)),
      script: childScript(),
      packagesDir: join(enginesDir, 'python'),
      modelDir,
    });
  }
}

/** The Python that setup installed the engines for, as its `engines.json` says: compiled modules fit no other. */
function installedFor(enginesDir: string): string {
  const record = join(enginesDir, 'engines.json');
  return existsSync(record) ? Engines.parse(JSON.parse(readFileSync(record, 'utf8'))).python : 'python3';
}

/** The script in the source tree, which compiled code has to look for: the compiler copies no Python. */
function childScript(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, 'local-providers/offline/recogniser/child.py');
}
