import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. `TURNWISE_ROOT` is for the tests, which set up copies of it. */
export const ROOT = resolve(process.env.TURNWISE_ROOT || fileURLToPath(new URL('../../', import.meta.url)));

/** Everything that is fetched, built or remembered lies here, beside node_modules and dist. */
export function cacheDir(env) {
  return resolve(ROOT, env.TURNWISE_CACHE_DIR || '.cache');
}

/** Where the speech engines are, for setup and for local-providers alike. */
export function speechDir(env) {
  return env.SPEECH_ENGINES_DIR ? resolve(ROOT, env.SPEECH_ENGINES_DIR) : join(cacheDir(env), 'speech-engines');
}
