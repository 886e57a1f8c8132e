/** WAV files as bytes: reading what recorders and tools really write, writing 16 bit mono. No I/O. */

/** Mono audio, 16 bit. */
export interface MonoAudio {
  readonly samples: Int16Array<ArrayBuffer>;
  readonly sampleRateHz: number;
}

/** Sample rates that a call can carry, in Hz: telephone speech up to the rate of WebRTC's Opus. */
export const MIN_SAMPLE_RATE_HZ = 8_000;
export const MAX_SAMPLE_RATE_HZ = 48_000;

/** Longest recording that is read, in ms. */
export const MAX_DURATION_MS = 10 * 60_000;

/** What is wrong with the bytes of an audio file, in words that fit after the file's name: `is cut short …`. */
export class AudioFormatError extends Error {
  override readonly name = 'AudioFormatError';
  readonly code = 'AUDIO_FORMAT';
  readonly retryable = false;
}

const FORMAT_PCM = 1;
const FORMAT_FLOAT = 3;
const FORMAT_EXTENSIBLE = 0xfffe;
const FORMAT_NAMES: Readonly<Record<number, string>> = {
  2: 'ADPCM',
  6: 'A-law',
  7: 'mu-law',
  17: 'IMA ADPCM',
  85: 'MP3',
};

/** Programs that write to a pipe cannot know the size; they leave a value near the largest possible. */
const UNKNOWN_SIZE_FROM = 0x7fff_0000;

interface WavFormat {
  readonly format: number;
  readonly channels: number;
  readonly sampleRateHz: number;
  readonly bitsPerSample: number;
}

type ReadSample = (view: DataView, offset: number) => number;

/** Reads one sample as a number from -1 to 1, by format and width in bits. */
const READERS: Readonly<Record<string, ReadSample>> = {
  [`${FORMAT_PCM}/8`]: (view, offset) => (view.getUint8(offset) - 128) / 128,
  [`${FORMAT_PCM}/16`]: (view, offset) => view.getInt16(offset, true) / 0x8000,
  [`${FORMAT_PCM}/24`]: (view, offset) => {
    const high = view.getInt8(offset + 2);
    return (high * 0x1_0000 + view.getUint16(offset, true)) / 0x80_0000;
  },
  [`${FORMAT_PCM}/32`]: (view, offset) => view.getInt32(offset, true) / 0x8000_0000,
  [`${FORMAT_FLOAT}/32`]: (view, offset) => view.getFloat32(offset, true),
};

/** Whether the bytes begin like a WAV file. */
export function isWav(bytes: Uint8Array): boolean {
  return textAt(bytes, 0, 4) === 'RIFF' && textAt(bytes, 8, 4) === 'WAVE';
}

/**
 * Reads a WAV file: PCM of 8, 16, 24 or 32 bit, or 32 bit float; mono, or stereo mixed to mono.
 * @throws AudioFormatError saying what is wrong with the file.
 */
