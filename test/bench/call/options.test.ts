import { describe, expect, it } from 'vitest';
import { parseCallOptions } from '../../../bench/call/options.js';

describe('the command line of a call', () => {
  it('takes recordings and sensible defaults', () => {
    expect(parseCallOptions(['a.wav', 'b.flac'])).toEqual({
      kind: 'run',
      options: { files: ['a.wav', 'b.flac'], out: 'answer.wav', timeout: 10, type: [] },
    });
  });

  it('takes everything that can be said', () => {
    const args =
      '--url ws://sfu --room r --agent a --profile good --out o.wav --json - --timeout 3 --type hi --type bye';
    expect(parseCallOptions(args.split(' '))).toMatchObject({
      kind: 'run',
      options: {
        files: [],
        url: 'ws://sfu',
        room: 'r',
        agent: 'a',
        profile: 'good',
        out: 'o.wav',
        json: '-',
        timeout: 3,
        type: ['hi', 'bye'],
      },
    });
  });

  it('explains itself when asked', () => {
    expect(parseCallOptions(['--help'])).toMatchObject({ kind: 'say', exitCode: 0 });
  });

  it.each([
    ['nothing to say', []],
    ['an unknown option', ['--loud', 'a.wav']],
    ['a time that is none', ['--timeout', 'soon', 'a.wav']],
    ['an option without its value', ['a.wav', '--json']],
  ])('refuses %s with code 2', (_, args) => {
    const parsed = parseCallOptions(args);
    expect(parsed).toMatchObject({ kind: 'say', exitCode: 2 });
    expect(parsed).toHaveProperty('text', expect.stringMatching(/^error: /));
  });
});
