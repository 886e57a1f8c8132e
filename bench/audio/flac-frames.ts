/**
 * Where the frames of a FLAC file begin and end (RFC 9639, 9). The decoder's own parser loses the last frame of some
 * files when the bytes within it look like the beginning of another, so the frames are found here, by their checksums.
 */

const FRAME_HEADER_MIN_BYTES = 6;

/** CRC-8 of frame headers: x^8 + x^2 + x + 1. */
const CRC8_TABLE = crcTable(8, 0x07);
/** CRC-16 of whole frames: x^16 + x^15 + x^2 + 1. */
const CRC16_TABLE = crcTable(16, 0x8005);

/**
 * Splits the sound of a FLAC file into its frames.
 * @param bytes - The whole file.
 * @returns The frames whose checksums are right, in order, up to the first that is damaged or not whole.
 */
export function splitFlacFrames(bytes: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let start = endOfMetadata(bytes); isFrameHeader(bytes, start); ) {
    const end = endOfFrame(bytes, start);
    if (end === undefined) break;
    frames.push(bytes.subarray(start, end));
    start = end;
  }
  return frames;
}

function endOfMetadata(bytes: Uint8Array): number {
  let offset = 4;
  for (;;) {
    const [flags = 0x80, high = 0, middle = 0, low = 0] = bytes.subarray(offset, offset + 4);
    offset += 4 + high * 0x1_0000 + middle * 0x100 + low;
    if ((flags & 0x80) !== 0) return offset;
  }
}

/** A frame ends where its checksum comes out as 0 and another frame, or nothing more, follows. */
function endOfFrame(bytes: Uint8Array, start: number): number | undefined {
  let crc = 0;
  let lastMatch: number | undefined;
  for (let offset = start; offset < bytes.length; offset += 1) {
    crc = ((crc << 8) & 0xffff) ^ (CRC16_TABLE[(crc >> 8) ^ (bytes[offset] ?? 0)] ?? 0);
    if (crc !== 0 || offset + 1 - start < FRAME_HEADER_MIN_BYTES) continue;
    lastMatch = offset + 1;
    if (lastMatch === bytes.length || isFrameHeader(bytes, lastMatch)) return lastMatch;
  }
  // What follows the last frame may be a tag that some other program appended.
  return lastMatch;
}

function isFrameHeader(bytes: Uint8Array, start: number): boolean {
  if (bytes[start] !== 0xff || ((bytes[start + 1] ?? 0) & 0xfe) !== 0xf8) return false;
  const sizes = bytes[start + 2] ?? 0;
  const numberBytes = codedNumberBytes(bytes[start + 4] ?? 0);
  const checksumAt = start + 4 + numberBytes + blockSizeBytes(sizes >> 4) + sampleRateBytes(sizes & 0x0f);
  if (checksumAt >= bytes.length) return false;
  let crc = 0;
  for (let offset = start; offset < checksumAt; offset += 1) crc = CRC8_TABLE[crc ^ (bytes[offset] ?? 0)] ?? 0;
  return crc === bytes[checksumAt];
}

/** The frame's number is coded as UTF-8 codes a character: leading ones in the first byte tell the length. */
function codedNumberBytes(first: number): number {
  return first < 0x80 ? 1 : Math.max(1, Math.clz32(~(first << 24)));
}

function blockSizeBytes(code: number): number {
  if (code === 6) return 1;
  return code === 7 ? 2 : 0;
}

function sampleRateBytes(code: number): number {
  if (code === 12) return 1;
  return code === 13 || code === 14 ? 2 : 0;
}

function crcTable(bits: 8 | 16, polynomial: number): Uint16Array {
  const top = 1 << (bits - 1);
  const mask = (1 << bits) - 1;
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << (bits - 8);
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc << 1) ^ ((crc & top) === 0 ? 0 : polynomial)) & mask;
    return crc;
  });
}
