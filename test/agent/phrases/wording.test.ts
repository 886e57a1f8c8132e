import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PHRASE_CHARACTERS } from '../../../agent/phrases/phrase.js';
import { chooseFiller, textsToPrepare, type Wording, wordingFor } from '../../../agent/phrases/wording.js';

const LANGUAGES = ['en', 'de', 'es', 'fr'];

describe('the wording', () => {
  it('is that of the language, whatever its region, and English where there is none', () => {
    expect(wordingFor('en-US').misheard).toBe('Sorry. Please say it again.');
    expect(wordingFor('de-AT')).toBe(wordingFor('de'));
    expect(wordingFor('FR').openings.request).toContain("D'accord,");
    for (const language of ['ja', '', 'constructor', '__proto__']) expect(wordingFor(language)).toBe(wordingFor('en'));
    expect(new Set(LANGUAGES.map((language) => wordingFor(language).apology)).size).toBe(LANGUAGES.length);
  });

  it.each(LANGUAGES)('has in %s enough to vary, openings that go on and fillers that end', (language) => {
    const { openings, fillers } = wordingFor(language);
    for (const table of [...Object.values(openings), ...Object.values(fillers)]) {
      expect(new Set(table).size).toBe(table.length);
      expect(table.length).toBeGreaterThan(2);
    }
    for (const opening of Object.values(openings).flat()) expect(opening).toMatch(/^\p{Lu}[^,]*,$/u);
    for (const filler of Object.values(fillers).flat()) expect(filler).toMatch(/[.]$/);
  });

  it.each(LANGUAGES)(
    'has in %s several short ways to tell that an answer is late, for it waits for them',
    (language) => {
      const lengths = wordingFor(language).fillers.late.map((text) => text.length);
      expect(lengths.filter((length) => length <= Math.min(...lengths) + 4).length).toBeGreaterThan(2);
    },
  );

  it.each(LANGUAGES)('is to be prepared in %s once each, with what the assistant says of its own first', (language) => {
    const wording = wordingFor(language);
    const texts = textsToPrepare(wording, ['Hi!', wording.misheard]);
    expect(texts.slice(0, 2)).toEqual(['Hi!', wording.misheard]);
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts).toEqual(expect.arrayContaining(allOf(wording)));
    for (const text of texts) expect(text.length).toBeLessThan(MAX_PHRASE_CHARACTERS);
  });
});

function allOf(value: Wording | Wording['fillers'] | Wording['openings'] | readonly string[] | string): string[] {
  return typeof value === 'string' ? [value] : Object.values(value).flatMap(allOf);
}

describe('choosing a filler', () => {
  it('says what was not said yet, then what was said longest ago', () => {
    const table = ['a', 'b', 'c'];
    expect(chooseFiller(table, [])).toBe('a');
    expect(chooseFiller(table, ['a'])).toBe('b');
    expect(chooseFiller(table, ['a', 'b', 'c'])).toBe('a');
    expect(chooseFiller(table, ['a', 'b', 'c', 'a'])).toBe('b');
  });

  it('says nothing rather than the same again', () => {
    expect(chooseFiller(['a'], ['a'])).toBeUndefined();
    expect(chooseFiller([], [])).toBeUndefined();
  });

  it('never says the same twice in a row, and leaves none out', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 6 }),
        fc.array(fc.string()),
        (table, before) => {
          const said = [...before];
          for (let turn = 0; turn < table.length * 2; turn += 1) {
            const next = chooseFiller(table, said);
            expect(next).not.toBe(said.at(-1));
            if (next !== undefined) said.push(next);
          }
          expect(new Set(said.slice(-table.length)).size).toBe(table.length);
        },
      ),
    );
  });
});
