import { describe, expect, it } from 'vitest';
import { readAgent } from '../../web-client/call/agent.js';
import { agentMetadata, PROFILES } from '../../web-client/call/profile.js';
import { type KeyPress, shortcutFor } from '../../web-client/call/shortcut.js';
import { ProfileName } from '../../wire/profile.js';

describe('what the agent says about itself', () => {
  it('is read from its attributes', () => {
    expect(
      readAgent({
        'lk.agent.state': 'thinking',
        'turnwise.engine': 'deepgram/nova-3',
        'turnwise.phrases': '["a latte please"," read it back "]',
        'turnwise.misses': '2',
      }),
    ).toEqual({
      activity: 'thinking',
      engine: 'deepgram/nova-3',
      phrases: ['a latte please', 'read it back'],
      offersTyping: true,
    });
  });

  it('offers typing from the second miss on, not before', () => {
    const offers = (misses: string) => readAgent({ 'turnwise.misses': misses }).offersTyping;
    expect([offers('0'), offers('1'), offers('2'), offers('7')]).toEqual([false, false, true, true]);
    expect([offers('-2'), offers('2.5'), offers('many')]).toEqual([false, false, false]);
  });

  it.each([
    [{}],
    [{ 'lk.agent.state': 'dancing', 'turnwise.engine': '', 'turnwise.phrases': '[1' }],
    [{ 'turnwise.phrases': '{"a":1}' }],
  ])('is taken as not said when it is malformed: %j', (attributes) => {
    expect(readAgent(attributes)).toEqual({
      activity: 'initializing',
      engine: undefined,
      phrases: [],
      offersTyping: false,
    });
  });
});

describe('the profiles one can choose', () => {
  it('are known to the token server', () => {
    for (const { value } of PROFILES) {
      if (value !== '') expect(ProfileName.options).toContain(value);
    }
  });

  it('are left to the server unless chosen', () => {
    expect(agentMetadata('')).toBeUndefined();
    expect(agentMetadata('good')).toBe('{"profile":"good"}');
  });
});

describe('shortcuts', () => {
  const press = (press: Partial<KeyPress>) =>
    shortcutFor({
      key: 'm',
      shiftKey: false,
      ctrlKey: false,
      altKey: false,
      metaKey: false,
      repeat: false,
      inField: false,
      ...press,
    });

  it('mute with M, go to the text box with T, and take two keys to end a call', () => {
    expect([press({ key: 'm' }), press({ key: 'T' })]).toEqual(['mute', 'type']);
    expect([press({ key: 'e' }), press({ key: 'E', shiftKey: true })]).toEqual([undefined, 'hang-up']);
  });

  it.each([
    { inField: true },
    { ctrlKey: true },
    { altKey: true },
    { metaKey: true },
    { repeat: true },
    { shiftKey: true },
  ])('do not act with %j', (with_) => {
    expect(press(with_)).toBeUndefined();
  });
});
