/** What passes between this program and a recogniser's child: frames to it, JSON lines from it (see child.py). */

import { z } from 'zod';

/** `O` options, `A` audio, `F` finalize, `C` close. */
export type FrameKind = 'O' | 'A' | 'F' | 'C';

/** One letter, a little-endian length of 4 bytes, the payload. */
export function encodeFrame(kind: FrameKind, payload: Uint8Array = new Uint8Array()): Buffer {
  const frame = Buffer.allocUnsafe(5 + payload.byteLength);
  frame.write(kind, 0, 'latin1');
  frame.writeUInt32LE(payload.byteLength, 1);
  frame.set(payload, 5);
  return frame;
}

/** Samples as the child reads them, whatever this machine's byte order. */
export function encodeAudio(samples: Int16Array): Buffer {
  const payload = Buffer.allocUnsafe(samples.length * 2);
  for (const [index, sample] of samples.entries()) payload.writeInt16LE(sample, index * 2);
  return encodeFrame('A', payload);
}

const Segment = z.object({
  startMs: z.number().nonnegative(),
  durationMs: z.number().nonnegative(),
  confidence: z.number().min(0).max(1),
  words: z.array(
    z.object({ word: z.string(), startMs: z.number(), endMs: z.number(), confidence: z.number().min(0).max(1) }),
  ),
});

const ChildMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('closed') }),
  z.object({ kind: z.literal('speech-started'), atMs: z.number() }),
  z.object({ kind: z.literal('interim'), segment: Segment }),
  z.object({ kind: z.literal('final'), segment: Segment, speechFinal: z.boolean(), fromFinalize: z.boolean() }),
  z.object({ kind: z.literal('utterance-end'), lastWordEndMs: z.number() }),
]);
export type ChildMessage = z.infer<typeof ChildMessage>;

/** @throws when a line is not a message of the child. */
export function parseMessage(line: string): ChildMessage {
  return ChildMessage.parse(JSON.parse(line));
}
