import { defineConfig, type ViteUserConfigExport } from 'vitest/config'

/**
 * Two projects: `unit` runs in-process and in parallel; `real` starts servers, generators and browsers, one file at a
 * time, since two of them at once would measure each other.
 */
const config: ViteUserConfigExport = defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/**/*.real.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'real',
          include: ['tests/**/*.real.test.ts'],
          fileParallelism: false,
          // Real programs on shared cores: a test that fails is tried once more before it counts.
          retry: 1,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})

export default config
