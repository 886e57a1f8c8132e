import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { temporaryBeside } from './temporary.mjs';

/**
 * The key and secret that this machine's own SFU takes: made once, readable by this user alone, kept so that a second
 * terminal finds them.
 * @returns {{ apiKey: string, apiSecret: string }}
 */
export function ownSecrets(path) {
  try {
    const { apiKey, apiSecret } = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof apiKey === 'string' && /^[0-9a-f]{64}$/.test(apiSecret)) return { apiKey, apiSecret };
  } catch (error) {
    if (error.code !== 'ENOENT' && !(error instanceof SyntaxError)) throw error;
  }
  const secrets = { apiKey: 'devkey', apiSecret: randomBytes(32).toString('hex') };
  mkdirSync(dirname(path), { recursive: true });
  const temporary = temporaryBeside(path);
  writeFileSync(temporary, `${JSON.stringify(secrets)}\n`, { mode: 0o600 });
  renameSync(temporary, path);
  return secrets;
}
