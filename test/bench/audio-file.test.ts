import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatWav } from '../../bench/audio/wav.js';
import { AudioFileError, readAudioFile, writeWav } from '../../bench/audio-file.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'turnwise-audio-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileWith(bytes: Uint8Array): Promise<string> {
  const path = join(folder, `${crypto.randomUUID()}.wav`);
  await writeFile(path, bytes);
  return path;
}

interface WavParts {
  format?: number;
  channels?: number;
  sampleRateHz?: number;
  bits?: number;
  data: Uint8Array;
  /** Bytes of a chunk between format and data. */
  oddChunk?: Uint8Array;
  dataSize?: number;
  extensible?: boolean;
}

function wav({ format = 1, channels = 1, sampleRateHz = 16_000, bits = 16, data, ...more }: WavParts): Uint8Array {
  const fmtSize = more.extensible === true ? 40 : 16;
  const fmt = Buffer.alloc(8 + fmtSize);
  fmt.write('fmt ', 0);
  fmt.writeUInt32LE(fmtSize, 4);
  fmt.writeUInt16LE(more.extensible === true ? 0xfffe : format, 8);
  fmt.writeUInt16LE(channels, 10);
  fmt.writeUInt32LE(sampleRateHz, 12);
  fmt.writeUInt32LE((sampleRateHz * channels * bits) / 8, 16);
  fmt.writeUInt16LE((channels * bits) / 8, 20);
  fmt.writeUInt16LE(bits, 22);
  if (more.extensible === true) fmt.writeUInt16LE(format, 32);
  const extra = more.oddChunk ?? new Uint8Array();
  const list = Buffer.alloc(extra.length === 0 ? 0 : 8 + extra.length + (extra.length % 2));
  if (extra.length > 0) {
    list.write('LIST', 0);
    list.writeUInt32LE(extra.length, 4);
    list.set(extra, 8);
  }
  const dataHeader = Buffer.alloc(8);
  dataHeader.write('data', 0);
  dataHeader.writeUInt32LE(more.dataSize ?? data.length, 4);
  const body = Buffer.concat([fmt, list, dataHeader, data]);
  const riff = Buffer.alloc(12);
  riff.write('RIFF', 0);
  riff.writeUInt32LE(body.length + 4, 4);
  riff.write('WAVE', 8);
  return Buffer.concat([riff, body]);
}

const int16 = (...values: number[]): Uint8Array => new Uint8Array(Int16Array.from(values).buffer);

describe('reading WAV', () => {
  it.each([
    ['16 bit', { data: int16(0, 16_384, -32_768) }],
    ['8 bit', { bits: 8, data: Uint8Array.of(128, 192, 0) }],
    ['24 bit', { bits: 24, data: Uint8Array.of(0, 0, 0, 0, 0, 0x40, 0, 0, 0x80) }],
    ['32 bit', { bits: 32, data: new Uint8Array(Int32Array.of(0, 2 ** 30, -(2 ** 31)).buffer) }],
    ['32 bit float', { format: 3, bits: 32, data: new Uint8Array(Float32Array.of(0, 0.5, -1).buffer) }],
    ['extensible', { extensible: true, data: int16(0, 16_384, -32_768) }],
    ['a chunk of odd length before the sound', { oddChunk: Uint8Array.of(1, 2, 3), data: int16(0, 16_384, -32_768) }],
    ['a length that the writer did not know', { dataSize: 0xffff_ffff, data: int16(0, 16_384, -32_768) }],
  ])('reads %s', async (_, parts) => {
    const audio = await readAudioFile(await fileWith(wav(parts)));
    expect(audio.sampleRateHz).toBe(16_000);
    expect([...audio.samples]).toEqual([0, 16_384, -32_768]);
  });

  it('mixes stereo to mono', async () => {
    const stereo = wav({ channels: 2, sampleRateHz: 44_100, data: int16(1_000, 3_000, -500, 500) });
    const audio = await readAudioFile(await fileWith(stereo));
    expect(audio.sampleRateHz).toBe(44_100);
    expect([...audio.samples]).toEqual([2_000, 0]);
  });

  it('clips float samples that are too loud', async () => {
    const loud = wav({ format: 3, bits: 32, data: new Uint8Array(Float32Array.of(2, -2, Number.NaN).buffer) });
    expect([...(await readAudioFile(await fileWith(loud))).samples]).toEqual([32_767, -32_768, 0]);
  });

  it.each([
    ['text', new TextEncoder().encode('hello, I am not a sound'), 'is neither a WAV nor a FLAC file.'],
    ['an empty file', new Uint8Array(), 'is empty.'],
    ['a header alone', wav({ data: new Uint8Array() }).subarray(0, 20), 'is cut short: its header is not whole.'],
    ['no samples', wav({ data: new Uint8Array() }), 'is empty: it holds no sound.'],
    ['half its sound', wav({ data: int16(1, 2), dataSize: 8 }), 'is cut short: 4 of 8 bytes of sound are missing.'],
    ['mu-law', wav({ format: 7, bits: 8, data: Uint8Array.of(1) }), 'holds mu-law, which cannot be read; convert'],
    [
      'a rate no call carries',
      wav({ sampleRateHz: 96_000, data: int16(1) }),
      'has 96000 samples a second; give one of',
    ],
    [
      'six channels',
      wav({ channels: 6, data: int16(1, 2, 3, 4, 5, 6) }),
      'has 6 channels; give a mono or stereo file.',
    ],
    ['no channel', wav({ channels: 0, data: int16(1) }), 'has 0 channels; give a mono or stereo file.'],
    ['eleven minutes', wav({ sampleRateHz: 8_000, data: new Uint8Array(11 * 60 * 16_000) }), 'lasts 11 minutes; the'],
  ])('refuses %s in one line that names the file', async (_, bytes, message) => {
    const path = await fileWith(bytes);
    const error = await readAudioFile(path).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AudioFileError);
    expect(String(error)).toContain(`${path} ${message}`);
    expect(String(error)).not.toContain('\n');
  });

  it('refuses a file that is not there, and a folder', async () => {
    await expect(readAudioFile(join(folder, 'none.wav'))).rejects.toThrow(/none\.wav cannot be read \(no such file\)/);
    await expect(readAudioFile(folder)).rejects.toThrow(/is not a file/);
  });
});

