import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROFILES } from '../../../agent/config/profiles.js';
import { breaksOff } from '../../../agent/turn/completeness.js';
import { silenceBeforeCommitMs } from '../../../agent/turn/endpointing.js';

const bounds = PROFILES.good.endpointing;
const wait = (scores: readonly number[], text = 'a large latte') =>
  silenceBeforeCommitMs({ scores, text, language: 'en-US' }, bounds);

describe('the wait before a commit', () => {
  it('is the shortest when the model is sure and the longest when nothing speaks for an end', () => {
    expect(wait([0.9])).toBe(bounds.minSilenceMs);
    expect(wait([0.01])).toBe(bounds.maxSilenceMs);
  });

  it('is the middle one without any score', () => {
    expect(wait([])).toBe(bounds.unscoredSilenceMs);
    expect(wait([Number.NaN])).toBe(bounds.unscoredSilenceMs);
  });

  it('does not let the latest of several scores decide alone', () => {
    const jump = wait([0.1, 0.9]);
    expect(jump).toBeGreaterThan(wait([0.9]));
    expect(jump).toBeLessThan(wait([0.1]));
  });

  it('goes on waiting after words that call for another', () => {
    expect(wait([0.9], 'a large latte with')).toBeGreaterThan(bounds.minSilenceMs * 2);
  });

  it('falls as the evidence for an end grows, and stays within the bounds whatever comes', () => {
    const score = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(score, score, fc.string(), (a, b, text) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(wait([low], text)).toBeGreaterThanOrEqual(wait([high], text));
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.double()), fc.string(), (scores, text) => {
        expect(wait(scores, text)).toBeGreaterThanOrEqual(bounds.minSilenceMs);
        expect(wait(scores, text)).toBeLessThanOrEqual(bounds.maxSilenceMs);
      }),
    );
  });
});

describe('text that breaks off', () => {
  it.each(['can i get a', 'a latte with', 'a coffee and', "hi i'd", 'two lattes, um'])('%s', (text) => {
    expect(breaksOff(text, 'en-US')).toBe(true);
  });

  it.each(['a large latte', 'yes', 'please', 'no that is it', 'make it two', ''])('does not: %s', (text) => {
    expect(breaksOff(text, 'en-US')).toBe(false);
  });

  it('says nothing of other languages', () => {
    expect(breaksOff('einen kaffee and', 'de-DE')).toBe(false);
  });
});
