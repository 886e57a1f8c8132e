/** Places for local sockets that are removed after the test. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SocketPlace {
  readonly path: string;
  remove(): void;
}

export function socketPlace(): SocketPlace {
  if (process.platform === 'win32') {
    return { path: `\\\\.\\pipe\\turnwise-test-${randomBytes(8).toString('hex')}`, remove: () => undefined };
  }
  const folder = mkdtempSync(join(tmpdir(), 'turnwise-test-'));
  return { path: join(folder, 'model.sock'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
