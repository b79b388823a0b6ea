import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { renderOpenMetrics } from '../../report/openmetrics.ts'
import { partTest } from '../parts.ts'
import { goldenRun } from './golden.ts'

const { result, manifest } = goldenRun('full')
const text = renderOpenMetrics(result, manifest)

test('every sample belongs to a declared family, and the text ends as OpenMetrics asks', () => {
  const families = [...text.matchAll(/^# TYPE (\S+) /gm)].map((match) => match[1] as string)
  expect(new Set(families).size).toBe(families.length)
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  expect(samples.length).toBeGreaterThan(result.cells.length)
  for (const sample of samples) {
    expect(
      families.some((family) => new RegExp(`^${family}(_count)?\\{`).test(sample)),
      sample,
    ).toBe(true)
  }
  expect(text.endsWith('# EOF\n')).toBe(true)
})

test('figures are those of the result, in base units', () => {
  const cell = result.cells.find(({ model, workload }) => model === 'cluster' && workload === 'io')
  expect(valueOf('forkwise_throughput_rps')).toBe(cell?.throughputRps?.estimate)
  expect(valueOf('forkwise_cpu_per_request_low_seconds')).toBe((cell?.cpuMsPerRequest?.low ?? 0) / 1000)
  expect(valueOf('forkwise_latency_seconds', ',quantile="0.99"')).toBe((cell?.latencyMs?.p99 ?? 0) / 1000)
})

test('quotes and backslashes in names are escaped, line breaks become spaces', () => {
  const cells = result.cells.slice(0, 1).map((cell) => ({ ...cell, model: 'a"b\\c\nd' }))
  expect(renderOpenMetrics({ ...result, cells }, manifest)).toContain(String.raw`model="a\"b\\c d"`)
})

partTest(['promtool'], 'promtool accepts the metrics', () => {
  // promtool reads the older text format: without timestamps, units and the end mark the two are alike.
  const older = text
    .split('\n')
    .filter((line) => !/^# (?:UNIT|EOF)/.test(line))
    .map((line) => (line.startsWith('#') ? line : line.replace(/ \S+$/, '')))
    .join('\n')
  const checked = spawnSync('promtool', ['check', 'metrics'], { input: older, encoding: 'utf8' })
  expect(`${checked.stdout}${checked.stderr}`).toBe('')
})

/** The value of a metric of cluster under io. */
function valueOf(name: string, extra: string = ''): number {
  const pattern = new RegExp(`^${name}\\{[^}]*model="cluster",workload="io"${extra}\\} (\\S+) `, 'm')
  return Number(pattern.exec(text)?.[1])
}
