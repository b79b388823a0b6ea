import { expect, test } from 'vitest'
import { resolvedQuantiles } from '../../core/resolved-quantiles.ts'
import { LatencyHistogram } from '../../core/histogram.ts'
import { renderHdrLog } from '../../report/hdr.ts'
import { fixtureRun, recordedRun } from './fixture-run.ts'

const fixture = fixtureRun(7, { blocks: 6, samples: 100 })
const lines = renderHdrLog(recordedRun(fixture)).trimEnd().split('\n')
const records = lines
  .filter((line) => line.startsWith('Tag='))
  .map((line) => {
    const [tag = '', beginS, lengthS, maxMs, histogram = ''] = line.split(',')
    return { tag: tag.slice(4), beginS: Number(beginS), lengthS: Number(lengthS), maxMs: Number(maxMs), histogram }
  })

test('the heading names format, base time and columns', () => {
  expect(lines.slice(0, 5)).toEqual([
    expect.stringContaining('microseconds'),
    '#[Histogram log format version 1.3]',
    `#[BaseTime: ${(Date.parse(fixture.manifest.createdAt) / 1000).toFixed(3)} (seconds since epoch)]`,
    expect.stringMatching(/^#\[StartTime: /),
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
  ])
})

test('the histograms of a cell add up to what the result says of it', () => {
  for (const cell of fixture.result.cells) {
    const of = records.filter(({ tag }) => tag === `${cell.model}/${cell.workload}/latency`)
    expect(of).toHaveLength(6)
    const pooled = LatencyHistogram.merged(of.map(({ histogram }) => LatencyHistogram.fromBase64(histogram)))
    expect(resolvedQuantiles(pooled.summaryMs()).p99).toBe(cell.latencyMs?.p99)
    expect(Math.max(...of.map(({ maxMs }) => maxMs))).toBeCloseTo(pooled.summaryMs().max ?? 0, 2)
  }
})

test('routes of a mix have lines of their own', () => {
  expect(records.filter(({ tag }) => tag === 'single/mixed/latency/io')).toHaveLength(6)
  expect(records.filter(({ tag }) => tag.startsWith('single/io/latency/'))).toHaveLength(0)
})

test('names from a result file cannot break a line into more fields', () => {
  const model = 'a, b\nc/d'
  const trials = fixture.trials.map((trial) => ({ ...trial, model }))
  const manifest = { ...fixture.manifest, plan: { ...fixture.manifest.plan, models: [model] } }
  const log = renderHdrLog(recordedRun({ ...fixture, manifest, trials }))
  const lines = log.trimEnd().split('\n').slice(5)
  expect(lines.length).toBeGreaterThan(6)
  for (const line of lines) expect(line).toMatch(/^Tag=a-b-c-d\/\w+\/\w+(\/\w+)?,[\d.]+,[\d.]+,[\d.]+,HISTF/)
})
