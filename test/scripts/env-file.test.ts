import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadEnv, parseEnvFile } from '../../scripts/lib/env-file.mjs';

describe('a .env file', () => {
  it('may hold comments, quotes and exports', () => {
    expect(parseEnvFile('# note\n\nexport A=1\nB="two words" # why\nC=\nD=x=y\r\n')).toEqual({
      A: '1',
      B: 'two words',
      C: '',
      D: 'x=y',
    });
  });

  it('names the lines that cannot be read, and no value', () => {
    const read = () => parseEnvFile('A=1\nOPENAI_API_KEY sk-secret\n7=8');
    expect(read).toThrow('Lines 2, 3 of .env cannot be read');
    expect(read).not.toThrow('sk-secret');
  });
});

describe('the environment', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'turnwise-env-'));
    await writeFile(join(root, '.env'), 'WEB_PORT=1\nREGION=eu\nLOG_LEVEL=\n');
  });
  afterEach(() => rm(root, { recursive: true }));

  it('wins over the file, unless it is set to nothing', () => {
    expect(loadEnv(root, { WEB_PORT: '2', REGION: '' })).toEqual({ WEB_PORT: '2', REGION: 'eu' });
  });

  it('can turn the file off, so that tests never meet a person’s keys', () => {
    expect(loadEnv(root, { TURNWISE_ENV_FILE: 'off' })).toEqual({ TURNWISE_ENV_FILE: 'off' });
  });

  it('does without a file', () => {
    expect(loadEnv(join(root, 'elsewhere'), { A: '1' })).toEqual({ A: '1' });
  });
});
