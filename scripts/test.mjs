/** Runs all tests, or those that vitest's own arguments choose: `npm test -- test/scripts`. Ends in `N passed, N failed`. */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadEnv } from './lib/env-file.mjs';
import { exitWith } from './lib/failure.mjs';
import { readIfThere } from './lib/fingerprint.mjs';
import { cacheDir, ROOT, speechDir } from './lib/paths.mjs';
import { findChromium } from './lib/steps/chromium.mjs';

/** Settings that would lead tests to a person's own servers, keys or ports. */
const PERSONAL =
  /^(LIVEKIT_(?!SERVER)|DEEPGRAM_|OPENAI_|CARTESIA_|CALL_LOG_|TOKEN_|WEB_|SCRIPT|LOCAL_PROVIDERS_)|_PORT$|^(STT|LLM|TTS|STT_ENGINE_NAME|AGENT_NAME|LATENCY_PROFILE|ORDERS_DB|PHRASES_DIR|MAX_CALLS|WARM_PROCESSES|REGION|LOG_LEVEL|VOCABULARY_FILE)$/;

async function main() {
  const env = loadEnv(ROOT);
  const cache = cacheDir(env);
  const results = join(cache, `test-results-${process.pid}.json`);
  mkdirSync(cache, { recursive: true });
  const chromium = findChromium(env, cache);
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${results}`,
      ...process.argv.slice(2),
    ],
    {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...Object.fromEntries(Object.entries(env).filter(([name]) => !PERSONAL.test(name))),
        TURNWISE_ENV_FILE: 'off',
        TURNWISE_CACHE_DIR: cache,
        SPEECH_ENGINES_DIR: speechDir(env),
        ...(chromium === undefined ? {} : { CHROMIUM_BIN: chromium }),
      },
    },
  );
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve(status ?? 1));
  });
  const text = readIfThere(results);
  rmSync(results, { force: true });
  console.log(summary(text === undefined ? undefined : JSON.parse(text), code));
  return code;
}

/** A file that cannot even be loaded has no tests to count; it counts as one that failed. */
function summary(results, code) {
  const brokenFiles = results?.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const passed = results?.numPassedTests ?? 0;
  const failed = (results?.numFailedTests ?? 0) + (brokenFiles?.length ?? 0);
  const skipped = (results?.numPendingTests ?? 0) + (results?.numTodoTests ?? 0);
  return `${passed} passed, ${code === 0 ? failed : Math.max(1, failed)} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

try {
  process.exitCode = await main();
} catch (error) {
  exitWith(error);
}
