import { expect, test } from 'vitest'
import type { Result, ResultCell, Verdict } from '../../core/records.ts'
import { parseAssertion } from '../../analysis/comparison/assertion.ts'
import { assertionsHold, evaluateAssertions } from '../../report/assertion-outcome.ts'
import { escapeXml, renderJUnit } from '../../report/junit.ts'
import { fixtureRun } from './fixture-run.ts'
import { goldenRun } from './golden.ts'

const { result: full } = goldenRun('full')
const result: Result = {
  ...full,
  cells: ['single', 'cluster', 'worker-pool'].map(cellOf),
  verdicts: [verdictOf('throughput', 1.83, 1.77, 1.89), verdictOf('latency-p99', 0.5, 0.4, 0.7)],
}

test.each([
  ['the interval lies above the bound', 'cluster/cpu throughput >= 1.5x single', 'passed'],
  ['the interval lies below the bound', 'cluster/cpu throughput >= 2x single', 'failed'],
  ['the bound lies in the interval', 'cluster/cpu throughput >= 1.8x single', 'undecided'],
  ['the bound is the end of the interval, which counts', 'cluster/cpu throughput >= 1.77x single', 'passed'],
  ['… and does not when it must be passed', 'cluster/cpu throughput > 1.77x single', 'undecided'],
  ['the reverse comparison uses the same pairs', 'single/cpu throughput <= 0.57x cluster', 'passed'],
  ['less is asked and less it is', 'cluster/cpu p99 < 0.8x single', 'passed'],
  ['less is asked, the interval is above', 'cluster/cpu p99 < 0.3x single', 'failed'],
  ['a level with its interval', 'cluster/cpu throughput >= 380/s', 'passed'],
  ['a level that the interval straddles', 'cluster/cpu throughput >= 400/s', 'undecided'],
  ['p99 with an interval, passed', 'cluster/cpu p99 < 80ms', 'passed'],
  ['p99 with an interval, failed', 'cluster/cpu p99 < 20ms', 'failed'],
  ['p99 without an interval: too few requests to determine it', 'worker-pool/cpu p99 < 80ms', 'undecided'],
  ['a count needs no interval', 'cluster/cpu errors <= 3', 'passed'],
  ['timeouts are errors too', 'cluster/cpu errors <= 2', 'failed'],
  ['memory', 'cluster/cpu memory < 100MiB', 'failed'],
  ['efficiency has the interval of the throughput', 'cluster/cpu efficiency >= 90%', 'undecided'],
  ['start', 'cluster/cpu start < 500ms', 'passed'],
  ['two models of which none is the baseline', 'cluster/cpu throughput >= 0.9x worker-pool', 'passed'],
  ['… with the wider interval of both', 'cluster/cpu throughput >= 1x worker-pool', 'undecided'],
  ['a model that could not be measured', 'nginx-fork/cpu p99 < 80ms', 'undecided'],
  ['a workload that is not there', 'cluster/io p99 < 80ms', 'undecided'],
])('%s', (_, text, outcome) => {
  const [found, ...others] = evaluateAssertions([parseAssertion(text)], result)
  expect(others).toEqual([])
  expect(found).toMatchObject({ text, outcome })
  expect(found?.because).toMatch(/^(?:[A-Z]|nginx-fork was).*\.$/)
})

test('* stands for each, the model that is compared with left out', () => {
  const outcomes = evaluateAssertions([parseAssertion('*/* throughput >= 1.5x single')], { ...result, unavailable: [] })
  expect(outcomes.map(({ text }) => text)).toEqual([
    'cluster/cpu throughput >= 1.5x single',
    'worker-pool/cpu throughput >= 1.5x single',
  ])
})

test('* stands for models that were not measured, too: nothing is decided about them', () => {
  const cells = result.cells.filter(({ model }) => model !== 'cluster')
  const reason = 'Left out after the pilot: no port.'
  const unavailable = [{ model: 'cluster', reason, remedy: '' }]
  const outcomes = evaluateAssertions([parseAssertion('*/* errors <= 9')], { ...result, cells, unavailable })
  expect(outcomes.map(({ text, outcome }) => [text, outcome])).toEqual([
    ['single/cpu errors <= 9', 'passed'],
    ['worker-pool/cpu errors <= 9', 'passed'],
    ['cluster/* errors <= 9', 'undecided'],
  ])
  expect(outcomes[2]?.because).toBe(`cluster was not measured: ${reason}`)
  expect(assertionsHold(outcomes, 'fail')).toBe(false)
})

test('a cell without a valid trial has no errors that could pass', () => {
  const cells = result.cells.map((cell) =>
    cell.model === 'cluster' ? { ...cell, blocks: 0, errors: 0, timeouts: 0 } : cell,
  )
  const asked = [parseAssertion('cluster/cpu errors <= 0')]
  expect(evaluateAssertions(asked, { ...result, cells })).toMatchObject([
    { outcome: 'undecided', because: 'There is no valid trial of cluster under cpu.' },
  ])
  const unavailable = [{ model: 'cluster', workload: 'cpu', reason: 'It answers otherwise.', remedy: '' }]
  expect(evaluateAssertions(asked, { ...result, cells, unavailable })[0]?.because).toContain('It answers otherwise.')
})

