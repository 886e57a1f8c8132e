import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endOfVoice, isHeard, startOfVoice, trimSilence } from '../../../agent/turn/leading-silence.js';

const RATE_HZ = 24_000;
const ms = (samples: number) => (samples * 1_000) / RATE_HZ;
const inSamples = (durationMs: number) => (durationMs * RATE_HZ) / 1_000;

/** Gives the voice in pieces of these lengths, the last one repeating, and joins what comes. */
function trim(voice: Int16Array, lengths: readonly number[]): { samples: number[]; dropped: number } {
  let state = startOfVoice(RATE_HZ);
  const samples: number[] = [];
  let at = 0;
  for (let index = 0; at < voice.length; index += 1) {
    const length = lengths[Math.min(index, lengths.length - 1)] ?? voice.length;
    const step = trimSilence(state, voice.slice(at, at + length));
    state = step.state;
    samples.push(...step.samples);
    at += length;
  }
  const end = endOfVoice(state);
  samples.push(...end.samples);
  return { samples, dropped: end.state.droppedSamples };
}

function voiceOf(silenceMs: number, noise: number, soundMs: number): Int16Array {
  const silence = Array.from({ length: inSamples(silenceMs) }, (_, at) => (at % 2 === 0 ? noise : -noise));
  const sound = Array.from({ length: inSamples(soundMs) }, (_, at) => Math.round(5_000 * Math.cos(at / 20)));
  return Int16Array.from([...silence, ...sound]);
}

const aVoice = fc
  .record({ silenceMs: fc.integer({ min: 0, max: 500 }), noise: fc.integer({ min: 0, max: 100 }) })
  .map(({ silenceMs, noise }) => voiceOf(silenceMs, noise, 40));
const lengths = fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 8 });
/** Silences, clicks and sounds in any order. */
const anySound = fc
  .array(
    fc.record({
      level: fc.constantFrom(0, 20, 90, 200, 1_500, 20_000),
      samples: fc.integer({ min: 1, max: 4_000 }),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) =>
    Int16Array.from(
      parts.flatMap(({ level, samples }) => Array.from({ length: samples }, (_, at) => (at % 2 ? level : -level))),
    ),
  );

describe('the silence before a voice', () => {
  it('is cut to 15 ms, which rise from nothing', () => {
    const { samples, dropped } = trim(voiceOf(200, 60, 40), [2_400]);
    expect(ms(dropped)).toBe(185);
    expect(ms(samples.length)).toBe(55);
    expect(Math.abs(samples[0] ?? 1)).toBe(0);
    expect(samples.slice(inSamples(5), inSamples(6)).every((sample) => Math.abs(sample) === 60)).toBe(true);
  });

  it('leaves a voice alone that begins at once', () => {
    const voice = voiceOf(0, 0, 40);
    expect(trim(voice, [500])).toEqual({ samples: [...voice], dropped: 0 });
  });

  it('leaves a voice alone that begins after a breath of silence', () => {
    const voice = voiceOf(12, 50, 40);
    expect(trim(voice, [500])).toEqual({ samples: [...voice], dropped: 0 });
  });

  it('passes the very array on once the voice has begun', () => {
    const { state } = trimSilence(startOfVoice(RATE_HZ), voiceOf(0, 0, 20));
    const more = voiceOf(100, 0, 0);
    expect(trimSilence(state, more).samples).toBe(more);
  });

  it('takes a click for no voice', () => {
    const voice = voiceOf(100, 0, 40);
    voice[0] = 900;
    expect(ms(trim(voice, [1_000]).dropped)).toBe(85);
  });

  it('gives on at most 15 ms of a text that makes no sound for a moment', () => {
    expect(ms(trim(voiceOf(100, 0, 0), [700]).samples.length)).toBeLessThanOrEqual(20);
  });

  it('does the same however the samples are cut', () => {
    fc.assert(
      fc.property(anySound, lengths, (voice, cuts) => {
        expect(trim(voice, cuts)).toEqual(trim(voice, [voice.length]));
      }),
      { numRuns: 60 },
    );
  });

  it('leaves out at most 300 ms, only from the beginning, and nothing that is heard', () => {
    fc.assert(
      fc.property(anySound, lengths, (voice, cuts) => {
        const { samples, dropped } = trim(voice, cuts);
        expect(samples.length + dropped).toBe(voice.length);
        expect(ms(dropped)).toBeLessThanOrEqual(300);
        expect(isHeard(voice.slice(0, dropped), RATE_HZ)).toBe(false);
        // A sample this loud makes any window with it heard: it is kept, and as it was.
        const loud = voice.findIndex((sample) => Math.abs(sample) >= 1_200);
        if (loud >= 0) {
          expect(dropped).toBeLessThanOrEqual(loud);
          expect(samples.slice(loud - dropped)).toEqual([...voice.slice(loud)]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('finds nothing more to leave out in what it gave', () => {
    fc.assert(
      fc.property(
        aVoice.filter((voice) => ms(voice.length) < 300),
        lengths,
        (voice, cuts) => {
          const once = trim(voice, cuts);
          expect(trim(Int16Array.from(once.samples), cuts).dropped).toBeLessThanOrEqual(inSamples(5));
        },
      ),
      { numRuns: 60 },
    );
  });
});
