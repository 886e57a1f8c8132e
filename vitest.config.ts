import { defineConfig } from 'vitest/config';

/**
 * Two projects: `unit` needs nothing but the packages and runs in seconds; `system` starts real processes (SFU, providers,
 * worker, Chromium) and therefore runs its files one after another.
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
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
