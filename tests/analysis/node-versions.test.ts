import { expect, test } from 'vitest'
import { pythonSentence } from '../../analysis/node-versions.ts'
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

test('the Python that was named is told, with what its lock means for threads', () => {
  const plan = { models: ['single', 'gunicorn-gthread'], workloads: ['cpu'], blocks: 8 }
  const run = madeUpRun(plan, () => ({ throughput: 100 }))
  const models = run.manifest.models.map((model) =>
    model.id === 'single' ? model : { ...model, python: 'PyPy 7.3.11 (Python 3.9.16)' },
  )
  const { summary } = analyse({ ...run.manifest, models }, run.pilot, run.trials, run.blocks, run.histograms, null)
  expect(summary.at(-1)).toBe(
    'gunicorn-gthread ran on PyPy 7.3.11 (Python 3.9.16), whose lock lets one thread of a process compute at a time.',
  )
})

test('several Pythons are told each with its models, and nothing where none was named', () => {
  const sentence = pythonSentence([
    { id: 'old', python: 'CPython 3.11.2' },
    { id: 'new', python: 'CPython 3.14.0 free-threaded' },
    { id: 'single' },
  ])
  expect(sentence).toMatch(
    /^old ran on CPython 3\.11\.2, whose lock .*; new ran on CPython 3\.14\.0 free-threaded, where threads .* at the same time\.$/,
  )
  expect(pythonSentence([{ id: 'single' }])).toBeNull()
})
