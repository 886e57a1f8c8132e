/** One child of the recogniser: started, spoken to in frames, listened to in lines, and never left behind. */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { deferred } from './deferred.js';
import { type ChildMessage, parseMessage } from './framing.js';

/** What the child says on stderr is kept for the error message, as far as this, in characters. */
const STDERR_KEPT = 2_000;

/** Frames waiting for a child that does not read, in bytes: half a minute of audio, which it works off in two seconds. */
const UNREAD_LIMIT_BYTES = 960_000;

export interface ChildOptions {
  /** The Python to run. */
  readonly python: string;
  readonly script: string;
  /** Folder that holds the `pocketsphinx` package. */
  readonly packagesDir: string;
  readonly modelDir: string;
}

export interface ChildListener {
  onMessage(message: ChildMessage): void;
  /** The child is gone, or no use any more; called once, and never after `kill()`. */
  onGone(error: Error): void;
}

/** The recogniser's child could not be started or ended by itself. */
export class RecogniserChildError extends Error {
  readonly code = 'RECOGNISER_CHILD';
  readonly retryable = true;
  override readonly name = 'RecogniserChildError';
}

export class RecogniserChild {
  readonly #process: ChildProcessWithoutNullStreams;
  #listener: ChildListener | undefined;
  #stderr = '';
  #gone: Error | undefined;
  #killed = false;
  #isReady = false;
  readonly #ready = deferred();

  constructor({ python, script, packagesDir, modelDir }: ChildOptions) {
    this.#process = spawn(python, [script, modelDir], {
      // The source tree may be read-only, and bytecode has no place in it.
      env: { PATH: process.env.PATH, PYTHONPATH: packagesDir, PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#ready.promise.catch(() => undefined);
    this.#process.on('error', (error) => this.#end(`could not be started: ${error.message}`));
    this.#process.on('close', (code, signal) => this.#end(`ended with ${signal ?? `code ${code}`}`));
    // A write to a child that is just ending; its end is reported by itself.
    this.#process.stdin.on('error', () => undefined);
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
    });
    createInterface({ input: this.#process.stdout }).on('line', (line) => this.#receive(line));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Whether it can still be given work. */
  get isUsable(): boolean {
    return this.#gone === undefined && !this.#killed;
  }

  /** Resolves once the models are loaded. @throws RecogniserChildError */
  ready(): Promise<void> {
    return this.#ready.promise;
  }

  listen(listener: ChildListener): void {
    this.#listener = listener;
    if (this.#gone !== undefined) listener.onGone(this.#gone);
  }

  send(frame: Buffer): void {
    if (!this.isUsable) return;
    if (this.#process.stdin.writableLength > UNREAD_LIMIT_BYTES) {
      this.#end('does not keep up with the audio');
      this.#process.kill('SIGKILL');
      return;
    }
    this.#process.stdin.write(frame);
  }

  /** Ends it now; nothing more is reported. May be called twice. */
  kill(): void {
    this.#killed = true;
    this.#ready.reject(new RecogniserChildError('The recogniser was closed.'));
    this.#process.kill('SIGKILL');
  }

  #receive(line: string): void {
    if (!this.isUsable) return;
    try {
      const message = parseMessage(line);
      if (message.kind === 'ready') {
        this.#isReady = true;
        this.#ready.resolve();
      } else this.#listener?.onMessage(message);
    } catch {
      // The line may hold what was said, so it is not quoted.
      this.#end('said something that is no message of its protocol');
      this.#process.kill('SIGKILL');
    }
  }

  #end(what: string): void {
    if (this.#gone !== undefined || this.#killed) return;
    const advice = this.#isReady
      ? 'Open a new stream.'
      : 'Run "npm run setup" to install the speech engines again; PYTHON names another Python 3.';
    const said = this.#stderr.trim();
    this.#gone = new RecogniserChildError(
      `The recogniser's process ${what}. ${advice}${said === '' ? '' : ` It said: ${said}`}`,
    );
    this.#ready.reject(this.#gone);
    this.#listener?.onGone(this.#gone);
  }
}
