import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROFILES } from '../../../agent/config/profiles.js';
import { type Evidence, type PauseFacts, readEvidence } from '../../../agent/turn/evidence.js';
import { hearSound, NO_SOUND, type RecentSound } from '../../../agent/turn/recent-sound.js';
import { weigh, weightsFor } from '../../../agent/turn/wait.js';
import { FITTED_WEIGHTS } from '../../../agent/turn/weights.js';

const BOUNDS = PROFILES.good.endpointing;

/** Anything that a broken part may hand over. */
const anyNumber = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1, 0, 1));
const window = fc.record({
  atMs: fc.integer({ min: -10_000, max: 100_000 }),
  probability: anyNumber,
  levelDb: anyNumber,
  pitchHz: anyNumber,
});
const sound = fc.array(window, { maxLength: 80 }).map((all) => all.reduce(hearSound, NO_SOUND));
const facts: fc.Arbitrary<PauseFacts> = fc.record({
  sound,
  lastVoicedAtMs: anyNumber,
  voicedMs: anyNumber,
  stretchMs: anyNumber,
  scores: fc.array(anyNumber, { maxLength: 6 }),
  words: fc.array(fc.record({ text: fc.string(), fromMs: anyNumber, untilMs: anyNumber }), { maxLength: 6 }),
  wordsChangedAtMs: fc.option(anyNumber, { nil: undefined }),
  language: fc.constantFrom('en-US', 'de', '', 'und'),
  question: fc.constantFrom('none', 'yesno', 'phone', 'open'),
});

/** A pause of which nothing is known but what is given. */
function evidenceOf(known: Partial<PauseFacts> = {}): Evidence {
  const base: PauseFacts = {
    sound: NO_SOUND,
    lastVoicedAtMs: 1_000,
    voicedMs: 1_000,
    stretchMs: 1_000,
    scores: [],
    words: [{ text: 'a latte', fromMs: 500, untilMs: 1_000 }],
    wordsChangedAtMs: 1_000,
    language: 'en-US',
    question: 'none',
  };
  return readEvidence({ ...base, ...known }, 1_300);
}

function waitMs(known: Partial<PauseFacts> = {}): number {
  const evidence = evidenceOf(known);
  return weigh(evidence, weightsFor(evidence, known.language ?? 'en-US', FITTED_WEIGHTS), BOUNDS).waitMs;
}

function said(text: string): Partial<PauseFacts> {
  const words = text.split(' ').map((word, i) => ({ text: word, fromMs: i * 300, untilMs: i * 300 + 280 }));
  return { words };
}

describe('evidence', () => {
  it('is finite and bounded whatever comes in', () => {
    fc.assert(
      fc.property(facts, anyNumber, (all, atMs) => {
        for (const value of Object.values(readEvidence(all, atMs))) expect(Math.abs(value)).toBeLessThanOrEqual(3);
      }),
    );
  });

  it('keeps a bounded memory of twenty minutes of babble', () => {
    let heard: RecentSound = NO_SOUND;
    for (let i = 0; i < (20 * 60 * 1_000) / 32; i++) {
      heard = hearSound(heard, { atMs: i * 32, probability: 0.9, levelDb: -20 - (i % 7), pitchHz: 120 + (i % 30) });
    }
    expect(heard.windows.length).toBeLessThanOrEqual(40);
    expect(heard.loudDb).toBeGreaterThan(-30);
  });

  it('hears a voice that falls and fades before it stops', () => {
    let falling: RecentSound = NO_SOUND;
    let steady: RecentSound = NO_SOUND;
    for (let i = 1; i <= 30; i++) {
      const atMs = i * 32;
      falling = hearSound(falling, { atMs, probability: 0.95, levelDb: -20 - i / 2, pitchHz: 160 - i * 2 });
      steady = hearSound(steady, { atMs, probability: 0.95, levelDb: -20, pitchHz: 160 });
    }
    const fallen = evidenceOf({ sound: falling, lastVoicedAtMs: 960 });
    const level = evidenceOf({ sound: steady, lastVoicedAtMs: 960 });
    expect(fallen.pitchSlope).toBeLessThan(level.pitchSlope);
    expect(fallen.volumeSlope).toBeLessThan(level.volumeSlope);
    expect(fallen.pitchDrop).toBeGreaterThan(level.pitchDrop);
    expect(fallen.volumeDrop).toBeGreaterThan(level.volumeDrop);
  });
});

describe('the wait', () => {
  it('lies within the bounds of every profile whatever the evidence is, and is the sum of its record', () => {
    fc.assert(
      fc.property(facts, anyNumber, anyNumber, (all, atMs, extra) => {
        const evidence = readEvidence(all, atMs);
        for (const { endpointing } of Object.values(PROFILES)) {
          const weights = weightsFor(evidence, all.language, FITTED_WEIGHTS);
          const wait = weigh(evidence, weights, endpointing, { profile: extra });
          expect(wait.waitMs).toBeGreaterThanOrEqual(endpointing.minSilenceMs);
          expect(wait.waitMs).toBeLessThanOrEqual(endpointing.maxSilenceMs);
          if (Math.abs(extra) > 1e6) continue;
          const sum = Object.values(wait.contributions).reduce((total, ms) => total + ms, 0);
          expect(sum).toBeCloseTo(wait.waitMs, 3);
        }
      }),
    );
  });

  it('falls as the turn model grows surer, with words and without', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
        const [unsure, sure] = a < b ? [a, b] : [b, a];
        expect(waitMs({ scores: [sure] })).toBeLessThanOrEqual(waitMs({ scores: [unsure] }));
        expect(waitMs({ scores: [sure], language: 'de' })).toBeLessThanOrEqual(
          waitMs({ scores: [unsure], language: 'de' }),
        );
      }),
    );
  });

  it.each([
    ['a large latte', 'a large latte with'],
    ['a large latte', 'a large latte and'],
    ['a large latte', 'a large latte um'],
    ['my number is five five five one two three four five six seven', 'my number is five five five one two'],
  ])('is longer after words that call for more: "%s" before "%s"', (whole, open) => {
    expect(waitMs({ ...said(open), scores: [0.5] })).toBeGreaterThan(waitMs({ ...said(whole), scores: [0.5] }));
  });

  it('is shorter after the short answer to a question than after the same word unasked', () => {
    expect(waitMs({ ...said('yes'), question: 'yesno' })).toBeLessThan(waitMs(said('yes')));
  });

  it('takes no word into account of a language whose words it does not know', () => {
    expect(waitMs({ ...said('ein Latte und'), language: 'de' })).toBe(waitMs({ ...said('ein Latte'), language: 'de' }));
  });
});
