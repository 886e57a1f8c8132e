import { describe, expect, it } from 'vitest';
import { PROFILES } from '../../../agent/config/profiles.js';
import { wordingFor } from '../../../agent/phrases/wording.js';
import { EMOTIONS, emotionsOf } from '../../../agent/turn/emotion.js';
import { EMOTIONS as ACCEPTED } from '../../../local-providers/cartesia-schema.js';

const ORDER = 'One large latte with oat milk. Anything else?';
const { apology, missed, missedAgain, misheard, fillers, openings } = wordingFor('en');

describe('the emotion of an utterance', () => {
  it('is none where the voice shows none, whatever is said', () => {
    expect([ORDER, apology].map(emotionsOf('none', 'content'))).toEqual([undefined, undefined]);
  });

  it("is the assistant's own throughout in a preset", () => {
    expect([ORDER, apology].map(emotionsOf('preset', 'happy'))).toEqual(['happy', 'happy']);
  });

  it.each([
    ...[apology, missed, missedAgain, misheard],
    ...["I'm so sorry, we are out of oat milk.", 'I’m sorry,', 'We apologize for the wait.', '"Sorry", he said.'],
    'My apologies, that was wrong.',
  ])('is apologetic in full control where it begins with an apology: %s', (text) => {
    expect(emotionsOf('full', 'content')(text)).toBe('apologetic');
  });

  it.each([
    ORDER,
    ...[...fillers.late, ...fillers.tool, ...openings.request, ...openings.question],
    ...["We don't deliver, sorry.", 'Sorrel tea is $3.00.', 'I am sorrowful.', ''],
  ])("is the assistant's own in full control where it does not: %s", (text) => {
    expect(emotionsOf('full', 'content')(text)).toBe('content');
  });

  it("is one of the vendor's list", () => {
    expect(ACCEPTED).toEqual(expect.arrayContaining([...EMOTIONS]));
  });
});

describe("the tiers' voices", () => {
  it('show what source 003 gives them, and all others nothing', () => {
    const shown = Object.values(PROFILES).map(({ name, emotions }) => [name, emotions]);
    expect(Object.fromEntries(shown)).toEqual({
      ...{ excellent: 'none', good: 'none', acceptable: 'none', naive: 'none' },
      ...{ enterprise: 'full', pro: 'preset', starter: 'none', free: 'none' },
    });
  });
});
