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

/** All tests: first those that need no more than seconds, then the two lanes of the others side by side. */
const LANES = [
  [['--project', 'unit']],
  [
    ['--project', 'system'],
    ['--project', 'patient'],
  ],
];

async function main() {
  const env = loadEnv(ROOT);
  const cache = cacheDir(env);
  mkdirSync(cache, { recursive: true });
  const chosen = process.argv.slice(2);
  const runs = [];
  for (const beside of chosen.length > 0 ? [[chosen]] : LANES) {
    runs.push(...(await Promise.all(beside.map((args, lane) => run(args, { env, cache, lane })))));
  }
  for (const name of passedAtLast(runs)) console.log(`passed at the second try: ${name}`);
  console.log(summary(runs));
  return Math.max(...runs.map(({ code }) => code));
}

/** @returns {Promise<{ code: number, results: any }>} Vitest's exit code and its report, if it wrote one. */
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
  const pass = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, pass);
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve(status ?? 1));
  });
  for (const signal of signals) process.off(signal, pass);
  const text = readIfThere(file);
  rmSync(file, { force: true });
  return { code, results: text === undefined ? undefined : JSON.parse(text) };
}

/** @returns The tests that passed only when they were tried again: Vitest keeps what the first try failed on. */
function passedAtLast(runs) {
  const tests = runs
    .flatMap(({ results }) => results?.testResults ?? [])
    .flatMap(({ assertionResults }) => assertionResults);
  return tests
    .filter(({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0)
    .map(({ fullName }) => fullName);
}

/** A file that cannot even be loaded has no tests to count; it counts as one that failed. */
function summary(runs) {
  const sum = (count) => runs.reduce((total, { results }) => total + (results === undefined ? 0 : count(results)), 0);
  const brokenFiles = (results) =>
    results.testResults.filter(
      (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
    ).length;
  const passed = sum(({ numPassedTests }) => numPassedTests);
  const failed = sum((results) => results.numFailedTests + brokenFiles(results));
  const skipped = sum(({ numPendingTests, numTodoTests }) => numPendingTests + numTodoTests);
  const isGood = runs.every(({ code }) => code === 0);
  return `${passed} passed, ${isGood ? failed : Math.max(1, failed)} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

try {
  process.exitCode = await main();
} catch (error) {
  exitWith(error);
}
