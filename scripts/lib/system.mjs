import { existsSync } from 'node:fs';
import { readIfThere } from './fingerprint.mjs';

/** Whether the system's packages are Debian's. */
export function isDebian() {
  return /^ID(_LIKE)?=.*debian/m.test(readIfThere('/etc/os-release') ?? '') && existsSync('/usr/bin/apt-get');
}
