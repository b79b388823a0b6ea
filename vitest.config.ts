import { availableParallelism } from 'node:os'
import { defineConfig, type ViteUserConfigExport } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The time limits end what hangs; they say nothing about speed. */
const LIMITS = { testTimeout: 300_000, hookTimeout: 300_000, expect: { poll: { timeout: 120_000 } } }

/** Real programs on shared cores: a test that fails is tried once more, and named at the end, since none should need it. */
const REAL = { ...LIMITS, retry: 1 }

/** Short files that run for long, mostly waiting. */
const LONG =
  /(resume|own-apps?|leftovers|html|restart|package|measuring|errors|lab|load|page|build|replay)\.real\.test\.ts$/

/** A fresh clone has no times yet, and larger files would go first: then a short one that takes long ends alone. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const group = ({ project }: TestSpecification): number => project.config.sequence.groupOrder
    const late = ({ moduleId }: TestSpecification): number => (LONG.test(moduleId) ? 0 : 1)
    return (await super.sort(files)).toSorted((a, b) => group(a) - group(b) || late(a) - late(b))
  }
}

/**
 * Three projects, one after the other: `unit` runs in-process and in parallel; `real` starts servers, generators and
 * browsers, three files at a time; `alone` has the machine for itself, since it measures, or keeps all cores busy.
 */
const config: ViteUserConfigExport = defineConfig({
  test: {
    sequence: { sequencer: LongFirst },
    reporters: ['default', './tests/tally.ts'],
    projects: [
      {
        test: {
          ...LIMITS,
          name: 'unit',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/**/*.{real,alone}.test.ts'],
          isolate: false,
          // Vitest leaves one core out, which of two is half of the machine.
          maxWorkers: availableParallelism(),
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
