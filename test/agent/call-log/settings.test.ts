import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  CALL_LOG_VARIABLES,
  type CallLogTarget,
  callLogSettings,
  nameOfTarget,
  withoutSecrets,
} from '../../../agent/call-log/settings.js';

const Variables = z.object(CALL_LOG_VARIABLES);
const settingsOf = (env: Record<string, string>) => callLogSettings(Variables.parse(env));
const isTaken = (env: Record<string, string>) => Variables.safeParse(env).success;

describe('the settings of the call log', () => {
  it('keep a month of figures in a file of the cache folder, and nothing that was said, unless told otherwise', () => {
    expect(settingsOf({})).toEqual({
      target: { kind: 'sqlite', file: path.resolve('.cache/calls.db') },
      keepsTexts: false,
      retentionDays: 30,
    });
  });

  it.each([
    ['file:calls.db', path.resolve('calls.db')],
    ['file:/data/calls.db', '/data/calls.db'],
    ['file:///data/my%20calls.db', '/data/my calls.db'],
    ['file:../100%.db', path.resolve('../100%.db')],
  ])('take %s for a file', (url, file) => {
    expect(settingsOf({ CALL_LOG_URL: url })?.target).toEqual({ kind: 'sqlite', file });
  });

  it('take Postgres with a spool beside it, texts and days', () => {
    const url = 'postgres://me:p%40ss@db.example:5433/calls?sslmode=require';
    expect(
      settingsOf({ CALL_LOG_URL: url, CALL_LOG_SPOOL: '/data/spool.db', CALL_LOG_TEXT: 'on', CALL_LOG_DAYS: '0' }),
    ).toEqual({ target: { kind: 'postgres', url, spoolFile: '/data/spool.db' }, keepsTexts: true, retentionDays: 0 });
  });

  it('keep nothing when switched off', () => {
    expect(settingsOf({ CALL_LOG_URL: 'off' })).toBeUndefined();
  });

  it.each([
    { CALL_LOG_URL: 'file:' },
    { CALL_LOG_URL: 'file:folder/' },
    { CALL_LOG_URL: 'file://elsewhere/calls.db' },
    { CALL_LOG_URL: 'calls.db' },
    { CALL_LOG_URL: 'mysql://host/db' },
    { CALL_LOG_URL: 'postgres://me:100%@host/db' },
    { CALL_LOG_TEXT: 'yes' },
    { CALL_LOG_DAYS: '-1' },
    { CALL_LOG_DAYS: '1e3' },
    { CALL_LOG_DAYS: '36501' },
  ])('refuse %j', (env) => {
    expect(isTaken(env)).toBe(false);
  });

  it('stand in .env.example, each with its name', () => {
    const example = readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8');
    for (const name of Object.keys(CALL_LOG_VARIABLES)) expect(example).toMatch(new RegExp(`^#${name}=`, 'm'));
  });
});

describe('messages about the database', () => {
  it('never hold a password, however it is written', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4, unit: fc.constantFrom(...'Zq7%@/:?#&+= éß😀') }), (password) => {
        const url = `postgres://me:${encodeURIComponent(password)}@host/db?password=${encodeURIComponent(password)}`;
        const target: CallLogTarget = { kind: 'postgres', url, spoolFile: 'spool.db' };
        const message = `refused ${password}: ${url} at ${new URL(url).password}`;
        const safe = withoutSecrets(message, target);
        expect(safe).not.toContain(password);
        expect(safe).not.toContain(new URL(url).password);
        expect(nameOfTarget(target)).toBe('postgres://host/db');
      }),
    );
  });
});
