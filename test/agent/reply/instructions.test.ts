import { describe, expect, it } from 'vitest';
import { instructionsFor } from '../../../agent/reply/instructions.js';
import { openingOf } from './drafting-call.js';

function told(manner: Parameters<typeof instructionsFor>[0]): (readonly [role: string, text: string | undefined])[] {
  return instructionsFor(manner).map(({ role, textContent }) => [role, textContent] as const);
}

describe('what a model is told of a reply', () => {
  it('is nothing of an ordinary one', () => {
    expect(told({ isBrief: false })).toEqual([]);
  });

  it('is to be short where replies are late', () => {
    expect(told({ isBrief: true })).toEqual([['system', 'Answer in one short sentence.']]);
  });

  it('is last of all with which words it has begun', () => {
    expect(told({ isBrief: true, opening: openingOf('Sure,') })).toEqual([
      ['system', 'Answer in one short sentence.'],
      ['system', expect.stringContaining('already begun this reply aloud with "Sure,"')],
    ]);
  });
});
