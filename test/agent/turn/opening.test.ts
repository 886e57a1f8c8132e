import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseOpening, continuesFrom, type OpeningTable, openingInstruction } from '../../../agent/turn/opening.js';
import type { Question } from '../../../agent/turn/question.js';

const table: OpeningTable = {
  request: ['Sure,', 'Of course,', 'Certainly,', 'Okay,'],
  question: ['Let me see,', 'So,', 'Well,'],
  neutral: ['Okay,', 'Alright,', 'So,'],
};
const known = ['latte', 'mocha', 'espresso', 'milk', 'large', 'small', 'sugar'];

const choose = (said: string, asked: Question = 'none', recent: readonly string[] = []) =>
  chooseOpening(said, { language: 'en-US', table, recent, asked, known });

/** Which row of the table an opening was taken from; rows share words, so one without them is used. */
function kindOf(said: string, asked: Question = 'none'): string | undefined {
  const named = { request: ['request'], question: ['question'], neutral: ['neutral'] };
  return chooseOpening(said, { language: 'en', table: named, recent: [], asked, known });
}

describe('choosing an opening', () => {
  it.each([
    "I'd like a large latte with oat milk, please.",
    'Hi, um, can I get a small latte?',
    'could you make it a large latte',
    'add another mocha please',
    "I'll have two lattes",
    'Yes, can I please have a mocha with no sugar?',
    'okay so make the latte large',
    'Let me get an espresso, thanks',
    'could you bring me a mocha',
    "I'd like to order a latte",
    'I just want a mocha',
    'can I have it with milk',
    'make it a double',
    'could you change that to a small one',
  ])('begins before a request: %s', (said) => expect(kindOf(said)).toBe('request'));

  it.each([
    'How much is a latte?',
    'What time do you close on Sundays?',
    'hi when are you open',
    'Which milk do you have?',
    'Can you tell me what sizes you have?',
    "I'd like to know how much a mocha is",
    "What's on the menu?",
    'how long does it take',
  ])('begins before a question: %s', (said) => expect(kindOf(said)).toBe('question'));

  it('begins before something to look at', () => {
    expect(kindOf('tell me about the menu')).toBe('neutral');
  });

  it.each([
    ...[
      'Do you have oat milk?',
      'Is it open today',
      'are you open now',
      'Can you deliver a latte?',
      'Is the mocha good?',
    ],
    ...[
      'have you got a mocha',
      'does a latte have sugar',
      'will it take long',
      'Is my latte ready?',
      'anything without milk?',
    ],
    ...[
      'Could I pay by card?',
      'Do you know when you close?',
      'do you think I could get a latte',
      'can I change my order',
    ],
    ...[
      'A latte, right?',
      "I'd like a latte, do you have oat milk?",
      'so is that a large latte',
      'may I speak to someone',
    ],
  ])('never begins before a yes or a no: %s', (said) => expect(kindOf(said)).toBeUndefined());

  it.each([
    ...[
      'Cancel my order, please.',
      "I'd like to cancel the latte",
      'I changed my mind',
      'Please remove the latte',
      'stop',
    ],
    ...[
      'My latte is cold',
      'This is the wrong latte',
      "I've been waiting for my latte",
      'I want my money back',
      'why is it late',
    ],
    ...['No, a latte', 'no thanks', "I don't want milk", 'not a latte, a mocha', "that's all", 'nothing else'],
    ...[
      'Let me talk to a person',
      'get me a manager',
      'Can I get a human?',
      'I need help',
      'Can I get a refund for the latte?',
    ],
    ...[
      'Hello',
      'hi there',
      'Thank you very much',
      'bye',
      'Thanks, bye!',
      '',
      '  ',
      '...',
      'um',
      'uh, okay',
      'yes',
      'sure',
      '???',
    ],
    ...[
      'Can I get a pizza?',
      "I'd like a",
      'What?',
      'what did you say',
      'Pardon?',
      'how are you',
      'wait a second',
      'give me a minute',
    ],
    ...['My mother died', 'my name is Jane', 'order status', 'make sure it is a latte', 'I want you to make a latte'],
  ])('never begins before: %j', (said) => expect(kindOf(said)).toBeUndefined());

  it('leaves answers to what was asked alone', () => {
    expect(kindOf('a latte', 'open')).toBeUndefined();
    expect(kindOf('a large latte with milk please', 'open')).toBe('request');
    expect(kindOf("I'd like a latte", 'open')).toBe('request');
    expect(kindOf('Can I also get a mocha?', 'yesno')).toBe('request');
    expect(kindOf('yes can I get a mocha', 'yesno')).toBeUndefined();
    expect(kindOf('a mocha please', 'yesno')).toBeUndefined();
    for (const asked of ['name', 'number', 'phone', 'date', 'email', 'address'] as const) {
      expect(kindOf("I'd like a latte", asked)).toBeUndefined();
    }
    expect(kindOf('large', 'choice')).toBeUndefined();
  });

  it('knows no other language', () => {
    const options = { table, recent: [], asked: 'none', known } as const;
    expect(chooseOpening("I'd like a latte", { ...options, language: 'de-DE' })).toBeUndefined();
    expect(chooseOpening('Ich möchte einen Latte', { ...options, language: 'en' })).toBeUndefined();
    expect(chooseOpening('ラテをください', { ...options, language: 'en' })).toBeUndefined();
  });

  it('takes any request where it is not told what there is', () => {
    expect(chooseOpening("I'd like a pizza", { language: 'en', table, recent: [], asked: 'none' })).toBeDefined();
  });

  it('uses none of the last two again, and is quiet when that leaves none', () => {
    const recent: string[] = [];
    for (let turn = 0; turn < 30; turn += 1) {
      const opening = choose(`I'd like ${turn} lattes`, 'none', recent);
      expect(opening).toBeDefined();
      expect(recent.slice(-2)).not.toContain(opening);
      recent.push(opening ?? '');
    }
    expect(new Set(recent).size).toBe(table.request.length);
    const two = { ...table, request: ['Sure,', 'Okay,'] };
    const options = { language: 'en', table: two, recent: ['Sure,', 'Okay,'], asked: 'none' as const };
    expect(chooseOpening("I'd like a latte", options)).toBeUndefined();
    expect(chooseOpening("I'd like a latte", { ...options, table: { ...table, request: [] } })).toBeUndefined();
  });

  it('never begins before a yes-or-no question, whatever stands around it, and always decides alike', () => {
    const polite = fc.constantFrom('', 'hi ', 'um ', 'okay so ', 'yes please ', "I'd like a latte and ", 'a latte ');
    const auxiliary = fc.constantFrom(
      'is it',
      'are you',
      'do you',
      'does it',
      'was that',
      'will there',
      'should I',
      'have you',
      'did they',
    );
    const rest = fc.constantFrom(
      'open',
      'have oat milk',
      'any good',
      'with sugar',
      'sell a large mocha',
      'got a latte',
    );
    fc.assert(
      fc.property(polite, auxiliary, rest, fc.constantFrom('', '?', ' please'), (before, verb, after, end) => {
        expect(choose(`${before}${verb} ${after}${end}`)).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.string(), (said) => {
        expect(choose(said)).toBe(choose(said));
      }),
    );
  });
});

describe('telling the language model', () => {
  it('quotes what was begun', () => {
    expect(openingInstruction('Sure, ')).toContain(
      'You have already begun this reply aloud with "Sure,". Continue that very sentence',
    );
  });
});

/** What is heard of an opening and a text that streams in, character by character. */
function heard(opening: string, text: string): string {
  for (let length = 0; length <= text.length; length += 1) {
    const found = continuesFrom(opening, text.slice(0, length), length === text.length);
    if (found.kind === 'known') {
      // Once it is known, more text changes nothing.
      expect(continuesFrom(opening, text, true)).toEqual(found.leaveOut === text.length ? expect.anything() : found);
      return opening + (found.leaveOut < text.length ? found.joint : '') + text.slice(found.leaveOut);
    }
  }
  throw new Error('The end of the text decides.');
}

describe('the join of an opening and its continuation', () => {
  it.each([
    ['Sure,', 'one latte.', 'Sure, one latte.'],
    ['Sure,', ' one latte.', 'Sure, one latte.'],
    ['Sure, ', 'one latte.', 'Sure, one latte.'],
    ['Sure,', 'Sure, one latte.', 'Sure, one latte.'],
    ['Sure,', 'sure! One latte.', 'Sure, One latte.'],
    ['Sure,', 'Sure one latte.', 'Sure, one latte.'],
    ['Sure,', 'Sure thing, one latte.', 'Sure, one latte.'],
    ['Sure,', 'Surely, one latte.', 'Sure, Surely, one latte.'],
    ['Sure,', '"Sure," one latte.', 'Sure, one latte.'],
    ['Sure,', ', one latte.', 'Sure, one latte.'],
    ['Sure,', '... one latte.', 'Sure, one latte.'],
    ['Sure,', '… one latte.', 'Sure, one latte.'],
    ['Sure,', '.5 is a number.', 'Sure, .5 is a number.'],
    ['Sure,', '$4.50.', 'Sure, $4.50.'],
    ['Sure,', '$ Sure is a brand.', 'Sure, $ Sure is a brand.'],
    ['Let me see,', 'Let me see — we open at 7.', 'Let me see, we open at 7.'],
    ['Let me see,', 'Let me check.', 'Let me see, Let me check.'],
    ['Let me see,', 'let', 'Let me see, let'],
    ['Sure,', 'Sure.', 'Sure,'],
    ['Sure,', '', 'Sure,'],
    ['Sure,', '"Latte" is a drink.', 'Sure, "Latte" is a drink.'],
  ])('%j and %j', (opening, text, expected) => expect(heard(opening, text)).toBe(expected));

  it('waits no longer than it has to', () => {
    expect(continuesFrom('Sure,', 'o', false).kind).toBe('known');
    expect(continuesFrom('Sure,', ' One', false).kind).toBe('known');
    expect(continuesFrom('Sure,', 'Su', false).kind).toBe('needsMore');
    expect(continuesFrom('Sure,', 'Sure', false).kind).toBe('needsMore');
    expect(continuesFrom('Sure,', 'Sure, o', false).kind).toBe('known');
  });

  it('leaves out nothing but marks and the opening itself, and soon knows', () => {
    const piece = fc.constantFrom(
      'Sure',
      ',',
      ' ',
      '.',
      '…',
      'one',
      'latte',
      '"',
      '—',
      '!',
      '5',
      'thing',
      'let me see',
      'Let',
      '$',
      "it's",
    );
    fc.assert(
      fc.property(
        fc.constantFrom('Sure,', 'Let me see, ', 'Okay,', ''),
        fc.oneof(
          fc.array(piece).map((parts) => parts.join('')),
          fc.string(),
        ),
        (opening, text) => {
          const spoken = heard(opening, text);
          expect(spoken.startsWith(opening)).toBe(true);
          const found = continuesFrom(opening, text, true);
          const leftOut = found.kind === 'known' ? text.slice(0, found.leaveOut) : text;
          const words =
            leftOut
              .toLowerCase()
              .match(/[a-z0-9]+/g)
              ?.join(' ') ?? '';
          const said =
            opening
              .toLowerCase()
              .match(/[a-z]+/g)
              ?.join(' ') ?? '';
          expect(['', said, `${said} thing`]).toContain(words);
        },
      ),
      { numRuns: 500 },
    );
  });
});
