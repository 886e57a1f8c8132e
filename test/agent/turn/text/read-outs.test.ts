import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readText } from '../../../../agent/turn/completeness.js';
import type { Question } from '../../../../agent/turn/question.js';
import { speak } from './speak.js';

const read = (text: string, question: Question = 'open') => readText(speak(text), 'en-US', question);
/** Whether the speaker is bound to go on, at each prefix of a text from its n-th word. */
function opennessFrom(text: string, firstWords: number, question: Question = 'open'): number[] {
  const words = text.split(' ');
  return Array.from({ length: words.length - firstWords + 1 }, (_, at) => {
    const { readOutUnfinished, functionWordEnd } = read(words.slice(0, firstWords + at).join(' '), question);
    return Math.max(readOutUnfinished, functionWordEnd);
  });
}

describe('a read-out goes on at each of its words but the last', () => {
  it.each<[string, number, Question]>([
    ['my number is five five five one two three four five six seven', 3, 'open'],
    ['five five five one two three four five six seven', 1, 'phone'],
    ["sure it's five five five um one two three four five six seven", 2, 'phone'],
    ['one eight hundred five five five one two one two', 1, 'phone'],
    ['double five nine triple two four one six five', 1, 'phone'],
    ['you can reach me at five five five one two three four five six seven', 5, 'open'],
    ['555 123 4567', 1, 'phone'],
    ['my card number is four one one one one one one one one one one one one one one one', 4, 'open'],
    ['my email is jane dot doe at mail dot com', 3, 'open'],
    ['jane dot doe at mail dot com', 1, 'email'],
    ["it's jane underscore doe at mail dot example dot org", 1, 'email'],
    ['smith s m i t h', 2, 'name'],
    ['my name is anna a double n a', 7, 'open'],
    ['march third', 1, 'date'],
    ['i was born on march third nineteen eighty four', 4, 'open'],
    ['nine oh two one zero', 1, 'address'],
    ['my zip code is nine oh two one zero', 4, 'open'],
    ['forty two oak street', 1, 'address'],
    ['my address is four hundred twelve north main street', 3, 'open'],
    ['half past three', 1, 'date'],
  ])('%s', (text, firstWords, question) => {
    const openness = opennessFrom(text, firstWords, question);
    expect(Math.min(...openness.slice(0, -1))).toBeGreaterThanOrEqual(0.4);
    expect(openness.at(-1)).toBeLessThanOrEqual(0.3);
  });
});

describe('a read-out is whole', () => {
  it.each<[string, Question]>([
    ['555-123-4567', 'open'],
    ['(555) 123-4567', 'phone'],
    ['+1 555 123 4567', 'phone'],
    ['five five five twelve thirty four five six seven', 'phone'],
    ['jane.doe@mail.com', 'open'],
    ['jane at gmail.com', 'email'],
    ['my email is jane at gmail dot com', 'open'],
    ['march third', 'open'],
    ['the third of march', 'open'],
    ['march 14 1985', 'open'],
    ['five pm', 'open'],
    ['five p.m.', 'date'],
    ["ten o'clock", 'date'],
    ['five thirty', 'date'],
    ['tomorrow', 'date'],
    ['smith s-m-i-t-h', 'name'],
    ['90210', 'address'],
    ['forty two oak street apartment five', 'address'],
    ['forty two oak street springfield', 'address'],
    ['my zip is 90210', 'open'],
  ])('%s (%s)', (text, question) => {
    expect(read(text, question).readOutComplete).toBeGreaterThanOrEqual(0.5);
    expect(read(text, question).readOutUnfinished).toBeLessThanOrEqual(0.5);
  });
});

describe('what is no read-out', () => {
  it.each<[string, Question]>([
    ['two', 'open'],
    ['can i get two lattes', 'open'],
    ['a double', 'open'],
    ['may i', 'date'],
    ['may i have a latte', 'open'],
    ['june', 'name'],
    ["i don't have one", 'email'],
    ['no', 'phone'],
    ['i like it at home', 'open'],
    ['i like a', 'open'],
    ['two coffees on the way', 'open'],
    ['i am', 'open'],
    ['sure', 'email'],
    ['a sixteen ounce coffee', 'open'],
    ['can you repeat that', 'address'],
  ])('%s (%s)', (text, question) => {
    expect(read(text, question)).toMatchObject({ readOutUnfinished: 0, readOutComplete: 0 });
  });
});

describe('graded', () => {
  it('is less sure of the rest of a number the more of it is there', () => {
    const digits = 'five five five one two three four five six seven'.split(' ');
    const openness = digits.map((_, at) => read(digits.slice(0, at + 1).join(' '), 'phone').readOutUnfinished);
    expect(openness).toEqual([...openness].sort((a, b) => b - a));
    expect(openness.at(0)).toBe(1);
    expect(openness.at(-1)).toBe(0);
  });

  it('knows that a round number may go on', () => {
    expect(read('twenty', 'number').readOutUnfinished).toBe(0.5);
    expect(read('twenty two', 'number').readOutUnfinished).toBe(0);
    expect(read('march twenty', 'date').readOutUnfinished).toBeGreaterThan(
      read('march twenty first', 'date').readOutUnfinished,
    );
  });

  it('takes no phone number for whole before its tenth digit, and none of ten for unfinished', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 2, max: 9 }), { minLength: 1, maxLength: 12 }), (digits) => {
        const { readOutUnfinished, readOutComplete } = read(`my phone number is ${digits.join(' ')}`);
        if (digits.length >= 10) expect([readOutUnfinished, readOutComplete]).toEqual([0, 1]);
        else expect(readOutUnfinished).toBeGreaterThan(readOutComplete);
      }),
    );
  });

  it('reads digits alike however they are written', () => {
    for (const text of ['555', '5 5 5', 'five five five', 'triple five', '5-5-5']) {
      expect(read(`my number is ${text}`)).toMatchObject({ readOutUnfinished: 1 });
    }
  });
});
