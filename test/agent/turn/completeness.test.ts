import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readText, type TextEvidence } from '../../../agent/turn/completeness.js';
import type { Question } from '../../../agent/turn/question.js';
import { speak } from './text/speak.js';

const read = (text: string, question: Question = 'open', language = 'en-US'): TextEvidence =>
  readText(speak(text), language, question);
/** How much the end of a text is open, whatever makes it so. */
const openness = (text: string, question: Question = 'open'): number => {
  const { conjunctionEnd, functionWordEnd, fillerEnd, readOutUnfinished } = read(text, question);
  return Math.max(conjunctionEnd, functionWordEnd, fillerEnd, readOutUnfinished);
};

describe('a text that goes on', () => {
  it.each(['a latte and', 'a latte or', 'no because', 'And', 'a latte with milk but', 'a latte plus', 'and then'])(
    'after a conjunction: %s',
    (text) => expect(read(text).conjunctionEnd).toBe(1),
  );

  it.each([
    ...['a', 'can i', 'can i get', 'can i get a', "i'd", "i'd like", 'i would like', "hi i'd like to", 'may i have'],
    ...['get me', 'a latte with', 'a latte with some', 'a latte without', 'a lot of', 'a cup of', 'it is for'],
    ...['could you', 'could you please', 'can i please', 'is there', 'do you', 'what is the', 'what is the price of'],
    ...['my name is', "my name's", "it's", 'how much is', 'i want to', "i'd like to order"],
    ...['actually i', 'and make it a', 'a latte with no', 'with a little bit', 'just', 'no i want', 'Can you bring me'],
  ])('after a word that needs another: %s', (text) => expect(read(text).functionWordEnd).toBeGreaterThanOrEqual(0.5));

  it.each([
    ...['can i get a large', 'i want a dark', 'i want a dark roast', 'a triple shot', 'get me a twelve', 'get me two'],
    ...[
      'a latte with brown',
      'a latte with whole',
      'an iced',
      'a sixteen ounce',
      'brew a small triple shot light roast',
    ],
    ...['make me a house', 'with a bit of almond', 'a different'],
  ])('after an attribute without its noun: %s', (text) => {
    expect(read(text).functionWordEnd).toBeGreaterThanOrEqual(0.5);
  });

  it.each(['um', 'uhhh', 'a latte um', 'a latte, uh,', 'hmm', 'let me see', 'hold on', 'a latte i mean', 'well', 'er'])(
    'after a filler: %s',
    (text) => expect(read(text).fillerEnd).toBeGreaterThanOrEqual(0.5),
  );

  it('looks through a filler to the word before it', () => {
    expect(read('a latte and um')).toMatchObject({ conjunctionEnd: 1, fillerEnd: 1 });
    expect(read('a latte with uh')).toMatchObject({ functionWordEnd: 1, fillerEnd: 1 });
  });
});

describe('a text that can end', () => {
  it.each([
    ...['a large latte', 'can i get a house coffee', 'get me a dark roast espresso with lots of almond milk', 'hello'],
    ...['make it two', 'make it large', 'make it a large', 'the large one', 'just one', 'no', 'yes i do', "no i don't"],
    ...[
      'how much is that',
      'what time is it',
      'what do you have',
      'what does it come with',
      'how are you',
      'cancel that',
    ],
    ...['yes it is', 'i think so', 'or so', 'as well', 'how much is it', 'thanks a lot', 'not really', 'thank you'],
    ...[
      'a coffee to go',
      'if you could',
      'what is my order',
      'give it a try',
      'large please',
      'two people',
      'the usual',
    ],
    ...[
      'turn it on',
      'come in',
      'when are you open',
      'is my order ready yet',
      'i like it',
      'a shot',
      'add another shot',
    ],
    ...[
      "what's it like",
      'read my order back',
      'Milk.',
      'a table for two',
      'for seven thirty',
      'where are you',
      'the same',
      'another one',
      'i changed my mind',
      'no sugar',
    ],
  ])('%s', (text) => expect(openness(text)).toBeLessThan(0.5));

  it('takes an attribute for whole that answers what was asked', () => {
    expect(openness('a large', 'choice')).toBe(0);
    expect(openness('iced', 'choice')).toBe(0);
    expect(openness('a large')).toBeGreaterThanOrEqual(0.5);
  });
});

describe('an open last word', () => {
  it('counts as drawn out by its length', () => {
    const drawnOut = [100, 150, 200, 250, 900].map(
      (ms) => readText(speak('a latte and', ms), 'en', 'open').openEndLengthened,
    );
    expect(drawnOut).toEqual([0, 0, 0.5, 1, 1]);
  });

  it('counts as said in passing when its beginning is not known, and not at all when it is none', () => {
    expect(readText([{ text: 'and', untilMs: 900 }], 'en', 'open').openEndLengthened).toBe(0);
    expect(readText(speak('a latte', 900), 'en', 'open').openEndLengthened).toBe(0);
  });
});

