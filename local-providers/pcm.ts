import { z } from 'zod';

export const PcmEncoding = z.enum(['pcm_s16le', 'pcm_f32le', 'pcm_mulaw', 'pcm_alaw']);
export type PcmEncoding = z.infer<typeof PcmEncoding>;

/** Rates Cartesia offers, in Hz. */
export const SAMPLE_RATES_HZ = [8_000, 16_000, 22_050, 24_000, 44_100, 48_000] as const;

export function encodePcm(samples: Int16Array, encoding: PcmEncoding): Buffer {
  switch (encoding) {
    case 'pcm_s16le': {
      const bytes = Buffer.allocUnsafe(samples.length * 2);
      for (const [index, sample] of samples.entries()) bytes.writeInt16LE(sample, index * 2);
      return bytes;
    }
    case 'pcm_f32le': {
      const bytes = Buffer.allocUnsafe(samples.length * 4);
      for (const [index, sample] of samples.entries()) bytes.writeFloatLE(sample / 32_768, index * 4);
      return bytes;
    }
    case 'pcm_mulaw':
      return Buffer.from(Uint8Array.from(samples, muLaw));
    case 'pcm_alaw':
      return Buffer.from(Uint8Array.from(samples, aLaw));
  }
}

/** G.711 mu-law of one sample. */
function muLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  // 132 is the law's bias in 16 bit, 32 635 the largest magnitude that stays in range with it.
  const magnitude = Math.min(Math.abs(sample), 32_635) + 132;
  const exponent = Math.floor(Math.log2(magnitude)) - 7;
  return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)) & 0xff;
}

/** G.711 A-law of one sample. */
function aLaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  const magnitude = Math.min(sample < 0 ? ~sample : sample, 32_767) >> 4;
  const exponent = magnitude < 16 ? 0 : Math.floor(Math.log2(magnitude)) - 3;
  const mantissa = (exponent === 0 ? magnitude : magnitude >> (exponent - 1)) & 0x0f;
  return (sign | (exponent << 4) | mantissa) ^ 0x55;
}

const WAV_FORMATS: Readonly<Record<PcmEncoding, { readonly tag: number; readonly bytes: number }>> = {
  pcm_s16le: { tag: 1, bytes: 2 },
  pcm_f32le: { tag: 3, bytes: 4 },
  pcm_alaw: { tag: 6, bytes: 1 },
  pcm_mulaw: { tag: 7, bytes: 1 },
};

/** A mono WAV header for a stream whose length is not known yet: both sizes are at their maximum, as streamed files have it. */
export function wavStreamHeader(sampleRateHz: number, encoding: PcmEncoding): Buffer {
  const { tag, bytes } = WAV_FORMATS[encoding];
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(0xffff_ffff, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(tag, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRateHz, 24);
  header.writeUInt32LE(sampleRateHz * bytes, 28);
  header.writeUInt16LE(bytes, 32);
  header.writeUInt16LE(bytes * 8, 34);
  header.write('data', 36);
  header.writeUInt32LE(0xffff_ffff, 40);
  return header;
}
