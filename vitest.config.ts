import { defineConfig, type ViteUserConfigExport } from 'vitest/config'

/** Real programs on shared cores: a test that fails is tried once more before it counts. */
const REAL = { retry: 1, testTimeout: 120_000, hookTimeout: 60_000 }

/**
 * Three projects, one after the other: `unit` runs in-process and in parallel; `real` starts servers, generators and
 * browsers, three files at a time; `alone` has the machine for itself, since it measures, or keeps all cores busy.
 */
const config: ViteUserConfigExport = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/**/*.{real,alone}.test.ts'],
          testTimeout: 20_000,
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...REAL,
          name: 'real',
          include: ['tests/**/*.real.test.ts'],
          maxWorkers: 3,
          maxConcurrency: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...REAL,
          name: 'alone',
          include: ['tests/**/*.alone.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})

export default config
