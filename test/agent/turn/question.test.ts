import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Question, questionIn } from '../../../agent/turn/question.js';

const EXAMPLES: Readonly<Record<Question, readonly string[]>> = {
  yesno: [
    'Is that right?',
    'So two lattes, is that right?',
    'Okay, it stays as it is. Anything else?',
    'Should I add one latte to your order?',
    'You want to cancel your order, is that right?',
    'Is your phone number still the same?',
    'Would you like anything else?',
    'Do you want sugar or anything else?',
    'One latte for the name Jane, correct?',
    'Can I help with anything else today?',
  ],
  choice: [
    'Would you like milk or cream?',
    'What size would you like: small, medium or large?',
    'Did you say latte or mocha?',
    'Is that for here or to go?',
    'Regular or large?',
    'What kind of milk would you like?',
    'Which roast do you prefer?',
  ],
  name: [
    'What name is the order under?',
    "And what's the name?",
    'May I have a name for the order?',
    'Could I get your name please?',
    'Please tell me your name.',
    'Can you spell that for me?',
    'Do you have a name for the order?',
  ],
  number: ['How many?', 'How many lattes would you like?', 'What is your account number?', 'How old are you?'],
  phone: ["What's your phone number?", 'Could I have your phone number?', 'What number can I reach you at?'],
  date: ['When would you like to pick it up?', 'What day and time would you like?', 'What is your date of birth?'],
  email: ['What is your e-mail address?', 'And your email?', 'Can I have your email address, please?'],
  address: ['What is your address?', 'Where should we deliver it?', 'Can you give me your zip code?'],
  open: [
    'Hi, this is Turnwise Coffee. What can I get you?',
    'Which drink would you like?',
    'Sure. What should I change?',
    'Okay, I left that. What would you like instead?',
    'What else?',
    'How can I help you?',
    'Sorry, I am having trouble right now. Could you say that again?',
    "Sorry, I didn't catch that. Could you say it again?",
  ],
  none: ['Your latte is ready.', '', 'One large latte. That is $4.50.', 'See you at 7 a.m. on Monday.', '   '],
};

describe.each(Object.entries(EXAMPLES))('a question of the kind %s', (kind, texts) => {
  it.each(texts)('%s', (text) => expect(questionIn(text, 'en-US')).toBe(kind));
});

describe('the question in what the agent says', () => {
  it('is the last one, with or without a remark behind it', () => {
    expect(questionIn('What is your name? And how many lattes?', 'en')).toBe('number');
    expect(questionIn('What is your name? Take your time.', 'en')).toBe('name');
  });

  it('is known by its mark alone in other languages', () => {
    expect(questionIn('Was darf es sein?', 'de-DE')).toBe('open');
    expect(questionIn('Ihr Kaffee ist fertig.', 'de-DE')).toBe('none');
    expect(questionIn('何にしますか？', 'ja')).toBe('open');
  });

  it('is of some kind whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 2_000 }), (text) => {
        expect(Object.keys(EXAMPLES)).toContain(questionIn(`${text}?`, 'en'));
      }),
    );
  });
});
