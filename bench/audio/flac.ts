/** FLAC files as bytes, decoded by WebAssembly: no program to install. */
import { FLACDecoder } from '@wasm-audio-decoders/flac';
import { splitFlacFrames } from './flac-frames.js';
import { AudioFormatError, checkAudio, type MonoAudio, toInt16 } from './wav.js';

/** What the first metadata block says (RFC 9639, 8.2). */
interface StreamInfo {
  readonly sampleRateHz: number;
  readonly channels: number;
  /** Samples per channel; 0 when the writer did not know. */
  readonly frames: number;
}

const STREAM_INFO_OFFSET = 8;
const STREAM_INFO_BYTES = 34;

/** Whether the bytes begin like a FLAC file. */
export function isFlac(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, 4)) === 'fLaC';
}

/**
 * Decodes a FLAC file; stereo is mixed to mono.
 * @throws AudioFormatError saying what is wrong with the file.
 */
export async function parseFlac(bytes: Uint8Array): Promise<MonoAudio> {
  if (!isFlac(bytes)) throw new AudioFormatError('is not a FLAC file');
  const info = parseStreamInfo(bytes);
  // Before decoding, so that a file of hours is refused at once; 0 means that the length is not known yet.
  checkAudio({ ...info, frames: info.frames === 0 ? 1 : info.frames });
  const decoder = new FLACDecoder();
  try {
    await decoder.ready;
    const { channelData, samplesDecoded, errors } = await decoder.decodeFrames(splitFlacFrames(bytes));
    if (errors.length > 0) throw new AudioFormatError('is damaged: some of its sound cannot be decoded');
    if (samplesDecoded < info.frames) {
      throw new AudioFormatError(`is cut short: only ${samplesDecoded} of ${info.frames} samples are there`);
    }
    checkAudio({ ...info, frames: samplesDecoded });
    return { samples: mixToMono(channelData, samplesDecoded), sampleRateHz: info.sampleRateHz };
  } finally {
    decoder.free();
  }
}

function parseStreamInfo(bytes: Uint8Array): StreamInfo {
  if (bytes.byteLength < STREAM_INFO_OFFSET + STREAM_INFO_BYTES) {
    throw new AudioFormatError('is cut short: its header is not whole');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + STREAM_INFO_OFFSET, STREAM_INFO_BYTES);
  // 20 bits of rate, 3 of channels less one, 5 of width less one, 36 of length.
  const packed = view.getBigUint64(10);
  return {
    sampleRateHz: Number(packed >> 44n),
    channels: Number((packed >> 41n) & 0x7n) + 1,
    frames: Number(packed & 0xf_ffff_ffffn),
  };
}

function mixToMono(channelData: readonly Float32Array[], frames: number): Int16Array<ArrayBuffer> {
  const samples = new Int16Array(frames);
  for (let frame = 0; frame < frames; frame += 1) {
    const sum = channelData.reduce((total, channel) => total + (channel[frame] ?? 0), 0);
    samples[frame] = toInt16(sum / channelData.length);
  }
  return samples;
}
