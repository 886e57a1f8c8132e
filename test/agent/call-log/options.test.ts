import { describe, expect, it } from 'vitest';
import { parseCallsOptions } from '../../../agent/call-log/options.js';
import { DAY_MS, NOON_UNIX_MS } from './support.js';

const parse = (...args: string[]) => parseCallsOptions(args, NOON_UNIX_MS);
const commandOf = (...args: string[]) => {
  const parsed = parse(...args);
  if (parsed.kind === 'say') throw new Error(parsed.text);
  return parsed;
};

describe('npm run calls', () => {
  it('reports the last week unless told otherwise', () => {
    expect(commandOf('report').command).toEqual({ name: 'report', sinceUnixMs: NOON_UNIX_MS - 7 * DAY_MS, limit: 5 });
    expect(commandOf('list').command).toEqual({ name: 'list', sinceUnixMs: NOON_UNIX_MS - 7 * DAY_MS, limit: 20 });
  });

  it.each([
    ['90m', NOON_UNIX_MS - 90 * 60_000],
    ['24h', NOON_UNIX_MS - DAY_MS],
    ['999999d', 0],
    ['2026-11-20', NOON_UNIX_MS - 1.5 * DAY_MS],
    ['2026-11-21T11:00:00Z', NOON_UNIX_MS - 3_600_000],
  ])('counts --since %s from then', (since, sinceUnixMs) => {
    expect(commandOf('report', '--since', since).command).toMatchObject({ sinceUnixMs });
  });

  it('takes the database before and after the command', () => {
    expect(commandOf('--url', 'file:a.db', 'show', 'AJ_1')).toMatchObject({
      url: 'file:a.db',
      command: { name: 'show', callId: 'AJ_1' },
    });
    expect(commandOf('delete', 'AJ_1', '--url', 'file:a.db')).toMatchObject({ url: 'file:a.db' });
  });

  it('writes JSON and CSV where it is told to', () => {
    expect(commandOf('report', '--json', '--csv', 'a.csv', '--profile', 'good', '--limit', '3').command).toEqual({
      ...{ name: 'report', sinceUnixMs: NOON_UNIX_MS - 7 * DAY_MS, limit: 3, profile: 'good' },
      ...{ json: '-', csv: 'a.csv' },
    });
    expect(commandOf('show', 'AJ_1', '--json', 'a.json').command).toMatchObject({ json: 'a.json' });
  });

  it('takes days to prune', () => {
    expect(commandOf('prune').command).toEqual({ name: 'prune' });
    expect(commandOf('prune', '--days', '0').command).toEqual({ name: 'prune', days: 0 });
  });

  it.each([
    [[]],
    [['lunch']],
    [['show']],
    [['delete']],
    [['report', '--since', 'yesterday']],
    [['report', '--since', '2026-13-45']],
    [['report', '--limit', '-1']],
    [['report', '--limit', 'ten']],
    [['report', '--colour']],
    [['report', 'AJ_1']],
  ])('refuses %j with a word why', (args) => {
    const parsed = parse(...args);
    expect(parsed).toMatchObject({ kind: 'say', exitCode: 2 });
    if (parsed.kind === 'say') expect(parsed.text.length).toBeGreaterThan(10);
  });

  it('explains itself', () => {
    expect(parse('--help')).toMatchObject({ kind: 'say', exitCode: 0 });
    const help = parse('report', '--help');
    expect(help.kind === 'say' && help.text).toContain('default: 7d');
  });
});
