import { expect, test } from 'vitest'
import { csvField, renderCsv } from '../../report/csv.ts'
import { goldenRun } from './golden.ts'

const { result } = goldenRun('full')

test('one row per cell, and every row has a field for every column', () => {
  const rows = parseCsv(renderCsv(result))
  expect(rows).toHaveLength(result.cells.length + 1)
  expect(new Set(rows.map((row) => row.length)).size).toBe(1)
})

test('numbers keep all digits of result.json', () => {
  const [names = [], ...rows] = parseCsv(renderCsv(result))
  const at = (row: readonly string[], name: string): string | undefined => row[names.indexOf(name)]
  for (const [index, cell] of result.cells.entries()) {
    const row = rows[index] ?? []
    expect(at(row, 'model')).toBe(cell.model)
    expect(Number(at(row, 'throughput_rps'))).toBe(cell.throughputRps?.estimate)
    expect(Number(at(row, 'throughput_rps_high'))).toBe(cell.throughputRps?.high)
    expect(Number(at(row, 'cpu_ms_per_request_low'))).toBe(cell.cpuMsPerRequest?.low)
    expect(Number(at(row, 'p99_ms'))).toBe(cell.latencyMs?.p99)
    expect(Number(at(row, 'memory_bytes'))).toBe(cell.rssBytes)
    const verdict = result.verdicts.find(
      ({ metric, workload, candidate }) =>
        metric === 'throughput' && workload === cell.workload && candidate === cell.model,
    )
    expect(at(row, 'throughput_ratio')).toBe(verdict === undefined ? '' : String(verdict.ratio.estimate))
    expect(at(row, 'throughput_call')).toBe(verdict?.call ?? '')
  }
})

test.each([
  ['plain text stays as it is', 'cluster', 'cluster'],
  ['commas and quotes are quoted', 'a,"b"', '"a,""b"""'],
  ['a line break becomes a space', 'a\nb', 'a b'],
  ['nothing measured is an empty field', null, ''],
  ['a formula is kept from running in a spreadsheet', '=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'],
  ['a negative number is not a formula', -1.5, '-1.5'],
])('%s', (_, value, field) => {
  expect(csvField(value)).toBe(field)
})

function parseCsv(text: string): string[][] {
  return text
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
        (field) => field[1]?.replaceAll('""', '"') ?? field[2] ?? '',
      ),
    )
}