/** 100 samples of a 1 kHz tone at 16 kHz, amplitude 8000, as an encoder wrote it. */
const FLAC_TONE = Buffer.from(
  'ZkxhQ4AAACIEgASAAAB2AAB2A+gA8AAAAGScHYQy5w2NQVcMe6hqRzvt//hlCABj204AAAv1Fhkc3x9AHN8WGQv15jESgoay7zNpBT6WAdQ+iwCGT7/YrEhA4JEkKJvnTJ9/sViQgcEiSFE3zpk+/2KxIQOCRJCib50yff7FYkIHBIkhRN86ZPv9isSEDgkSQom+dMn3+xWJCBwSJIB46w==',
  'base64',
);

describe('reading FLAC', () => {
  it('decodes every sample exactly', async () => {
    const { samples, sampleRateHz } = await readAudioFile(await fileWith(FLAC_TONE));
    const tone = Array.from({ length: 100 }, (_, index) => Math.round(8_000 * Math.sin((2 * Math.PI * index) / 16)));
    expect(sampleRateHz).toBe(16_000);
    expect([...samples]).toEqual(tone.map((sample) => sample + 0));
  });

  it.each([
    ['cut in its header', FLAC_TONE.subarray(0, 30)],
    ['cut in its sound', FLAC_TONE.subarray(0, FLAC_TONE.length - 20)],
    ['without its sound', FLAC_TONE.subarray(0, 42)],
  ])('refuses one %s', async (_, bytes) => {
    await expect(readAudioFile(await fileWith(bytes))).rejects.toThrow(AudioFileError);
  });
});

describe('writing WAV', () => {
  it('writes what can be read again', async () => {
    const path = join(folder, 'again.wav');
    const audio = { samples: Int16Array.of(1, -2, 32_767, -32_768), sampleRateHz: 48_000 };
    await writeWav(path, audio);
    expect(await readAudioFile(path)).toEqual(audio);
  });

  it('says so when the folder is not there', async () => {
    const path = join(folder, 'none', 'answer.wav');
    const audio = { samples: Int16Array.of(1), sampleRateHz: 8_000 };
    await expect(writeWav(path, audio)).rejects.toThrow(/answer\.wav cannot be written \(no such file\)/);
  });

  it('states the sizes that other programs rely on', () => {
    const bytes = Buffer.from(formatWav({ samples: Int16Array.of(1, 2, 3), sampleRateHz: 16_000 }));
    expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
    expect(bytes.readUInt32LE(40)).toBe(6);
  });
});
