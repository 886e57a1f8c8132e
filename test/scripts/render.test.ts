import { describe, expect, it } from 'vitest';
import { prefixes, renderLine } from '../../scripts/lib/render.mjs';

const time = new Date(2026, 0, 2, 12, 30, 1).getTime();

describe('a line of a program', () => {
  it('is shown as it is when it is no JSON', () => {
    expect(renderLine('livekit-server ready')).toBe('livekit-server ready');
    expect(renderLine('{not json')).toBe('{not json');
    expect(renderLine('{"answer":42}')).toBe('{"answer":42}');
  });

  it('is made short and readable when pino wrote it', () => {
    const line = JSON.stringify({
      level: 30,
      time,
      pid: 1,
      hostname: 'h',
      msg: 'worker ready',
      port: 8081,
      note: 'two words',
    });
    expect(renderLine(line)).toBe('12:30:01 info worker ready port=8081 note="two words"');
  });

  it('is nothing when it says nothing', () => {
    expect(renderLine(JSON.stringify({ level: 30, time, pid: 1, msg: '' }))).toBe('');
  });

  it('keeps the stack of an error', () => {
    const line = JSON.stringify({
      level: 50,
      time,
      msg: 'call failed',
      err: { message: 'no room', stack: 'Error: no room\n    at x' },
    });
    expect(renderLine(line)).toBe('12:30:01 ERROR call failed err="no room"\nError: no room\n    at x');
  });
});

it('prefixes are equally wide, and coloured on request', () => {
  expect([...prefixes(['worker', 'token-server'], false).values()]).toEqual(['worker       |', 'token-server |']);
  expect(prefixes(['worker'], true).get('worker')).toContain('\u001B[');
});
