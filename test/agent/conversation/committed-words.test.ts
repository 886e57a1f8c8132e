import { describe, expect, it } from 'vitest';
import { CommittedWords, unsureAction } from '../../../agent/conversation/committed-words.js';
import { Turn } from '../../../agent/conversation/turn.js';
import { ManualClock } from '../../support/manual-clock.js';

function startWords({ asksAgain = true } = {}) {
  const words = new CommittedWords({ language: 'en-US', asksAgain });
  let turns = 0;
  /** One turn of a caller, with a message of its own and one reply in the conversation. */
  const say = (text: string, confidence = 0.9, continued?: Turn) => {
    const next = words.take({ text, confidence }, continued);
    turns += 1;
    const opening = { said: text, confidence, timeline: {}, continued };
    const turn = new Turn(turns, opening, new ManualClock(0), { onSounded: () => undefined, onDone: () => undefined });
    continued?.supersede(turns);
    if (next.kind === 'act') turn.told = next.text;
    else words.noteAsked(turn);
    turn.itemIds.add(`said${turns}`).add(`reply${turns}`).add(`call${turns}`);
    return { next, turn };
  };
  const told = () => {
    const items = Array.from({ length: turns }, (_, index) => [
      { id: `said${index + 1}` },
      { id: `item${index}`, callId: `call${index + 1}` },
      { id: `reply${index + 1}` },
    ]);
    return words.told([{ id: 'instructions' }, ...items.flat()]).map(({ id }) => id);
  };
  return { words, say, told };
}

describe('the model is told', () => {
  it('everything, when nothing was superseded or asked about', () => {
    const { say, told } = startWords();
    say('a latte');
    say('and a muffin');
    expect(told()).toEqual(['instructions', 'said1', 'item0', 'reply1', 'said2', 'item1', 'reply2']);
  });

  it('one message with both halves, and nothing of the answer to the first, its tools included', () => {
    const { say, told } = startWords();
    const { turn } = say('I want a latte');
    const { next } = say('I want a latte with oat milk', 0.9, turn);
    expect(next).toMatchObject({ kind: 'act', text: 'I want a latte with oat milk' });
    expect(told()).toEqual(['instructions', 'said2', 'item1', 'reply2']);
  });

  it('what a yes has confirmed, also when the caller goes on after the yes', () => {
    const { say } = startWords();
    say('a large latte', 0.6);
    const { turn } = say('yes');
    const { next } = say('yes and a muffin', 0.9, turn);
    expect(next).toMatchObject({ kind: 'act', text: 'a large latte and a muffin' });
  });

  it('what a yes has confirmed once more, when nobody went on after all', () => {
    const { say } = startWords();
    say('a large latte', 0.6);
    const { turn } = say('yes');
    expect(say('yes', 0.9, turn).next).toMatchObject({ kind: 'act', text: 'a large latte' });
  });

  it('the words alone where they do not begin with those they go on from', () => {
    const { say } = startWords();
    say('a large latte', 0.6);
    const { turn } = say('yes');
    expect(say('a small tea instead', 0.9, turn).next).toMatchObject({ kind: 'act', text: 'a small tea instead' });
  });

  it('what comes late of the answer to a superseded half neither', () => {
    const { words, say } = startWords();
    const { turn } = say('I want a latte');
    say('I want a latte with oat milk', 0.9, turn);
    turn.itemIds.add('late');
    expect(words.told([{ id: 'late' }])).toEqual([]);
  });

  it('the whole story, once a tool has changed something on the first half', () => {
    const { say, told } = startWords();
    const { turn } = say('I want a latte');
    turn.markChange();
    expect(say('I want a latte with oat milk', 0.9, turn).next).toMatchObject({ text: 'with oat milk' });
    expect(told()).toHaveLength(7);
  });

  it('of three halves what the second one changed, and what was added to it', () => {
    const { say, told } = startWords();
    const first = say('I want').turn;
    const second = say('I want a latte', 0.9, first).turn;
    second.markChange();
    const third = say('I want a latte with', 0.9, second);
    expect(third.next).toMatchObject({ text: 'with' });
    expect(say('I want a latte with milk', 0.9, third.turn).next).toMatchObject({ text: 'with milk' });
    expect(told()).toEqual(['instructions', 'said2', 'item1', 'reply2', 'said4', 'item3', 'reply4']);
  });

  it('words that were confirmed as one sure message, without the question and the yes', () => {
    const { say, told } = startWords();
    expect(say('a large latte', 0.6).next).toMatchObject({ kind: 'ask', question: 'Did you say: a large latte?' });
    expect(say('yes', 0.7).next).toMatchObject({ kind: 'act', text: 'a large latte', confidence: 1 });
    expect(told()).toEqual(['instructions', 'said2', 'item1', 'reply2']);
  });

  it('the question that other words answer: they may make no sense without it', () => {
    const { say, told } = startWords();
    say('a large latte', 0.6);
    expect(say('no milk').next).toMatchObject({ kind: 'act', text: 'no milk', confidence: 0.9 });
    expect(told()).toContain('reply1');
  });
});

describe('a question', () => {
  it('is forgotten when the caller types instead', () => {
    const { words, say } = startWords();
    say('a large latte', 0.6);
    words.forget();
    expect(say('yes', 0.9).next).toMatchObject({ kind: 'act', text: 'yes' });
  });

  it('is not asked where the profile says so', () => {
    const { say } = startWords({ asksAgain: false });
    expect(say('a large latte', 0.6).next).toMatchObject({ kind: 'act', confidence: 0.6 });
  });
});

describe('words of little confidence are counted', () => {
  it.each([
    ['a large latte', 0.6, 'ask'],
    ['mm-hm', 0.6, 'confirm'],
    ['a large latte', 0.9, undefined],
  ])('"%s" heard with %d: %s', (text, confidence, action) => {
    const { say } = startWords();
    expect(unsureAction({ confidence }, say(text, confidence).next)).toBe(action);
  });

  it('as an answer, when they are a yes', () => {
    const { say } = startWords();
    say('a large latte', 0.6);
    expect(unsureAction({ confidence: 0.6 }, say('yes', 0.6).next)).toBe('answer');
  });
});
