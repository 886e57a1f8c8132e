import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { Failure } from './failure.mjs';

/**
 * Reads `NAME=value` lines as Node itself does.
 * @throws {Failure} naming every line that cannot be read, but no value: it may be a secret.
 */
export function parseEnvFile(text, name = '.env') {
  const values = parseEnv(text.replace(/^\uFEFF/, ''));
  // Node passes over what it cannot read; a forgotten "=" would look like a variable that does nothing. A value over
  // several lines is left alone.
  const spansLines = Object.values(values).some((value) => value.includes('\n'));
  const bad = spansLines
    ? []
    : text
        .split(/\r?\n/)
        .flatMap((line, index) => (/^\s*(#|$|\uFEFF?(export\s+)?[A-Za-z_]\w*\s*=)/.test(line) ? [] : [index + 1]));
  if (bad.length > 0) {
    const which = bad.length === 1 ? `Line ${bad[0]}` : `Lines ${bad.join(', ')}`;
    throw new Failure(
      `${which} of ${name} cannot be read: each must be NAME=value. Correct the file, then start again.`,
    );
  }
  return values;
}

/**
 * What the process was given, over what `.env` says; a name set to nothing counts as not set. `TURNWISE_ENV_FILE` names
 * another file; `off` reads none, so that tests never meet a person's keys.
 */
export function loadEnv(root, given = process.env) {
  const name = given.TURNWISE_ENV_FILE || '.env';
  let file = {};
  try {
    if (name !== 'off') file = parseEnvFile(readFileSync(resolve(root, name), 'utf8'), name);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  return { ...withoutEmpty(file), ...withoutEmpty(given) };
}

function withoutEmpty(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ''));
}
