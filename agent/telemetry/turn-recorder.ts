/**
 * Records what one call's listener was told and what it decided, so that the call can be decided again offline
 * (`npm run bench -- turns --replay FILE`). Off unless a folder is set: the lines hold what callers said.
 */
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { ListenerAction, ListenerInput, ListenerSettings } from '../turn/listener-forms.js';

/** Bytes of one recording at which it ends: several hours of a call. */
const MAX_BYTES = 200 * 1024 * 1024;

/**
 * @param folder - Where recordings go; without one there are none.
 * @param onError - Told when a recording cannot be made, or goes wrong: the call goes on without it.
 */
export function openRecorder(
  folder: string | undefined,
  callId: string,
  settings: ListenerSettings,
  onError: (error: unknown) => void,
): TurnRecorder | undefined {
  if (folder === undefined) return undefined;
  try {
    return new TurnRecorder(folder, callId, settings, onError);
  } catch (error) {
    onError(error);
    return undefined;
  }
}

export class TurnRecorder {
  readonly #file: WriteStream;
  #bytes = 0;

  /**
   * @param folder - Made if it is not there.
   * @param onError - Told once; the call goes on without its recording.
   */
  constructor(folder: string, callId: string, settings: ListenerSettings, onError: (error: Error) => void) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const name = `${callId.replaceAll(/[^\w-]/g, '_').slice(0, 100)}.jsonl`;
    this.#file = createWriteStream(join(folder, name), { flags: 'w', mode: 0o600 });
    this.#file.once('error', onError);
    this.#write({ settings });
  }

  /** In the order in which the listener took the inputs. */
  note(input: ListenerInput, actions: readonly ListenerAction[]): void {
    this.#write({ input, actions });
  }

  /** Resolves once all of it is written or nothing more can be: the process exits soon after. May be called twice. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#file.end(() => resolve()));
  }

  #write(document: unknown): void {
    if (this.#file.destroyed || this.#file.writableEnded || this.#bytes > MAX_BYTES) return;
    const line = `${JSON.stringify(document)}\n`;
    this.#bytes += line.length;
    this.#file.write(line);
  }
}
