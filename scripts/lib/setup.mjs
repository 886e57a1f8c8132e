import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadEnv } from './env-file.mjs';
import { formatElapsed } from './exec.mjs';
import { Failure } from './failure.mjs';
import { withLock } from './lock.mjs';
import { cacheDir, ROOT, speechDir } from './paths.mjs';
import { buildStep } from './steps/build.mjs';
import { chromiumStep } from './steps/chromium.mjs';
import { livekitServerStep } from './steps/livekit-server.mjs';
import { packagesStep } from './steps/packages.mjs';
import { postgresStep } from './steps/postgres.mjs';
import { speechStep } from './steps/speech.mjs';
import { sweep } from './temporary.mjs';

/** What each command of package.json needs, in order. */
const NEEDS = {
  start: ({ env }) => [packagesStep, buildStep, ...ownSfu(env), ...ownEars(env)],
  test: () => [packagesStep, buildStep, livekitServerStep, speechStep, chromiumStep, postgresStep],
  check: () => [packagesStep],
  call: () => [packagesStep, buildStep],
  calls: () => [packagesStep, buildStep],
  bench: () => [packagesStep, buildStep, livekitServerStep, speechStep],
  worker: () => [packagesStep, buildStep],
  'token-server': () => [packagesStep, buildStep],
  'local-providers': ({ env }) => [
    packagesStep,
    buildStep,
    ...(env.LOCAL_PROVIDERS_ENGINE === 'scripted' ? [] : [speechStep]),
  ],
  build: () => [packagesStep, buildStep],
};

/** An SFU given in the environment needs none of ours; the recogniser is needed when no other one is named. */
const ownSfu = (env) => (env.LIVEKIT_URL === undefined ? [livekitServerStep] : []);
const ownEars = (env) =>
  env.DEEPGRAM_API_KEY === undefined && env.DEEPGRAM_BASE_URL === undefined ? [speechStep] : [];

/**
 * Makes what is missing for a command; does nothing, quickly, when nothing is.
 * @param {string} purpose - One of the keys of NEEDS.
 * @throws {Failure} with the next thing to do.
 */
export async function setup(purpose, { say = console.log } = {}) {
  if (!Object.hasOwn(NEEDS, purpose)) {
    throw new Failure(`--for ${purpose} is not known; it is one of ${Object.keys(NEEDS).join(', ')}.`);
  }
  const env = loadEnv(ROOT);
  const cache = cacheDir(env);
  const context = { root: ROOT, env, cache, folder: speechDir(env), say };
  const steps = NEEDS[purpose](context).map((step) => step(context));
  // All are asked, so that a wrong setting is named before a minute is spent on packages.
  if (steps.map((step) => step.isDone()).every(Boolean)) return;

  mkdirSync(cache, { recursive: true });
  const onWait = (pid) => say(`Another setup is at work (process ${pid}); waiting for it.`);
  await withLock(
    join(cache, 'setup.lock'),
    async () => {
      for (const folder of [cache, join(cache, 'bin'), dirname(context.folder)]) sweep(folder);
      for (const step of steps) {
        if (step.isDone()) continue;
        const startedAtMs = performance.now();
        await step.make();
        const tookMs = performance.now() - startedAtMs;
        if (tookMs > 1_000) say(`  ${step.name}: done in ${formatElapsed(tookMs)}`);
      }
    },
    { onWait },
  );
}
