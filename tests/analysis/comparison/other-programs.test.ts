import { describe, expect, test } from 'vitest'
import { otherProgramNotes } from '../../../analysis/comparison/other-programs.ts'
import type { Manifest, TrialRecord } from '../../../core/records.ts'
import { madeUpRun } from '../made-up-run.ts'

/** Trials of single and cluster in `blocks` blocks, with the given CPU of other programs and of named dependencies. */
function notesOf(
  foreign: (model: string, block: number) => number,
  {
    blocks = 6,
    app = '/app.js',
    dependencies,
    throughput = { single: 100, cluster: 200 },
  }: { blocks?: number; app?: string | null; dependencies?: number; throughput?: Record<string, number> } = {},
): string[] {
  const { manifest, trials } = madeUpRun(
    { models: ['single', 'cluster'], workloads: ['cpu'], blocks, app },
    ({ model }) => ({
      throughput: throughput[model] ?? 100,
    }),
  )
  const named: Manifest = {
    ...manifest,
    plan: {
      ...manifest.plan,
      ...(dependencies === undefined
        ? {}
        : { dependencies: [{ name: 'postgres (port 5432)', pid: null, port: 5432 }] }),
    },
  }
  const changed = trials.map((trial): TrialRecord => {
    const host = {
      ...trial.saturation.host,
      foreignCores: foreign(trial.model, trial.block),
      ...(dependencies === undefined ? {} : { appDependencyCores: dependencies }),
    }
    return { ...trial, saturation: { ...trial.saturation, host } }
  })
  return otherProgramNotes(named, changed)
}

describe('CPU of other programs', () => {
  test('that goes with the model is reported, with how to name them', () => {
    const notes = notesOf((model, block) => (model === 'cluster' ? 0.22 : 0.11) + 0.01 * (block % 3))
    expect(notes).toHaveLength(1)
    expect(notes[0]).toMatch(
      /while cluster was measured \(0\.23 cores\) than while single was \(0\.12\).*`--dependency port:5432`/,
    )
  })

  test('that goes with the slower model may be that of busy programs, which take what it leaves', () => {
    const notes = notesOf((model, block) => (model === 'single' ? 1.3 : 1) + 0.01 * (block % 3))
    expect(notes[0]).toMatch(/while single was measured \(1\.31 cores\).*although it gave no more throughput.*End them/)
    expect(notes[0]).not.toContain('no chance')
  })

  test.each<[string, Parameters<typeof notesOf>]>([
    ['that comes and goes', [(model, block) => ((block + (model === 'cluster' ? 1 : 0)) % 2) * 0.4]],
    ['that is the same', [() => 0.3]],
    ['that differs by little', [(model) => (model === 'cluster' ? 0.04 : 0.02)]],
    ['in too few blocks', [(model) => (model === 'cluster' ? 0.3 : 0.1), { blocks: 2 }]],
    [
      'under the built-in app, which calls nothing of others',
      [(model) => (model === 'cluster' ? 0.3 : 0.1), { app: null }],
    ],
  ])('%s says nothing', (_what, question) => {
    expect(notesOf(...question)).toEqual([])
  })

  test('of named dependencies is reported for each model', () => {
    expect(notesOf(() => 0.01, { dependencies: 0.4 })[0]).toMatch(
      /postgres \(port 5432\), used this many cores at saturation under cpu: 0\.4 under single, 0\.4 under cluster/,
    )
  })
})
