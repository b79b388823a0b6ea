import { expect, test } from 'vitest'
import { parseAssertion } from '../../../analysis/comparison/assertion.ts'
import { compareResults } from '../../../analysis/comparison/result-comparison.ts'
import { evaluatePairAssertions, type JudgedPair } from '../../../report/runs/pair-outcomes.ts'
import { fixtureRun, recordedRun } from '../fixture-run.ts'

const size = { models: ['single', 'cluster'], workloads: ['cpu', 'mixed'] }
const [first, second] = [fixtureRun(1, size), fixtureRun(2, size)]
const comparison = compareResults(recordedRun(first), recordedRun(second))
if (!comparison.comparable) throw new Error(comparison.reasons.join(' '))
const pair: JudgedPair = { first: first.result, second: second.result, comparison }

const rowOf = (metric: string): (typeof comparison.rows)[number] => {
  const row = comparison.rows.find(
    (each) => each.model === 'cluster' && each.workload === 'cpu' && each.metric === metric,
  )
  if (row === undefined) throw new Error(`Expected a row of ${metric}.`)
  return row
}

const judge = (text: string, judged: JudgedPair = pair): ReturnType<typeof evaluatePairAssertions> =>
  evaluatePairAssertions([parseAssertion(text)], judged)

test.each([
  ['throughput', 'throughput'],
  ['cpu', 'cpu-per-request'],
  ['p50', 'latency-p50'],
])('%s is decided by the interval of the pair', (asserted, metric) => {
  const { low, high, estimate } = rowOf(metric).ratio
  const outcomes = [low * 0.99, estimate, high * 1.01].map(
    (factor) => judge(`cluster/cpu ${asserted} >= ${factor}x first run`)[0]?.outcome,
  )
  expect(outcomes).toEqual(['passed', 'undecided', 'failed'])
})

test('what the comparison objects to is undecided, whatever the ratio is', () => {
  const rows = comparison.rows.map((row) => ({ ...row, objection: 'each run needs at least 8 blocks' }))
  expect(judge('cluster/cpu throughput >= 0.001x first run', { ...pair, comparison: { ...comparison, rows } })).toEqual(
    [
      expect.objectContaining({
        outcome: 'undecided',
        because: expect.stringMatching(/^Measured .*, but each run needs at least 8 blocks\.$/),
      }),
    ],
  )
})

test('latencies at other rates are undecided, with both rates', () => {
  const note = 'Latencies under cpu are not compared: they were measured at 120.0 and 130.0 requests/s.'
  const rows = comparison.rows.filter(({ metric }) => !metric.startsWith('latency'))
  const runs = { ...comparison, rows, latenciesLeftOut: { cpu: note } }
  expect(judge('cluster/cpu p50 <= 9x first run', { ...pair, comparison: runs })).toMatchObject([
    { outcome: 'undecided', because: note },
  ])
})

test('counts under a workload on which nothing is decided are undecided, too', () => {
  const runs = { ...comparison, withheld: { cpu: 'the control of the first run differed from itself' } }
  expect(judge('cluster/cpu errors <= 1x first run', { ...pair, comparison: runs })).toMatchObject([
    { outcome: 'undecided', because: expect.stringContaining('the control of the first run differed from itself.') },
  ])
})

test('a model that only one of the runs has is undecided, and the run that lacks it is named', () => {
  const without = { ...second.result, cells: second.result.cells.filter(({ model }) => model !== 'cluster') }
  const rows = comparison.rows.filter(({ model }) => model !== 'cluster')
  const outcomes = judge('*/cpu throughput >= 0.1x first run', {
    ...pair,
    second: without,
    comparison: { ...comparison, rows },
  })
  expect(outcomes).toMatchObject([
    { model: 'single', outcome: 'passed' },
    { model: 'cluster', outcome: 'undecided', because: 'The second run has no cluster under cpu.' },
  ])
})

test('each metric that can be asserted is decided or says why not', () => {
  for (const metric of ['throughput', 'cpu', 'p50', 'p95', 'p99', 'errors', 'memory', 'efficiency', 'start']) {
    for (const outcome of judge(`*/* ${metric} <= 1000x first run`)) {
      expect(outcome.outcome === 'passed' || / no |too few|only \d/.test(outcome.because), outcome.because).toBe(true)
    }
  }
})
