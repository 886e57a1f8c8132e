import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHeardMeter } from '../../web-client/call/heard-meter.js';
import { rms, shownLevel } from '../../web-client/call/levels.js';
import { batchesOf, type Part } from './level-batches.js';

/** The waits a meter finds in these levels, in ms. */
function waits(...parts: Part[]): number[] {
  const meter = createHeardMeter();
  return batchesOf(parts).flatMap((batch) => meter.push(batch)?.heardMs ?? []);
}
/** Speech ends with one of these, wherever they begin; in ms. */
const RULE_WINDOW_MS = 10;
const about = (ms: number) => expect.toSatisfy((found: number) => Math.abs(found - ms) <= RULE_WINDOW_MS);

describe('the wait for an answer', () => {
  it('is from the last of one’s own sound to the first of the agent’s, to a window', () => {
    const times = fc.record({ silence: fc.integer({ min: 60, max: 5_000 }), before: fc.integer({ min: 0, max: 900 }) });
    fc.assert(
      fc.property(times, ({ silence, before }) => {
        const found = waits(['quiet', before], ['you', 800], ['quiet', silence], ['agent', 500]);
        expect(found).toHaveLength(1);
        expect(Math.abs((found[0] ?? 0) - silence)).toBeLessThanOrEqual(RULE_WINDOW_MS);
      }),
      { numRuns: 50 },
    );
  });

  it('has its instants on the clock of the sound', () => {
    const meter = createHeardMeter();
    const found = batchesOf(
      [
        ['you', 800],
        ['quiet', 600],
        ['agent', 500],
      ],
      480_000,
    ).flatMap((one) => meter.push(one) ?? []);
    expect(found).toEqual([{ spokeUntilMs: about(10_800), heardAtMs: about(11_400), heardMs: about(600) }]);
  });

  it('is measured anew for each answer, and once for each', () => {
    const turn: Part[] = [
      ['you', 800],
      ['quiet', 600],
      ['agent', 900],
      ['quiet', 1_000],
    ];
    expect(waits(...turn, ...turn)).toEqual([about(600), about(600)]);
  });

  it('is not begun anew by a pause within the answer, nor by the loudspeaker in the microphone', () => {
    expect(waits(['you', 800], ['quiet', 600], ['both', 500], ['you', 100], ['quiet', 400], ['agent', 500])).toEqual([
      about(600),
    ]);
  });

  it('is measured for the last of several utterances', () => {
    expect(waits(['you', 300], ['quiet', 500], ['you', 300], ['quiet', 200], ['agent', 100])).toEqual([about(200)]);
  });

  it('does not begin with a breath or a click after the last word', () => {
    expect(waits(['you', 800], ['breath', 150], ['quiet', 450], ['agent', 500])).toEqual([about(600)]);
    expect(waits(['you', 800], ['quiet', 300], ['click', 15], ['quiet', 285], ['agent', 500])).toEqual([about(600)]);
  });

  it('begins with the soft end of a word, as far as 30 dB below the loudest of the utterance', () => {
    expect(waits(['you', 400], ['soft', 100], ['quiet', 600], ['agent', 500])).toEqual([about(600)]);
    expect(waits(['amplified', 400], ['soft', 100], ['quiet', 600], ['agent', 500])).toEqual([about(700)]);
    // Each utterance has a loudest moment of its own.
    const loud: Part[] = [
      ['amplified', 400],
      ['quiet', 600],
      ['agent', 500],
      ['quiet', 400],
    ];
    expect(waits(...loud, ['you', 400], ['soft', 100], ['quiet', 600], ['agent', 500])).toEqual([
      about(600),
      about(600),
    ]);
  });

  it('goes by whole 10 ms: a pulse of a voice is no louder than its period', () => {
    const pulse: Part[] = [
      ['pulse', 2.5],
      ['quiet', 7.5],
    ];
    const pulses = Array.from({ length: 10 }, () => pulse).flat();
    // 27 dB below the loudest window, as a pulse, and 33 dB as ten milliseconds.
    expect(waits(['you', 400], ...pulses, ['quiet', 600], ['agent', 500])).toEqual([about(700)]);
  });

  it('does not end with a click of the line', () => {
    expect(waits(['you', 800], ['quiet', 300], ['agent', 15], ['quiet', 300], ['agent', 500])).toEqual([about(615)]);
  });
});

describe('no wait', () => {
  it('is there for a greeting', () => {
    expect(waits(['quiet', 600], ['agent', 500])).toEqual([]);
  });

  it('is told of an answer that began into one’s words, or of the words that were spoken over it', () => {
    expect(waits(['you', 800], ['both', 500], ['quiet', 600], ['agent', 500])).toEqual([]);
  });

  it('is told where nobody saw what happened, or samples were lost', () => {
    expect(waits(['you', 300], ['gap', 1_000], ['quiet', 100], ['agent', 500])).toEqual([]);
    expect(waits(['you', 300], ['quiet', 300], ['lost', 200], ['quiet', 300], ['agent', 500])).toEqual([]);
    expect(waits(['you', 300], ['quiet', 300], ['lost', 90], ['quiet', 300], ['agent', 500])).toEqual([about(600)]);
  });
});

describe('levels', () => {
  it('are the root mean square', () => {
    expect(rms(new Float32Array([0.5, -0.5, 0.5, -0.5]))).toBeCloseTo(0.5);
    expect(rms(new Float32Array())).toBe(0);
  });

  it('are shown even to the ear, within bounds', () => {
    expect([0, 0.0001, 0.001, 1].map(shownLevel)).toEqual([0, 0, 0, 1]);
    expect(shownLevel(10 ** (-36 / 20))).toBeCloseTo(0.5);
  });
});
