import { describe, expect, it } from 'vitest';
import { encodeAudio, encodeFrame, parseMessage } from '../../../../local-providers/offline/recogniser/framing.js';

describe('a frame', () => {
  it('is a letter, a little-endian length and the payload', () => {
    expect([...encodeFrame('O', Buffer.from('{}'))]).toEqual([0x4f, 2, 0, 0, 0, 0x7b, 0x7d]);
    expect([...encodeFrame('F')]).toEqual([0x46, 0, 0, 0, 0]);
  });

  it('holds audio as little-endian samples of 16 bit', () => {
    expect([...encodeAudio(Int16Array.of(1, -2, 256))]).toEqual([0x41, 6, 0, 0, 0, 1, 0, 0xfe, 0xff, 0, 1]);
  });
});

describe('a line of the child', () => {
  it('is parsed into a message', () => {
    expect(parseMessage('{"kind":"speech-started","atMs":120}')).toEqual({ kind: 'speech-started', atMs: 120 });
  });

  it.each(['', 'Traceback', '{"kind":"final"}', '{"kind":"speech-started","atMs":"soon"}'])(
    'is refused when it is "%s"',
    (line) => {
      expect(() => parseMessage(line)).toThrow();
    },
  );
});
