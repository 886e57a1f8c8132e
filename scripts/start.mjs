/** Starts everything on this machine, or only what `.env` does not name: `npm start`. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadEnv } from './lib/env-file.mjs';
import { exitWith, Failure } from './lib/failure.mjs';
import { readIfThere } from './lib/fingerprint.mjs';
import { launch } from './lib/launch.mjs';
import { cacheDir, ROOT, speechDir } from './lib/paths.mjs';
import { makePlan } from './lib/plan.mjs';
import { ownSecrets } from './lib/secrets.mjs';
import { isAlive } from './lib/temporary.mjs';

const HELP = `Usage: npm start [-- OPTIONS]

Starts livekit-server, local providers, token server with web page, and worker, and says when a call can be placed.
Settings come from .env (see .env.example): with LIVEKIT_URL that SFU is used, with a provider's key or base URL that
provider. Ctrl-C ends everything.

  --providers-engine offline|scripted   what the local providers answer with (default: offline)
  --no-web                              without token server and web page
  --no-worker                           without the worker (to run one's own)
  --json                                JSON on stdout ({"ready":true,"webUrl":...}), the programs' raw lines on stderr
  --help`;

async function main() {
  const options = readOptions();
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const env = loadEnv(ROOT);
  const engine = options['providers-engine'];
  if (engine !== undefined) env.LOCAL_PROVIDERS_ENGINE = engine;
  const cache = cacheDir(env);
  const runningFile = join(cache, 'running.json');
  let plan;
  try {
    plan = await makePlan({
      root: ROOT,
      env,
      cache,
      speech: speechDir(env),
      secrets: () => ownSecrets(join(cache, 'secrets.json')),
      web: !options['no-web'],
      worker: !options['no-worker'],
    });
  } catch (error) {
    const other = runningPid(runningFile);
    if (other !== undefined && error instanceof Failure)
      error.message += ` (Turnwise already runs here: process ${other}.)`;
    throw error;
  }
  // With --json whoever started us knows where things are; the file is for `npm run call` in a person's second terminal.
  return launch({ ...plan, ...(options.json ? {} : { runningFile }), json: options.json });
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        'providers-engine': { type: 'string' },
        'no-web': { type: 'boolean', default: false },
        'no-worker': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Failure(`${error.message.split('. ')[0]}. See npm start -- --help.`);
  }
}

function runningPid(path) {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const { pid } = JSON.parse(text);
  return isAlive(pid) ? pid : undefined;
}

try {
  process.exitCode = await main();
} catch (error) {
  exitWith(error);
}
