import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CartesiaProtocolError,
  cancelMessage,
  endMessage,
  parseCartesiaMessage,
  speakMessage,
} from '../../../agent/providers/cartesia-messages.js';
import { EMOTIONS } from '../../../agent/turn/emotion.js';
import { parseClientMessage } from '../../../local-providers/cartesia-schema.js';

const format = { model: 'sonic-3', voice: 'a-voice', language: 'en' };
const parse = (message: object) => parseCartesiaMessage(JSON.stringify(message));

describe("the synthesiser's messages", () => {
  it('carry sound as samples', () => {
    const data = Buffer.from(Int16Array.of(1, -2, 300).buffer).toString('base64');
    expect(parse({ type: 'chunk', context_id: 'c', data, done: false, status_code: 206, step_time: 3 })).toEqual({
      kind: 'audio',
      contextId: 'c',
      samples: Int16Array.of(1, -2, 300),
    });
  });

  it('carry words with their ends in ms', () => {
    const word_timestamps = { words: ['One', 'latte.'], start: [0, 0.3], end: [0.25, 0.75] };
    expect(parse({ type: 'timestamps', context_id: 'c', word_timestamps })).toEqual({
      kind: 'words',
      contextId: 'c',
      words: [
        { word: 'One', endMs: 250 },
        { word: 'latte.', endMs: 750 },
      ],
    });
  });

  it('name errors by status and title, in both forms, without what stands behind the title', () => {
    const old = { type: 'error', context_id: 'c', error: 'Invalid voice: a text.', status_code: 400, done: true };
    expect(parse(old)).toEqual({ kind: 'error', contextId: 'c', status: 400, title: 'Invalid voice' });
    const structured = { type: 'error', title: 'Too many', message: 'a text', error_code: 'x', status_code: 429 };
    expect(parse(structured)).toEqual({ kind: 'error', status: 429, title: 'Too many' });
  });

  it('of other kinds are left alone', () => {
    expect(parse({ type: 'phoneme_timestamps', context_id: 'c' })).toBeUndefined();
    expect(parse({ type: 'flush_done', context_id: 'c', flush_id: 1 })).toBeUndefined();
  });

  it('that are none are refused, by their context where they name one', () => {
    const thrown = (act: () => unknown) => {
      try {
        act();
      } catch (error) {
        return error;
      }
      return undefined;
    };
    expect(thrown(() => parseCartesiaMessage('{"type":"chunk","data":'))).toBeInstanceOf(CartesiaProtocolError);
    expect(thrown(() => parse({ type: 'chunk', context_id: 'c', data: '%%' }))).toMatchObject({ contextId: 'c' });
    expect(thrown(() => parse({ type: 'chunk', context_id: 'c', data: 'AAAA' }))).toMatchObject({ contextId: 'c' });
    expect(thrown(() => parse({ hello: 1 }))).toMatchObject({ contextId: undefined });
  });

  it('never bring down the reader', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parseCartesiaMessage(text);
        } catch (error) {
          expect(error).toBeInstanceOf(CartesiaProtocolError);
        }
      }),
    );
  });
});

describe('what is asked of the synthesiser', () => {
  it('is what an engine of its protocol takes, letter for letter', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        expect(parseClientMessage(speakMessage(format, 'c', text))).toMatchObject({
          kind: 'generate',
          request: { transcript: text, continue: true, context_id: 'c', max_buffer_delay_ms: 0, add_timestamps: true },
        });
      }),
    );
  });

  it.each(EMOTIONS)('names its emotion to the end of the context: %s', (emotion) => {
    const messages = [speakMessage({ ...format, emotion }, 'c', 'Hello.'), endMessage({ ...format, emotion }, 'c')];
    expect(messages.map(parseClientMessage)).toMatchObject([
      { request: { generation_config: { emotion }, transcript: 'Hello.' } },
      { request: { generation_config: { emotion }, transcript: '' } },
    ]);
  });

  it.each([
    ['where none was chosen', format],
    ['of a model that takes none', { ...format, model: 'sonic-2', emotion: 'content' as const }],
    ['in a language in which there are none', { ...format, language: 'de', emotion: 'content' as const }],
  ])('names no emotion %s', (_case, plain) => {
    expect(JSON.parse(speakMessage(plain, 'c', 'Hello.'))).not.toHaveProperty('generation_config');
  });

  it('takes emotions of every sonic-3, as the vendor names its snapshots', () => {
    const dated = { ...format, model: 'sonic-3-2026-01-12', emotion: 'content' as const };
    expect(JSON.parse(speakMessage(dated, 'c', 'Hello.'))).toMatchObject({ generation_config: { emotion: 'content' } });
  });

  it('ends a context without a character, and cancels it by name', () => {
    expect(parseClientMessage(endMessage(format, 'c'))).toMatchObject({ request: { transcript: '', continue: false } });
    expect(parseClientMessage(cancelMessage('c'))).toEqual({ kind: 'cancel', contextId: 'c' });
  });
});
