/** Audio files on disk: WAV and FLAC in, WAV out. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { isFlac, parseFlac } from './audio/flac.js';
import { AudioFormatError, formatWav, isWav, type MonoAudio, parseWav } from './audio/wav.js';

export type { MonoAudio } from './audio/wav.js';

/** Ten minutes of the widest form that is read (48 kHz, stereo, 32 bit) take 230 MB; anything above is not a recording. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** An audio file that cannot be read or written. The message names the file and says what is wrong in one line. */
export class AudioFileError extends Error {
  override readonly name = 'AudioFileError';
  readonly code = 'AUDIO_FILE';
  readonly retryable = false;
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`${path} ${problem}.`, options);
    this.path = path;
  }
}

/**
 * Reads a recording: WAV (PCM of 8 to 32 bit, 32 bit float) or FLAC, 8 to 48 kHz, mono or stereo (mixed to mono), at most
 * ten minutes.
 * @throws AudioFileError when there is no such file or it is not one that can be read.
 */
export async function readAudioFile(path: string): Promise<MonoAudio> {
  const bytes = await readBytes(path);
  try {
    if (isWav(bytes)) return parseWav(bytes);
    if (isFlac(bytes)) return await parseFlac(bytes);
  } catch (error) {
    if (error instanceof AudioFormatError) throw new AudioFileError(path, error.message, { cause: error });
    throw error;
  }
  throw new AudioFileError(path, bytes.byteLength === 0 ? 'is empty' : 'is neither a WAV nor a FLAC file');
}

/**
 * Writes 16 bit mono PCM as a WAV file, replacing one that is there.
 * @throws AudioFileError when the file cannot be written.
 */
export async function writeWav(path: string, audio: { samples: Int16Array; sampleRateHz: number }): Promise<void> {
  try {
    await writeFile(path, formatWav(audio));
  } catch (error) {
    throw new AudioFileError(path, `cannot be written (${reasonOf(error)})`, { cause: error });
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const info = await stat(path);
    if (!info.isFile()) throw new AudioFileError(path, 'is not a file');
    if (info.size > MAX_FILE_BYTES)
      throw new AudioFileError(path, 'is too large to be a recording of up to ten minutes');
    return await readFile(path);
  } catch (error) {
    if (error instanceof AudioFileError) throw error;
    throw new AudioFileError(path, `cannot be read (${reasonOf(error)})`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES') return 'permission denied';
  return typeof code === 'string' ? code : String(error);
}