export function parseWav(bytes: Uint8Array): MonoAudio {
  if (!isWav(bytes)) throw new AudioFormatError('is not a WAV file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: WavFormat | undefined;
  for (let offset = 12; offset + 8 <= bytes.byteLength; ) {
    const id = textAt(bytes, offset, 4);
    const size = view.getUint32(offset + 4, true);
    const start = offset + 8;
    if (id === 'fmt ') format = parseFormat(view, start, size);
    if (id === 'data') {
      if (format === undefined) throw new AudioFormatError('has its samples before their format; convert it again');
      const unknownSize = size >= UNKNOWN_SIZE_FROM;
      if (!unknownSize && start + size > bytes.byteLength) {
        const missing = start + size - bytes.byteLength;
        throw new AudioFormatError(`is cut short: ${missing} of ${size} bytes of sound are missing`);
      }
      return readSamples(view, start, unknownSize ? bytes.byteLength - start : size, format);
    }
    // Chunks begin at even offsets; an odd one is followed by a byte of padding.
    offset = start + size + (size % 2);
  }
  throw new AudioFormatError('is cut short: it holds no sound');
}

/** The bytes of a WAV file, PCM, 16 bit, mono. */
export function formatWav({ samples, sampleRateHz }: { samples: Int16Array; sampleRateHz: number }): Uint8Array {
  const headerBytes = 44;
  const view = new DataView(new ArrayBuffer(headerBytes + samples.length * 2));
  const putText = (offset: number, text: string): void => {
    for (let index = 0; index < text.length; index += 1) view.setUint8(offset + index, text.charCodeAt(index));
  };
  putText(0, 'RIFF');
  view.setUint32(4, headerBytes - 8 + samples.length * 2, true);
  putText(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, FORMAT_PCM, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  putText(36, 'data');
  view.setUint32(40, samples.length * 2, true);
  for (const [index, sample] of samples.entries()) view.setInt16(headerBytes + index * 2, sample, true);
  return new Uint8Array(view.buffer);
}

/**
 * Checks what holds for every file, whatever its format.
 * @throws AudioFormatError when there is no sound, too much of it, or its rate or channels do not fit a call.
 */
export function checkAudio(audio: { frames: number; sampleRateHz: number; channels: number }): void {
  const { frames, sampleRateHz, channels } = audio;
  if (channels !== 1 && channels !== 2) {
    throw new AudioFormatError(`has ${channels} channels; give a mono or stereo file`);
  }
  if (sampleRateHz < MIN_SAMPLE_RATE_HZ || sampleRateHz > MAX_SAMPLE_RATE_HZ) {
    throw new AudioFormatError(`has ${sampleRateHz} samples a second; give one of 8,000 to 48,000`);
  }
  if (frames === 0) throw new AudioFormatError('is empty: it holds no sound');
  if ((frames / sampleRateHz) * 1000 > MAX_DURATION_MS) {
    throw new AudioFormatError(`lasts ${Math.ceil(frames / sampleRateHz / 60)} minutes; the longest is 10`);
  }
}

/** Turns a number from -1 to 1 into a 16 bit sample; what is louder is clipped, what is not a number is silence. */
export function toInt16(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.max(-0x8000, Math.min(0x7fff, Math.round(value * 0x8000)));
}

function parseFormat(view: DataView, start: number, size: number): WavFormat {
  if (size < 16 || start + size > view.byteLength) throw new AudioFormatError('is cut short: its header is not whole');
  let format = view.getUint16(start, true);
  if (format === FORMAT_EXTENSIBLE) {
    if (size < 40) throw new AudioFormatError('is damaged: its extended header is not whole');
    // The sub-format is a GUID whose first two bytes are the plain format number.
    format = view.getUint16(start + 24, true);
  }
  return {
    format,
    channels: view.getUint16(start + 2, true),
    sampleRateHz: view.getUint32(start + 4, true),
    bitsPerSample: view.getUint16(start + 14, true),
  };
}

function readSamples(view: DataView, start: number, size: number, wav: WavFormat): MonoAudio {
  const { format, channels, sampleRateHz, bitsPerSample } = wav;
  const read = READERS[`${format}/${bitsPerSample}`];
  if (read === undefined) {
    const name = FORMAT_NAMES[format] ?? `format ${format}`;
    const kind = format === FORMAT_PCM || format === FORMAT_FLOAT ? `${bitsPerSample} bit samples` : name;
    throw new AudioFormatError(`holds ${kind}, which cannot be read; convert it to 16 bit PCM`);
  }
  const sampleBytes = bitsPerSample / 8;
  const frames = channels === 0 ? 0 : Math.floor(size / (sampleBytes * channels));
  checkAudio({ frames, sampleRateHz, channels });
  const samples = new Int16Array(frames);
  for (let frame = 0; frame < frames; frame += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) {
      sum += read(view, start + (frame * channels + channel) * sampleBytes);
    }
    samples[frame] = toInt16(sum / channels);
  }
  return { samples, sampleRateHz };
}

function textAt(bytes: Uint8Array, offset: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + length));
}
