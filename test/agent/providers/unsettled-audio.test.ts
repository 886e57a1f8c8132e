import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Piece, UnsettledAudio } from '../../../agent/providers/unsettled-audio.js';

const samplesOf = (pieces: readonly Piece[]): number[] => pieces.flatMap(({ samples }) => [...samples]);
/** Samples that tell their own position. */
const counting = (from: number, length: number) => Int16Array.from({ length }, (_, index) => (from + index) % 30_000);

describe('audio without a final', () => {
  it('gives what was not settled, cut inside a piece', () => {
    const audio = new UnsettledAudio(1_000);
    audio.push(counting(0, 10));
    audio.push(counting(10, 10));
    audio.settle(4);
    expect(audio.since(0).map(({ from }) => from)).toEqual([4, 10]);
    expect(samplesOf(audio.since(13))).toEqual([13, 14, 15, 16, 17, 18, 19]);
    expect(audio.since(20)).toEqual([]);
  });

  it('gives exactly the samples between the settled position, or its bound, and the end', () => {
    const change = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), length: fc.nat(50) }),
      fc.record({ kind: fc.constant('settle' as const), position: fc.integer({ min: -10, max: 1_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), fc.integer({ min: -5, max: 1_200 }), (changes, since) => {
        const audio = new UnsettledAudio(200);
        let end = 0;
        let from = 0;
        for (const entry of changes) {
          if (entry.kind === 'push') {
            audio.push(counting(end, entry.length));
            end += entry.length;
          } else {
            audio.settle(entry.position);
            from = Math.min(end, Math.max(from, entry.position));
          }
          from = Math.max(from, end - 200);
        }
        expect([audio.from, audio.end]).toEqual([from, end]);
        const start = Math.min(end, Math.max(from, since));
        expect(samplesOf(audio.since(since))).toEqual([...counting(start, end - start)]);
      }),
    );
  });
});
