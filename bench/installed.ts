/** Where setup put what it installed. */
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder, seen from this file, compiled or not. */
export function projectRoot(): string {
  const above = fileURLToPath(new URL('..', import.meta.url));
  return existsSync(join(above, 'scripts/start.mjs')) ? above : join(above, '..');
}

/** The project's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.TURNWISE_CACHE_DIR || join(projectRoot(), '.cache');
}

/** The livekit-server of LIVEKIT_SERVER_BIN, of PATH, or of setup; undefined when there is none. */
export function installedSfu(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const onPath = (env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'livekit-server'));
  const bin = join(cacheFolder(env), 'bin');
  const cached = existsSync(bin)
    ? readdirSync(bin).filter((name) => /^livekit-server-v[\d.]+\d(\.exe)?$/.test(name))
    : [];
  const candidates = [env.LIVEKIT_SERVER_BIN ?? '', ...onPath, ...cached.map((name) => join(bin, name))];
  return candidates.find((path) => path !== '' && existsSync(path));
}