describe('a short answer', () => {
  const asked = (question: Question, ...texts: string[]): [string, Question][] => texts.map((text) => [text, question]);

  it.each([
    ...asked('yesno', 'yes', 'Yes.', 'no', 'yeah sure', 'uh-huh', "that's right", 'yes i do', 'no thanks', 'of course'),
    ...asked('choice', 'milk', 'the first one', 'large', 'medium please', "i'll take the milk", 'neither', 'to go'),
    ...asked('name', 'jane', "it's jane", 'jane doe', 'my name is jane doe', 'under miller please'),
    ...asked('number', 'two', '2', 'just one', 'three of them', 'twenty two'),
    ...asked('date', 'tomorrow', 'tomorrow morning', 'on monday', 'next friday', 'right now'),
    ...asked('open', 'nothing', 'no'),
    ...asked('phone', 'no'),
  ])('%s, to a question of the kind %s', (text, question) => expect(read(text, question).shortAnswer).toBe(1));

  it.each([
    ...asked('yesno', 'yes and', 'yes i', 'a latte', 'um', 'yes i would like a latte'),
    ...asked('choice', "i'd like", "i don't know", 'milk and', 'what'),
    ...asked('name', 'can you repeat that', 'hello', 'j a n'),
    ...asked('number', 'a latte', 'two and'),
    ...asked('open', 'yes', 'a latte'),
    ...asked('phone', 'sure', 'jane', 'five'),
  ])('is not: %s, to a question of the kind %s', (text, question) => {
    expect(read(text, question).shortAnswer).toBe(0);
  });

  it('is less sure of a number that may go on, and where nothing was asked', () => {
    expect(read('twenty', 'number').shortAnswer).toBe(0.5);
    expect(read('yes', 'none').shortAnswer).toBe(0.5);
  });
});

describe('closings, questions and marks', () => {
  it.each([
    'a latte please',
    'Thank you.',
    "that's all",
    'no that is it',
    'a coffee for me',
    'okay bye',
    'thanks a lot',
  ])('closes: %s', (text) => expect(read(text).closing).toBe(1));

  it.each(['can i please', 'a latte', 'please make', 'thank', 'thanks to', 'could you please'])(
    'does not: %s',
    (text) => {
      expect(read(text).closing).toBe(0);
    },
  );

  it.each(['can you repeat that', 'how much is a latte', 'and when do you close', 'what sizes do you have', 'Ready?'])(
    'asks: %s',
    (text) => expect(read(text).questionForm).toBe(1),
  );

  it.each(['can you', 'how much is', 'how much is a', 'a latte', 'what size of', 'i can see that'])(
    'does not: %s',
    (text) => {
      expect(read(text).questionForm).toBe(0);
    },
  );

  it("knows the recogniser's full stop from a comma and from dots", () => {
    const ends = ['Milk.', 'Milk!', 'Milk?', 'Milk."', 'Milk,', 'Milk...', 'Milk', '4.50', 'latté。'];
    expect(ends.map((text) => read(text).sentenceEnd)).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 1]);
  });

  it('counts few words, unless they are an answer', () => {
    expect(['milk', 'soy milk', 'some soy milk'].map((text) => read(text).fewWords)).toEqual([1, 0.5, 0]);
    expect(read('milk', 'choice').fewWords).toBe(0);
  });
});

describe('whatever comes', () => {
  const QUESTIONS = ['yesno', 'choice', 'name', 'number', 'phone', 'date', 'email', 'address', 'open', 'none'] as const;
  const spoken = fc.constantFrom(
    ...'and um a with two five twenty march may third dot com at jane @ . ? street double o s 555-1234 can you please'.split(
      ' ',
    ),
  );
  const word = fc.record(
    { text: fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), spoken), fromMs: fc.double(), untilMs: fc.double() },
    { requiredKeys: ['text', 'untilMs'] },
  );

  it('gives finite numbers from 0 to 1', () => {
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 80 }),
        fc.constantFrom('en', 'en-US', 'de-DE', ''),
        fc.constantFrom(...QUESTIONS),
        (words, language, question) => {
          for (const value of Object.values(readText(words, language, question))) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('knows nothing but what needs no language in others than English', () => {
    expect(read('einen kaffee and', 'open', 'de-DE')).toEqual({ ...read(''), hasWords: 1 });
    expect(read('Milch.', 'yesno', 'de-DE')).toEqual({ ...read(''), hasWords: 1, sentenceEnd: 1, fewWords: 1 });
    expect(Object.values(read('')).every((value) => value === 0)).toBe(true);
    expect(Object.values(read('... ?')).every((value) => value === 0)).toBe(true);
  });

  it('reads only the end of long texts', () => {
    const end = 'my number is five five five';
    const long = speak(`${'and a latte with milk '.repeat(2_000)}${end}`);
    expect(readText(long, 'en', 'open')).toEqual(readText(long.slice(-64), 'en', 'open'));
    const monster = 'a.@-1'.repeat(20_000);
    for (let round = 0; round < 200; round += 1) {
      readText(long, 'en', 'phone');
      readText(
        Array.from({ length: 64 }, () => ({ text: monster, untilMs: 0 })),
        'en',
        'email',
      );
    }
  });
});
