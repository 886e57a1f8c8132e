import { relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Unit tests that ask what a process has loaded: each needs one of its own. */
const ALONE = ['test/agent/tracing/off.test.ts'];

/** System tests that bear that another one runs beside them; what is measured in them is measured within one process. */
const PATIENT = [
  'test/agent/phrases/**/*.system.test.ts',
  'test/agent/pre-connect/**/*.system.test.ts',
  'test/agent/rehearsal/**/*.system.test.ts',
  'test/agent/reply/**/*.system.test.ts',
  'test/agent/telemetry/**/*.system.test.ts',
  'test/bench/cut-ins/**/*.system.test.ts',
  'test/bench/latency/**/*.system.test.ts',
  'test/bench/python/**/*.system.test.ts',
  'test/calls/accounting.system.test.ts',
  'test/calls/call-log.system.test.ts',
  'test/calls/file-access.system.test.ts',
  'test/local-providers/**/*.system.test.ts',
  'test/monitoring/**/*.system.test.ts',
  'test/scripts/launcher.system.test.ts',
  'test/scripts/stopped-call.system.test.ts',
  'test/token-server/**/*.system.test.ts',
];

/**
 * System tests beside which nothing runs: they measure sound to some ten milliseconds, in a browser, in a call or sample by
 * sample, count what a call asks for exactly, or recognise speech for real, which takes a core by itself.
 */
const QUIET = [
  'test/web-client/heard.system.test.ts',
  'test/agent/conversation/mouth-hush.system.test.ts',
  'test/bench/caller/simulated-caller.system.test.ts',
  'test/bench/latency/counters.system.test.ts',
  'test/bench/latency/latency.system.test.ts',
  'test/calls/interruption.system.test.ts',
  'test/calls/premature.system.test.ts',
  'test/calls/stalled-loop.system.test.ts',
  'test/calls/voice.system.test.ts',
  'test/local-providers/offline/recogniser/recogniser.system.test.ts',
];

/** System tests that wait for most of their time, for deadlines and for databases, and for none of it to the millisecond. */
const LIGHT = [
  'test/agent/call-log/**/*.system.test.ts',
  'test/agent/conversation/unusual-order.system.test.ts',
  'test/agent/providers/**/*.system.test.ts',
  'test/agent/turn-model/**/*.system.test.ts',
  'test/calls/away.system.test.ts',
  'test/calls/low-confidence.system.test.ts',
  'test/calls/rejoin.system.test.ts',
  'test/calls/stopped-worker.system.test.ts',
  'test/scripts/setup.system.test.ts',
];

/** Begun first, in this order: a browser that speaks stands beside what leaves most of the machine idle. */
const FIRST = [
  'test/web-client/joining.system.test.ts',
  'test/agent/providers/recogniser-idle.system.test.ts',
  'test/agent/providers/stock-recogniser.system.test.ts',
  'test/agent/providers/reply-handshake.system.test.ts',
  'test/agent/providers/voice.system.test.ts',
  'test/agent/providers/recogniser-deaf.system.test.ts',
  'test/agent/reply/many-turns.system.test.ts',
  'test/agent/turn-model/supervisor.system.test.ts',
  'test/agent/call-log/outage.system.test.ts',
  'test/calls/away.system.test.ts',
];

class FirstThingsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = FIRST.indexOf(relative(import.meta.dirname, moduleId));
      return at < 0 ? FIRST.length : at;
    };
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other));
  }
}

/**
 * Calls run in real time: where a machine stands still for half a second at the wrong place, a caller rightly hears an answer
 * late. What fails so is tried once more, and named in the report as retried; what fails twice has failed.
 */
const SYSTEM = { fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000, retry: 1 };

/**
 * `unit` and `alone` need nothing but the packages and run in a minute. System tests start real processes (SFU, providers,
 * worker, Chromium), and therefore run one after another: `quiet` by itself, then lanes side by side (`scripts/test.mjs`),
 * `system` and `patient`, of about the same length, and `light`. A lane of calls takes a core: a third one makes all of them late.
 */
export default defineConfig({
  test: {
    // The room's native library writes its inner life to standard output unless this says otherwise.
    env: { NODE_ENV: 'production' },
    sequence: { sequencer: FirstThingsFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.system.test.ts', ...ALONE],
          testTimeout: 10_000,
          // Half of the time would go into loading the same packages for each file anew.
          isolate: false,
          setupFiles: ['test/support/unshared.ts'],
          maxWorkers: 2,
        },
      },
      { test: { name: 'alone', include: ALONE, fileParallelism: false } },
      {
        test: {
          name: 'system',
          include: ['test/**/*.system.test.ts'],
          exclude: [...QUIET, ...PATIENT, ...LIGHT],
          ...SYSTEM,
        },
      },
      { test: { name: 'quiet', include: QUIET, ...SYSTEM } },
      { test: { name: 'patient', include: PATIENT, exclude: QUIET, ...SYSTEM } },
      { test: { name: 'light', include: LIGHT, ...SYSTEM } },
    ],
  },
});
