import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openingInstruction } from '../../../../agent/turn/opening.js';
import type { ChatMessage } from '../../../../local-providers/engine.js';
import { continued, openingOf } from '../../../../local-providers/offline/conversation/opening.js';
import { respond } from '../../../../local-providers/offline/conversation/respond.js';
import { type BarCall, openBar } from './bar.js';

const begun = (opening: string): ChatMessage => ({ role: 'system', content: openingInstruction(opening) });

describe('the opening of a reply', () => {
  it.each([
    ['You have already begun this reply aloud with "Sure,".', 'Sure,'],
    ['The reply has already begun. What was spoken of it: “Let me see,”', 'Let me see,'],
    ['You have already begun this reply aloud with "D\'accord,".', "D'accord,"],
    ['Speak briefly. Say "Sure" often.', undefined],
    ['', undefined],
  ])('is read from "%s"', (content, opening) => {
    expect(
      openingOf([
        { role: 'user', content: 'a latte' },
        { role: 'system', content },
      ]),
    ).toBe(opening);
  });

  it('is that of the last system message alone', () => {
    const later: ChatMessage = { role: 'system', content: 'Speak briefly.' };
    expect(openingOf([begun('Sure,'), { role: 'user', content: 'hi' }, later])).toBeUndefined();
    expect(openingOf([later, begun('Sure,'), { role: 'user', content: 'already begun "no"' }])).toBe('Sure,');
    expect(openingOf([])).toBeUndefined();
  });
});

describe('going on from an opening', () => {
  it.each([
    ['Sure,', 'Sure. What would you like?', 'what would you like?'],
    ['Okay,', 'Got it, a large latte. Anything else?', 'a large latte. Anything else?'],
    ['Sure,', 'Okay, it stays as it is.', 'it stays as it is.'],
    ['Alright,', 'All right. Your order is ready at noon.', 'your order is ready at noon.'],
    ['Sure,', "I'm listening.", "I'm listening."],
    ['Sure,', 'It is ready.', 'it is ready.'],
    ['Sure,', 'Turnwise Coffee is open.', 'Turnwise Coffee is open.'],
    ['Sure,', 'Monday to Friday.', 'Monday to Friday.'],
    ['Well,', '$4.50 in all.', '$4.50 in all.'],
    ['Well,', 'USB is not sold here.', 'USB is not sold here.'],
    ['So,', 'So a large latte, is that right?', 'a large latte, is that right?'],
    ['Okay, so', 'So a large latte, is that right?', 'a large latte, is that right?'],
    ['Let me see,', 'We have lattes.', 'we have lattes.'],
    ['Let me see,', 'See you soon!', 'see you soon!'],
    ['Let me see,', 'Let me see: we have lattes.', 'we have lattes.'],
    ['Sure,', 'Yes, we have that.', 'yes, we have that.'],
    ['One moment.', 'We have lattes.', 'We have lattes.'],
    ['Sure,', 'Okay.', 'okay.'],
    ['Sure,', "I'm not sure I got all of that. Is it two small lattes?", 'is it two small lattes?'],
  ])('after "%s", "%s" is said as "%s"', (opening, reply, rest) => {
    expect(continued(opening, reply)).toBe(rest);
  });

  it('leaves something to say of whatever reply, and its end as it was', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Sure,', 'Okay, so', 'Let me see,', 'One moment.', '...'),
        fc.array(fc.constantFrom('Sure', 'Okay, ', 'so ', 'let me see', 'A latte. ', 'I ', '$4', ', '), {
          minLength: 1,
        }),
        (opening, parts) => {
          const reply = parts.join('').trimStart();
          const rest = continued(opening, reply);
          expect(rest === '').toBe(reply === '');
          expect(reply.toLowerCase().endsWith(rest.toLowerCase())).toBe(true);
        },
      ),
    );
  });
});

describe('at the bar', () => {
  let bar: BarCall;
  beforeEach(() => {
    bar = openBar();
  });
  afterEach(() => bar.close());

  const answer = (messages: readonly ChatMessage[]) =>
    respond({ model: 'x', messages, tools: bar.tools, toolChoice: 'auto' });

  it('goes on from the opening in what it says by itself', () => {
    expect(answer([{ role: 'user', content: 'hello' }, begun('Sure,')])).toEqual({
      kind: 'say',
      text: 'hello! What can I get you?',
    });
  });

  it('calls the same tool, and goes on from the opening in what it says of it', async () => {
    const said: ChatMessage = { role: 'user', content: 'a large latte please' };
    expect(answer([said, begun('Sure,')])).toEqual(answer([said]));
    await bar.say('a large latte please');
    const afterTool = bar.messages.slice(0, bar.messages.findLastIndex(({ role }) => role === 'tool') + 1);
    const plain = answer(afterTool);
    const gone = answer([...afterTool, begun('Sure,')]);
    expect(plain).toMatchObject({ text: expect.stringMatching(/^(?:Got it|All right|Sure), a large latte/) });
    expect(gone).toMatchObject({ text: expect.stringMatching(/^a large latte/) });
  });

  it('understands a conversation whose replies began with openings', async () => {
    await bar.say('a large mocha', 0.6);
    const last = bar.messages.at(-1);
    bar.messages.splice(-1, 1, { role: 'assistant', content: `Okay, ${continued('Okay,', last?.content ?? '')}` });
    expect(await bar.say('yes')).toContain('a large mocha. That');
  });
});
