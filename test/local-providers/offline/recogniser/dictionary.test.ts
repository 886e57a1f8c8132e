import { describe, expect, it } from 'vitest';
import { parseDictionary, pronounce } from '../../../../local-providers/offline/recogniser/dictionary.js';

const base = parseDictionary('a AH\na(2) EY\nlatte L AA T EY\nconstructor K AH N S T R AH K T ER\n');

describe('the dictionary', () => {
  it('holds the words asked for, with every way to say them', () => {
    expect(pronounce(['a', 'latte'], base, {})).toBe('a AH\na(2) EY\nlatte L AA T EY\n');
  });

  it('adds the vocabulary’s own ways to the known ones, each once', () => {
    const own = { latte: ['L AE T EY', 'L AA T EY'] };
    expect(pronounce(['latte'], base, own)).toBe('latte L AA T EY\nlatte(2) L AE T EY\n');
  });

  it('names every word that cannot be said', () => {
    expect(() => pronounce(['a', 'frappe', 'chai'], base, {})).toThrow('frappe, chai');
  });

  it('takes a word for a word even where JavaScript has a property of that name', () => {
    expect(() => pronounce(['toString'], base, {})).toThrow('toString');
    expect(pronounce(['constructor'], base, {})).toContain('constructor K');
  });
});
