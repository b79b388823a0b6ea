import { describe, expect, test } from 'vitest'
import type { Result } from '../../core/records.ts'
import { renderText, type TextOptions } from '../../report/text.ts'
import { expectGolden, goldenRun } from './golden.ts'

const full = goldenRun('full')
const pilot = goldenRun('pilot')
const titles = Object.fromEntries(full.manifest.workloads.map(({ id, title }) => [id, title]))
const plain = (columns: number): TextOptions => ({ columns, style: (_, text) => text, folder: 'results/run', titles })
const withCells = (change: Partial<Result>): Result => ({ ...full.result, ...change })

describe('golden texts', () => {
  for (const columns of [160, 100, 60, 20]) {
    test(`a full run in ${columns} columns`, () => {
      expectGolden(`report/full-${columns}.txt`, `${renderText(full.result, plain(columns))}\n`)
    })
  }

  test('a pilot', () => {
    expectGolden('report/pilot-100.txt', `${renderText(pilot.result, plain(100))}\n`)
  })

  test('verdicts withheld, with failed and invalid trials', () => {
    const validity = {
      ...full.result.validity,
      blocksKept: 5,
      withheld: ['cpu'],
      notes: ['Inconclusive: host too noisy. Only 5 of 8 blocks passed the gates.'],
      trialsFailed: [{ id: 'b02-cluster-io', message: 'The server ended before it was ready.' }],
      trialsInvalid: Array.from({ length: 7 }, (_, i) => ({ id: `b0${i}-single-cpu`, reasons: ['unsent 12'] })),
    }
    const summary = ['No verdict: the host was too noisy to tell the models apart.']
    expectGolden(
      'report/withheld-100.txt',
      `${renderText(withCells({ validity, summary, verdicts: [] }), plain(100))}\n`,
    )
  })
})

for (const columns of [1, 20, 40, 59, 60, 61, 72, 80, 97, 120, 200]) {
  test(`no line is wider than the terminal: ${columns} columns`, () => {
    const widest = Math.max(
      ...renderText(full.result, plain(columns))
        .split('\n')
        .map((line) => line.length),
    )
    expect(widest).toBeLessThanOrEqual(Math.max(columns, 24))
  })
}

test('a wider table keeps every column a narrower one has', () => {
  const headings = [60, 80, 100, 120, 140, 160].map((columns) => {
    const heading = renderText(full.result, plain(columns))
      .split('\n')
      .find((line) => line.startsWith('model'))
    return (heading ?? '').split(/ {2,}/)
  })
  for (const [index, heading] of headings.slice(1).entries()) {
    expect(heading.length).toBeGreaterThanOrEqual(headings[index]?.length ?? 0)
  }
  expect(headings.at(-1)).toEqual(
    expect.arrayContaining([
      'model',
      'requests/s',
      '× single',
      'CPU ms/request',
      'p50 ms',
      'p99 ms',
      'efficiency',
      'memory',
    ]),
  )
})

test('colour comes from the style alone, and taking it away leaves the plain text', () => {
  const styled = renderText(full.result, { ...plain(100), style: (kind, text) => `<${kind}>${text}</${kind}>` })
  expect(styled).toContain('<good> better</good>')
  expect(styled.replaceAll(/<\/?(?:strong|faint|good|bad|warn|accent)>/g, '')).toBe(renderText(full.result, plain(100)))
})

test('control characters from a result file never reach the terminal', () => {
  const evil = '\u001B[2J\u0007single\nrm -rf\u202E'
  const cells = full.result.cells.map((cell) => ({ ...cell, model: cell.model === 'cluster' ? evil : cell.model }))
  const text = renderText(withCells({ cells, summary: [`${evil} wins`] }), plain(100))
  // oxlint-disable-next-line no-control-regex
  expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u202E]/)
  expect(text).toContain('single rm -rf wins')
})

test('a result without cells or measured figures is still a text', () => {
  expect(renderText(withCells({ cells: [], verdicts: [] }), plain(80))).toContain('Verdict')
  const empty = full.result.cells.map((cell) => ({
    ...cell,
    throughputRps: null,
    cpuMsPerRequest: null,
    latencyMs: null,
    workerShare: [],
    rssBytes: null,
    efficiency: null,
    startS: null,
    errors: 3,
    timeouts: 2,
  }))
  const text = renderText(withCells({ cells: empty, verdicts: [] }), plain(100))
  expect(text).toContain('no latencies measured')
  expect(text).toContain('3, 2 timeouts')
  expect(text).not.toMatch(/NaN|undefined|null|Infinity/)
})

test('a model without a valid trial is not said to have had no errors', () => {
  expect(renderText(full.result, plain(100))).toContain('no errors')
  const cells = full.result.cells.map((cell) => ({ ...cell, blocks: 0 }))
  expect(renderText(withCells({ cells }), plain(100))).not.toContain('no errors')
})
