import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Asked, type HeardWords, whatNext } from '../../../agent/turn/ask-again.js';

const settings = { language: 'en-US', asksAgain: true };
const heard = (text: string, confidence: number, continues = false): HeardWords => ({ text, confidence, continues });
const next = (words: HeardWords, asked?: Asked) => whatNext(words, asked, settings);
const LATTE: Asked = { times: 1, about: { text: 'a large latte', confidence: 0.6 }, hadFaintYes: false };
const acts = (text: string, confidence: number, resumes: boolean) => ({ kind: 'act', text, confidence, resumes });

describe('words', () => {
  it('are acted upon when they were heard surely', () => {
    expect(next(heard('a large latte', 0.9))).toEqual(acts('a large latte', 0.9, false));
  });

  it('are asked about when they were not, without the sounds in between', () => {
    expect(next(heard('Um, hi. Can I get uh a large latte?', 0.79))).toMatchObject({
      kind: 'ask',
      question: 'Did you say: hi, Can I get a large latte?',
      asked: { times: 1, about: { text: 'Um, hi. Can I get uh a large latte?', confidence: 0.79 } },
    });
  });

  it.each(['yeah', 'mm-hm', 'In yes', 'and no', 'Okay, thank you.', 'no', 'hello'])(
    'are not asked about when they are only "%s"',
    (text) => {
      expect(next(heard(text, 0.4))).toEqual(acts(text, 0.4, false));
    },
  );

  it('are handed on unasked when there are too many to be read back, in another language, and where the profile says so', () => {
    const long = Array.from({ length: 30 }, (_, index) => `word${index}`).join(' ');
    expect(next(heard(long, 0.5)).kind).toBe('act');
    expect(whatNext(heard('ein Kaffee', 0.5), undefined, { ...settings, language: 'de-DE' }).kind).toBe('act');
    expect(whatNext(heard('a latte', 0.5), undefined, { ...settings, asksAgain: false }).kind).toBe('act');
  });
});

describe('the answer', () => {
  it.each(['yes', 'In yes', 'Yes, please.', "that's right", 'yeah I did', 'I did'])(
    '"%s" makes the words sure',
    (text) => {
      expect(next(heard(text, 0.6), LATTE)).toEqual(acts('a large latte', 1, true));
    },
  );

  it('yes, hardly heard, is asked for once more, and counts then', () => {
    const again = next(heard('yes', 0.3), LATTE);
    expect(again).toMatchObject({ kind: 'ask', question: 'Did you say: a large latte?', asked: { times: 2 } });
    if (again.kind !== 'ask') return;
    expect(next(heard('yes', 0.3), again.asked)).toEqual(acts('a large latte', 1, true));
  });

  it('that is none is asked for once more, and then the words are handed on as they were heard', () => {
    const again = next(heard('mm', 0.9), LATTE);
    expect(again).toMatchObject({ kind: 'ask', question: 'Did you say: a large latte?', asked: { times: 2 } });
    if (again.kind !== 'ask') return;
    expect(next(heard('um', 0.9), again.asked)).toEqual(acts('a large latte', 0.6, true));
  });

  it('of a word or two that were hardly heard is not asked about in its turn', () => {
    expect(next(heard('In yet', 0.5), LATTE)).toMatchObject({ kind: 'ask', question: 'Did you say: a large latte?' });
  });

  it.each(['no', "No, that's not right.", "I didn't say that", 'wrong'])('"%s" asks for the words again', (text) => {
    expect(next(heard(text, 0.9), LATTE)).toEqual({ kind: 'repeat', asked: { times: 1, hadFaintYes: false } });
  });

  it.each([
    ['No, a large latte.', 'a large latte.'],
    ["no i said i'd like a mocha", "i'd like a mocha"],
    ['nope, sorry, a mocha', 'a mocha'],
    ['yes I said a large latte', 'a large latte'],
    ['no milk', 'no milk'],
    ['no', undefined],
    ['never mind', 'never mind'],
    ['bye bye', 'bye bye'],
    ['what do you have', 'what do you have'],
  ])('"%s" comes to "%s"', (text, words) => {
    const step = next(heard(text, 0.9), LATTE);
    expect(step.kind === 'act' ? step.text : undefined).toBe(words);
  });

  it('takes more to what was asked about as one with it', () => {
    const about = { times: 1, about: { text: 'A large latte.', confidence: 0.6 }, hadFaintYes: false };
    expect(next(heard('Yes, and a muffin.', 0.9), about)).toEqual(acts('A large latte and a muffin.', 0.9, true));
    // Without a yes the first words are no surer than they were.
    expect(next(heard('with oat milk', 0.9), about)).toMatchObject({
      kind: 'ask',
      question: 'Did you say: A large latte with oat milk?',
    });
  });

  it('may come before the question is through', () => {
    expect(next(heard('a large latte yes', 0.7, true), LATTE)).toEqual(acts('a large latte', 1, true));
    expect(next(heard('a large latte with milk', 0.9, true), LATTE)).toEqual(
      acts('a large latte with milk', 0.9, false),
    );
  });

  it('in other unsure words is asked about once more, and then handed on as it was heard', () => {
    const second = next(heard('no, a large matte', 0.5), LATTE);
    expect(second).toMatchObject({ kind: 'ask', question: 'Did you say: a large matte?', asked: { times: 2 } });
    if (second.kind !== 'ask') return;
    expect(next(heard('no a small latte', 0.5), second.asked)).toEqual(acts('a small latte', 0.5, false));
  });

  it('no does not begin the count anew', () => {
    const repeat = next(heard('no', 0.9), { ...LATTE, times: 2 });
    expect(repeat.kind).toBe('repeat');
    if (repeat.kind !== 'repeat') return;
    expect(next(heard('a latte', 0.5), repeat.asked)).toEqual(acts('a latte', 0.5, false));
  });
});

describe('whatever is said', () => {
  const word = fc.constantFrom(
    'yes',
    'no',
    'um',
    'a',
    'latte',
    'and',
    'with',
    'milk',
    'i',
    'said',
    'Yeah,',
    'No.',
    '¿',
    '',
    '日本',
  );
  const said = fc.record({
    text: fc.array(word, { maxLength: 25 }).map((words) => words.join(' ')),
    confidence: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(Number.NaN)),
    continues: fc.boolean(),
  });

  it('nobody is asked more than twice in a row, and words that were never sure nor confirmed are never acted on as sure', () => {
    fc.assert(
      fc.property(fc.array(said, { minLength: 1, maxLength: 12 }), (turns) => {
        let asked: Asked | undefined;
        let row = 0;
        for (const turn of turns) {
          const before = asked;
          const step = next(turn, before);
          asked = step.kind === 'act' ? undefined : step.asked;
          row = step.kind === 'ask' ? row + 1 : step.kind === 'act' ? 0 : row;
          expect(row).toBeLessThanOrEqual(2);
          if (step.kind === 'ask') expect(step.question.length).toBeLessThan(400);
          if (step.kind === 'act' && step.confidence > turn.confidence) {
            expect(step).toMatchObject({ text: before?.about?.text, resumes: true });
            expect([1, before?.about?.confidence]).toContain(step.confidence);
          }
        }
      }),
    );
  });
});
