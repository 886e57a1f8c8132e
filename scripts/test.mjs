/** Runs all tests, or those that vitest's own arguments choose: `npm test -- test/scripts`. Ends in `N passed, N failed`. */
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadEnv } from './lib/env-file.mjs';
import { exitWith } from './lib/failure.mjs';
import { readIfThere } from './lib/fingerprint.mjs';
import { cacheDir, ROOT, speechDir } from './lib/paths.mjs';
import { findChromium } from './lib/steps/chromium.mjs';
import { afterAnotherTry, failures, isClean, passedAtLast, summary, triedAlone } from './lib/test-report.mjs';

/** Settings that would lead tests to a person's own servers, keys or ports. */
const PERSONAL =
  /^(LIVEKIT_(?!SERVER)|DEEPGRAM_|OPENAI_|CARTESIA_|CALL_LOG_|TOKEN_|WEB_|SCRIPT|LOCAL_PROVIDERS_|OTEL_)|_PORT$|_EXPECTED_MS$|^(INTERNAL_HOST|TURN_RECORDINGS|EARLY_DISPATCH|STT|LLM|TTS|STT_ENGINE_NAME|AGENT_NAME|LATENCY_PROFILE|ORDERS_DB|PHRASES_DIR|MAX_CALLS|WARM_PROCESSES|REGION|LOG_LEVEL|VOCABULARY_FILE)$/;

/**
 * All tests: first those that need no more than a minute, then those that bear nothing beside them, then the lanes of the others
 * side by side (`vitest.config.ts`). System tests that have failed there are tried once more, with nothing beside them.
 */
const LANES = [
  [['--project', 'unit', '--project', 'alone']],
  [['--project', 'quiet']],
  ['system', 'patient', 'light'].map((lane) => ['--project', lane]),
];

/** Exit code of who was asked to stop. */
const STOPPED = 130;
/** Whoever was asked to stop begins nothing more. */
let isStopped = false;

async function main() {
  const env = loadEnv(ROOT);
  const cache = cacheDir(env);
  mkdirSync(cache, { recursive: true });
  const chosen = process.argv.slice(2);
  const runs = [];
  for (const beside of chosen.length > 0 ? [[chosen]] : LANES) {
    if (isStopped) return STOPPED;
    runs.push(...(await Promise.all(beside.map((args, lane) => run(args, { env, cache, lane })))));
  }
  if (isStopped) return STOPPED;
  const reports = runs.map(({ report }) => report);
  const again = chosen.length > 0 ? undefined : triedAlone(reports);
  if (again === undefined) return conclude(runs);
  for (const line of failures(reports)) console.log(`failed beside others, and is tried again by itself: ${line}`);
  const { report: last } = await run(again, { env, cache, lane: 'again' });
  return conclude(
    runs.map((one) => {
      if (isClean(one.report)) return one;
      const report = afterAnotherTry(one.report, last);
      return { report, code: isClean(report) ? 0 : one.code };
    }),
  );
}

function conclude(runs) {
  const code = Math.max(...runs.map((one) => one.code));
  const reports = runs.map(({ report }) => report);
  for (const line of passedAtLast(reports)) console.log(line);
  for (const line of failures(reports)) console.log(`failed: ${line}`);
  console.log(summary(reports, code === 0));
  return code;
}

/** @returns {Promise<{ code: number, report: any }>} Vitest's exit code and its report, if it wrote one. */
async function run(args, { env, cache, lane }) {
  const file = join(cache, `test-results-${process.pid}-${lane}.json`);
  const chromium = findChromium(env, cache);
  const child = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...args,
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
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const pass = (signal) => {
    isStopped = true;
    child.kill(signal);
  };
  for (const signal of signals) process.on(signal, pass);
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve(status ?? 1));
  });
  for (const signal of signals) process.off(signal, pass);
  const text = readIfThere(file);
  rmSync(file, { force: true });
  return { code, report: text === undefined ? undefined : JSON.parse(text) };
}

try {
  process.exitCode = await main();
} catch (error) {
  exitWith(error);
}
