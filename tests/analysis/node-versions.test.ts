import { expect, test } from 'vitest'
import { analyse } from '../../analysis/comparison/comparison.ts'
import { madeUpRun } from './made-up-run.ts'

function resultOf(nodes: Readonly<Record<string, string>>): ReturnType<typeof analyse> {
  const plan = { models: ['single', 'cluster', 'reuse-port'], workloads: ['cpu'], blocks: 8 }
  const run = madeUpRun(plan, ({ model }) => ({ throughput: model === 'single' ? 100 : 200 }))
  const models = run.manifest.models.map((model) => ({ ...model, node: nodes[model.id] ?? 'v20.20.2' }))
  return analyse({ ...run.manifest, models }, run.pilot, run.trials, run.blocks, run.histograms, null)
}

test('a ratio over two Nodes says so beside its call and in the summary; the others do not', () => {
  const { verdicts, summary } = resultOf({ 'reuse-port': 'v24.21.0' })
  expect(new Set(verdicts.map(({ candidate }) => candidate))).toEqual(new Set(['cluster', 'reuse-port']))
  for (const { candidate, because } of verdicts) {
    const saysSo = because.includes('ran on Node v24.21.0, single on Node v20.20.2')
    expect(saysSo).toBe(candidate === 'reuse-port')
  }
  expect(summary).toHaveLength(2)
  expect(summary.at(-1)).toMatch(/^reuse-port ran on Node v24\.21\.0, single on Node v20\.20\.2: .*`--node PATH`/)
})

test('one Node for all needs no word', () => {
  expect(resultOf({}).summary).toHaveLength(1)
})
