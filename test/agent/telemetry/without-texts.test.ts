import { expect, it } from 'vitest';
import { withoutTexts } from '../../../agent/telemetry/without-texts.js';
import { ended, turn } from './records.js';

it('leaves nothing of what was said or answered, and everything else', () => {
  const told = turn('c', 3, 'my name is Ada');
  if (told.type !== 'turn') throw new Error('not a turn');
  const spoken = { ...told, turn: { ...told.turn, reply: 'Hello Ada', responseMs: 700 } };
  expect(withoutTexts(spoken)).toEqual({ ...told, turn: { ...told.turn, said: '', reply: '', responseMs: 700 } });
  expect(spoken.turn.said).toBe('my name is Ada');
  expect(withoutTexts(ended('c'))).toEqual(ended('c'));
});
