import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  FrameError,
  FrameReader,
  MAX_SAMPLES,
  type ScoreAnswer,
} from '../../../agent/turn-model/framing.js';

const id = fc.nat({ max: 0xff_ff_ff_ff });
const pcm = fc.int16Array({ minLength: 1, maxLength: 400 });
const answer: fc.Arbitrary<ScoreAnswer> = fc.oneof(
  fc.record({
    id,
    status: fc.constant('score' as const),
    probability: fc.float({ min: 0, max: 1, noNaN: true }),
    inferenceMs: fc.float({ min: 0, max: 5_000, noNaN: true }),
  }),
  fc.record({ id, status: fc.constantFrom('busy' as const, 'failed' as const) }),
);

/** Cuts bytes at the given places, wherever they are. */
function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [0, ...at.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return places.slice(1).map((place, index) => bytes.subarray(places[index], place));
}

const pieces = (reader: FrameReader, chunks: readonly Buffer[]) => chunks.flatMap((chunk) => reader.push(chunk));

describe("the turn model's frames", () => {
  it('carry requests whole, whatever pieces they arrive in', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ id, pcm }), { maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        (all, at) => {
          const bytes = Buffer.concat(all.map(encodeRequest));
          expect(pieces(FrameReader.forRequests(), cut(bytes, at)).map(decodeRequest)).toEqual(all);
        },
      ),
    );
  });

  it('carry answers whole, whatever pieces they arrive in', () => {
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 20 }), (all, at) => {
        const bytes = Buffer.concat(all.map(encodeAnswer));
        expect(pieces(FrameReader.forAnswers(), cut(bytes, at)).map(decodeAnswer)).toEqual(all);
      }),
    );
  });

  it('give nothing but bounded requests, or an error, out of random bytes', () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 30 });
    fc.assert(
      fc.property(chunks, (random) => {
        for (const make of [FrameReader.forRequests, FrameReader.forAnswers]) {
          const reader = make();
          try {
            for (const payload of pieces(
              reader,
              random.map((bytes) => Buffer.from(bytes)),
            )) {
              expect(payload.length).toBeLessThanOrEqual(4 + 2 * MAX_SAMPLES);
              if (make === FrameReader.forRequests) expect(decodeRequest(payload).pcm.length).toBeGreaterThan(0);
              else decodeAnswer(payload);
            }
          } catch (error) {
            expect(error).toBeInstanceOf(FrameError);
          }
        }
      }),
    );
  });

  it('are refused by their length alone, before any memory is taken for them', () => {
    const length = (bytes: number) => {
      const header = Buffer.alloc(4);
      header.writeUInt32LE(bytes);
      return header;
    };
    for (const bytes of [0, 4, 5, 4 + 2 * MAX_SAMPLES + 1, 0xff_ff_ff_ff]) {
      expect(() => FrameReader.forRequests().push(length(bytes))).toThrow(FrameError);
    }
    for (const bytes of [0, 12, 14, 0xff_ff_ff_ff]) {
      expect(() => FrameReader.forAnswers().push(length(bytes))).toThrow(FrameError);
    }
  });

  it('are refused with half a sample, no sample, or too many', () => {
    expect(() => decodeRequest(Buffer.alloc(4 + 3))).toThrow(FrameError);
    expect(() => encodeRequest({ id: 1, pcm: new Int16Array(0) })).toThrow(RangeError);
    expect(() => encodeRequest({ id: 1, pcm: new Int16Array(MAX_SAMPLES + 1) })).toThrow(RangeError);
  });

  it.each([Number.NaN, -0.01, 1.01, Number.POSITIVE_INFINITY])(
    'make a failure of a probability of %s',
    (probability) => {
      const frame = encodeAnswer({ id: 7, status: 'score', probability, inferenceMs: 20 });
      expect(decodeAnswer(frame.subarray(4))).toEqual({ id: 7, status: 'failed' });
    },
  );

  it('break at a status that does not exist', () => {
    const frame = encodeAnswer({ id: 7, status: 'busy' });
    frame.writeUInt8(3, 8);
    expect(() => decodeAnswer(frame.subarray(4))).toThrow(FrameError);
  });
});
