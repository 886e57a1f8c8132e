import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CacheableAnswer, findAnswer } from '../../../agent/turn/answer-cache.js';

const hours = 'We are open from seven to nine.';
const parking = 'There is parking behind the house.';
const answers: readonly CacheableAnswer[] = [
  { questions: ['when are you open', 'what are your hours'], answer: hours },
  { questions: ['where can I park?', 'do you have parking'], answer: parking },
  { questions: ['so what'], answer: 'So much.' },
];

describe('answers that need no model', () => {
  it.each([
    'when are you open',
    'When are you open?',
    'hi, um, when are you open please?',
    'Hello! Could you tell me, when are you open? Thank you very much.',
    "I'd like to know: what are your hours",
    'okay so what are your hours then',
    'when, uh, are you open',
    'Excuse me. When are you open, please?',
  ])('know the hours: %s', (said) => expect(findAnswer(said, answers)).toBe(hours));

  it('know a question that begins like politeness', () => {
    expect(findAnswer('So what?', answers)).toBe('So much.');
    expect(findAnswer('hey where can i park', answers)).toBe(parking);
  });

  it.each([
    'when are you open on sundays',
    'when are you open and do you have parking',
    'when are you not open',
    'when is my order ready',
    'when are you open, my order is late',
    'I ordered a latte, when are you open',
    'when are you',
    'are you open',
    "when aren't you open",
    'do you have parking for $5',
    'please',
    'um',
    '',
    ' ?! ',
    'no when are you open',
    "I'd like a latte. When are you open?",
    `when are you open ${'please '.repeat(60)}`,
  ])('leave to the model: %j', (said) => expect(findAnswer(said, answers)).toBeUndefined());

  it('are not for one who was asked something', () => {
    for (const asked of ['yesno', 'open', 'choice', 'name'] as const) {
      expect(findAnswer('when are you open', answers, { asked })).toBeUndefined();
    }
  });

  it('may be found by meaning, but none is made up, and none is personal', () => {
    const semantic = (said: string) => (said.includes('close') ? hours : 'We never sleep.');
    expect(findAnswer('until when is it before you close', answers, { semantic })).toBe(hours);
    expect(findAnswer('do you sleep', answers, { semantic })).toBeUndefined();
    expect(findAnswer('when do you close my order', answers, { semantic })).toBeUndefined();
    expect(findAnswer('when do you close', answers, { semantic, asked: 'yesno' })).toBeUndefined();
  });

  it('match in other languages by their words alone', () => {
    const german = [{ questions: ['Wann habt ihr offen?'], answer: 'Ab sieben.' }];
    expect(findAnswer('wann habt ihr offen', german)).toBe('Ab sieben.');
    expect(findAnswer('wann habt ihr sonntags offen', german)).toBeUndefined();
  });

  it('stay the same with politeness around, and are lost with any other word', () => {
    const before = fc.array(
      fc.constantFrom('hi', 'um', 'hello,', 'please', 'okay', 'so', 'can you tell me', 'Excuse me.'),
      { maxLength: 4 },
    );
    const behind = fc.array(fc.constantFrom('please', ', thanks', 'thank you', '?', 'uh'), { maxLength: 3 });
    const other = fc.constantFrom('latte', 'my', 'tomorrow', 'not', 'two', 'and', '$5', 'mine', 'then my order');
    fc.assert(
      fc.property(before, behind, other, fc.nat(6), (begin, end, word, place) => {
        const said = [...begin, 'what', 'are', 'your', 'hours', ...end];
        expect(findAnswer(said.join(' '), answers)).toBe(hours);
        const at = begin.length + (place % 5);
        expect(findAnswer(said.toSpliced(at, 0, word).join(' '), answers)).toBe(
          word === 'and' && at === begin.length ? hours : undefined,
        );
      }),
    );
  });
});
