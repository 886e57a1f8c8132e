import { defineConfig } from 'vitest/config';

/** System tests that ask nothing about how fast something was: they bear that another one runs beside them. */
const PATIENT = [
  'test/agent/call-log/**/*.system.test.ts',
  'test/agent/phrases/**/*.system.test.ts',
  'test/agent/pre-connect/**/*.system.test.ts',
  'test/agent/reply/**/*.system.test.ts',
  'test/agent/telemetry/**/*.system.test.ts',
  'test/agent/tracing/**/*.system.test.ts',
  'test/bench/cut-ins/**/*.system.test.ts',
  'test/bench/latency/**/*.system.test.ts',
  'test/bench/python/**/*.system.test.ts',
  'test/calls/accounting.system.test.ts',
  'test/calls/call-log.system.test.ts',
  'test/calls/file-access.system.test.ts',
  'test/calls/low-confidence.system.test.ts',
  'test/calls/recording.system.test.ts',
  'test/local-providers/**/*.system.test.ts',
  'test/monitoring/**/*.system.test.ts',
  'test/token-server/**/*.system.test.ts',
];

/**
 * Calls run in real time: where a machine stands still for half a second at the wrong place, a caller rightly hears an answer
 * late. What fails so is tried once more, and named in the report as retried; what fails twice has failed.
 */
const SYSTEM = { fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000, retry: 1 };

/**
 * `unit` needs nothing but the packages and runs in seconds. System tests start real processes (SFU, providers, worker,
 * Chromium), and therefore run one after another, in two lanes (`scripts/test.mjs`): `system`, and `patient` beside it.
 */
export default defineConfig({
  test: {
    // The room's native library writes its inner life to standard output unless this says otherwise.
    env: { NODE_ENV: 'production' },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.system.test.ts'],
          testTimeout: 10_000,
          // Many of them wait more than they work.
          maxWorkers: 3,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/**/*.system.test.ts'],
          exclude: PATIENT,
          ...SYSTEM,
        },
      },
      { test: { name: 'patient', include: PATIENT, ...SYSTEM } },
    ],
  },
});
