import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../../local-providers/engine.js';
import { chooseReply } from '../../../local-providers/scripted/conversationalist.js';

const begun: ChatMessage = {
  role: 'system',
  content: 'You have already begun this reply aloud with "Sure,". Do not say the latte again.',
};
const tools = [{ name: 'place_order', description: '', parameters: {} }];

describe('a script beside a system message at the end', () => {
  const script = {
    greeting: 'Hello there.',
    replies: [
      { text: 'The first.', toolCalls: [] },
      {
        when: 'latte',
        text: 'one latte.',
        toolCalls: [{ name: 'place_order', arguments: {} }],
        afterTools: 'it is in.',
      },
      { text: 'The second.', toolCalls: [] },
    ],
  };
  const choose = (messages: readonly ChatMessage[]) => chooseReply(script, { messages, tools, toolChoice: 'auto' });

  it.each<[string, ChatMessage[]]>([
    ['the first turn', [{ role: 'user', content: 'hello' }]],
    ['a turn found by its words', [{ role: 'user', content: 'a latte' }]],
    [
      'a later turn',
      [
        { role: 'user', content: 'hello' },
        { role: 'assistant', content: 'The first.' },
        { role: 'user', content: 'and then' },
      ],
    ],
    [
      'what a tool answered',
      [
        { role: 'user', content: 'a latte' },
        { role: 'assistant', content: '', toolCalls: [{ id: '1', name: 'place_order', arguments: '{}' }] },
        { role: 'tool', content: '{}', toolCallId: '1' },
      ],
    ],
    ['the greeting', []],
  ])('answers %s as without it', (_what, messages) => {
    expect(choose([...messages, begun])).toEqual(choose(messages));
    expect(choose([...messages, { ...begun, role: 'developer' }])).toEqual(choose(messages));
  });
});