test('nothing is decided where verdicts are withheld', () => {
  const withheld = { ...result, validity: { ...result.validity, withheld: ['cpu'] } }
  const [outcome] = evaluateAssertions([parseAssertion('cluster/cpu throughput >= 1/s')], withheld)
  expect(outcome).toMatchObject({ outcome: 'undecided', because: expect.stringContaining('withheld') })
})

test('nothing is decided from figures of which no verdict is given', () => {
  const because = 'Withheld: the host was too noisy (all 4 blocks were disturbed).'
  const noisy = { ...result, verdicts: result.verdicts.map((verdict) => ({ ...verdict, because })) }
  for (const text of [
    'cluster/cpu throughput >= 1.5x single',
    'single/cpu throughput >= 1/s',
    'cluster/cpu p99 < 1s',
  ]) {
    const [outcome] = evaluateAssertions([parseAssertion(text)], noisy)
    expect(outcome, text).toMatchObject({ outcome: 'undecided', because: expect.stringContaining('too noisy') })
  }
  const [counted] = evaluateAssertions([parseAssertion('cluster/cpu errors <= 3')], noisy)
  expect(counted).toMatchObject({ outcome: 'passed' })
})

test('a multiple of a count holds also where the count is 0', () => {
  const cells = result.cells.map((cell) => ({ ...cell, errors: 0, timeouts: 0 }))
  const outcomesOf = (text: string, found: Result): unknown[] => evaluateAssertions([parseAssertion(text)], found)
  expect(outcomesOf('cluster/cpu errors <= 1x single', { ...result, cells })).toMatchObject([
    { outcome: 'passed', because: 'Measured 0, and single has 0.' },
  ])
  const worse = cells.map((cell) => (cell.model === 'cluster' ? { ...cell, errors: 4 } : cell))
  expect(outcomesOf('cluster/cpu errors <= 1x single', { ...result, cells: worse })).toMatchObject([
    { outcome: 'failed' },
  ])
})

test('what is undecided fails or only warns, as asked', () => {
  const of = (...texts: string[]) =>
    evaluateAssertions(
      texts.map((text) => parseAssertion(text)),
      result,
    )
  const [passed, undecided] = ['cluster/cpu errors <= 3', 'cluster/cpu throughput >= 400/s']
  expect(assertionsHold(of(passed), 'fail')).toBe(true)
  expect(assertionsHold(of(passed, undecided), 'fail')).toBe(false)
  expect(assertionsHold(of(passed, undecided), 'warn')).toBe(true)
  expect(assertionsHold(of('cluster/cpu errors < 1'), 'warn')).toBe(false)
})

test('JUnit: failures and skipped ones are counted as asked, and text is escaped', () => {
  const texts = ['cluster/cpu errors <= 3', 'cluster/cpu throughput >= 400/s', 'cluster/cpu errors < 1']
  const outcomes = evaluateAssertions(
    texts.map((text) => parseAssertion(text)),
    result,
  )
  const { trials } = fixtureRun(1, { blocks: 2, models: ['single', 'cluster'], workloads: ['cpu', 'io'], samples: 50 })
  const suites = [{ name: 'a<b', createdAt: '2026-01-15T09:30:00.000Z', outcomes, trials }]
  const warned = renderJUnit(suites, 'warn')
  expect(warned).toContain('tests="3" failures="1" errors="0" skipped="1"')
  expect(warned).toContain('<testcase classname="cluster.cpu" name="cluster/cpu errors &lt;= 3" time="')
  expect(warned).toMatch(/<skipped message="Measured 412\/s \(395–431\): [^"]+"\/>/)
  const [suite = 0, ...cases] = [...warned.matchAll(/ time="([\d.]+)"/g)].map(([, seconds]) => Number(seconds))
  expect(cases).toHaveLength(3)
  for (const seconds of cases) expect(seconds).toBeGreaterThan(2 * 6)
  expect(suite).toBeGreaterThan(2 * (cases[0] ?? Infinity))
  expect(warned).toContain('<failure type="failed"')
  expect(renderJUnit(suites, 'fail')).toContain('failures="2" errors="0" skipped="0"')
  expect(renderJUnit(suites, 'fail')).toContain('<testsuite name="a&lt;b" timestamp="2026-01-15T09:30:00"')
  expect(escapeXml('a"b\u0000c\nd\uD800')).toBe('a&quot;b c d\uFFFD')
})

function cellOf(model: string): ResultCell {
  const [cell] = full.cells
  if (cell === undefined) throw new Error('Expected the fixture to have a cell.')
  const factor = model === 'single' ? 0.5 : 1
  return {
    ...cell,
    model,
    workload: 'cpu',
    throughputRps: { estimate: 412 * factor, low: 395 * factor, high: 431 * factor },
    latencyMs: cell.latencyMs === null ? null : { ...cell.latencyMs, p99: 40 },
    latencyIntervalsMs: {
      p50: null,
      p95: null,
      p99: model === 'worker-pool' ? null : { estimate: 40, low: 35, high: 46 },
    },
    errors: 2,
    timeouts: 1,
    rssBytes: 120 * 2 ** 20,
    efficiency: 0.9,
    startS: 0.4,
  }
}

function verdictOf(metric: Verdict['metric'], estimate: number, low: number, high: number): Verdict {
  return {
    workload: 'cpu',
    metric,
    baseline: 'single',
    candidate: 'cluster',
    ratio: { estimate, low, high, confidence: 0.95 },
    call: 'better',
    because: '',
    blocks: 8,
    blocksNeeded: null,
  }
}
