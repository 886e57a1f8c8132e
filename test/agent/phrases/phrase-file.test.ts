import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { phraseKey } from '../../../agent/phrases/phrase.js';
import { decodePhrase, encodePhrase, phraseFileName } from '../../../agent/phrases/phrase-file.js';
import { KEY, soundOf } from './support.js';

const anyPhrase = fc.record({
  text: fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }).filter((text) => text.length <= 1_000),
  samples: fc.int16Array({ minLength: 1, maxLength: 2_000 }),
  words: fc.array(
    fc.record({ word: fc.string({ maxLength: 20 }), endMs: fc.double({ min: 0, max: 60_000, noNaN: true }) }),
    { maxLength: 20 },
  ),
});

describe('a phrase as a file', () => {
  it('comes back as it was, whatever it is', () => {
    fc.assert(
      fc.property(anyPhrase, (phrase) => {
        const read = decodePhrase(encodePhrase(KEY, phrase), KEY, phrase.text);
        expect(read?.samples).toEqual(phrase.samples);
        expect(read?.text).toBe(phrase.text);
        expect(read?.words.map(({ endMs }) => endMs + 0)).toEqual(phrase.words.map(({ endMs }) => endMs + 0));
        expect(read?.words.map(({ word }) => word)).toEqual(phrase.words.map(({ word }) => word));
      }),
    );
  });

  it('does not come back cut off anywhere, and nothing is read from noise', () => {
    const phrase = { text: 'Hello.', ...soundOf('Hello.') };
    const file = encodePhrase(KEY, phrase);
    fc.assert(
      fc.property(fc.nat(file.length - 1), (length) => {
        expect(decodePhrase(file.subarray(0, length), KEY, phrase.text)).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (noise) => {
        expect(decodePhrase(Buffer.from(noise), KEY, phrase.text)).toBeUndefined();
      }),
    );
  });

  it('does not come back with a byte of it changed', () => {
    const phrase = { text: 'Hello.', ...soundOf('Hello.') };
    const file = encodePhrase(KEY, phrase);
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(file);
        changed.writeUInt8(changed.readUInt8(at) ^ change, at);
        expect(decodePhrase(changed, KEY, phrase.text) ?? phrase).toEqual(phrase);
      }),
      { numRuns: 500 },
    );
  });

  it('has a name that differs with the text', () => {
    expect(phraseFileName(KEY, 'a')).not.toBe(phraseFileName(KEY, 'b'));
    expect(phraseFileName(KEY, 'a')).toBe(phraseFileName({ ...KEY }, 'a'));
  });

  it('has a name that differs with the emotion, and without one the name that it had before there were any', () => {
    expect(phraseFileName({ ...KEY, emotion: 'content' }, 'a')).not.toBe(phraseFileName(KEY, 'a'));
    expect(phraseFileName({ ...KEY, emotion: undefined }, 'a')).toBe(
      'e8634fdae459292d297a48ed48e1d2f4e09389597d48520859486f4ffa0c830a.phrase',
    );
  });
});

describe('the key of a provider', () => {
  const settings = { provider: 'cartesia', model: 'sonic-3', voice: 'katie' };

  it('holds the server without credentials, query and closing slash', () => {
    const baseUrl = 'https://user:secret@voice.example:8443/api/?token=secret';
    expect(phraseKey({ ...settings, baseUrl }, 'en-US', 24_000)).toEqual({
      ...settings,
      language: 'en',
      endpoint: 'voice.example:8443/api',
      sampleRateHz: 24_000,
    });
  });

  it('takes nothing else of the settings along', () => {
    const baseUrl = 'http://127.0.0.1:8790';
    const withKey = { ...settings, baseUrl, apiKey: 'secret' };
    const file = encodePhrase(phraseKey(withKey, 'en', 24_000), { text: 'Hi', ...soundOf('Hi') });
    expect(file.includes('secret')).toBe(false);
  });
});
