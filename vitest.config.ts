import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * `fast` needs nothing but Node; `emulator` runs against LocalStacks with all stacks deployed, one for each file at a time:
 * its tests wait more than they compute, so two of them keep two cores busy.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          include: ['test/{unit,property,infra}/**/*.test.ts'],
          // Vitest would leave one core idle.
          maxWorkers: availableParallelism(),
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Needs a browser: test/support/browser finds or unpacks one.
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          expect: { poll: { timeout: 60_000 } },
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'emulator',
          include: ['test/emulator/**/*.test.ts'],
          globalSetup: ['test/emulator/set-up.ts'],
          maxWorkers: process.env.WEIR_TEST_ENDPOINT === undefined ? 2 : 1,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
