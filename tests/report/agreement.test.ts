import { expect, test } from 'vitest'
import type { Estimate, Result, ResultCell, VerdictMetric } from '../../core/records.ts'
import { renderHtml } from '../../report/html/report.ts'
import { renderMarkdown } from '../../report/markdown.ts'
import { renderText } from '../../report/text.ts'
import { fixtureRun, recordedRun } from './fixture-run.ts'
import { goldenRun } from './golden.ts'

// Reads the figures back out of each report and holds them against result.json and against each other.

const run = goldenRun('full')
const result = JSON.parse(JSON.stringify(run.result)) as Result
const texts = {
  text: readText(renderText(result, { columns: 200, style: (_, text) => text })),
  markdown: readMarkdown(renderMarkdown(result, run.manifest)),
  html: readHtml(renderHtml(result, recordedRun(fixtureRun(7, { samples: 20 })))),
}

const FIGURES: readonly { name: Name; of: (cell: ResultCell) => number | Estimate | null }[] = [
  { name: 'throughput', of: (cell) => cell.throughputRps },
  { name: 'cpu', of: (cell) => cell.cpuMsPerRequest },
  { name: 'p50', of: (cell) => cell.latencyMs?.p50 ?? null },
  { name: 'p99', of: (cell) => cell.latencyMs?.p99 ?? null },
  { name: 'ratio', of: (cell) => ratioOf(cell, 'throughput') },
]

for (const cell of result.cells) {
  test(`${cell.model} under ${cell.workload}: all reports say the same, and what result.json says`, () => {
    const key = `${cell.workload}/${cell.model}`
    for (const { name, of } of FIGURES) {
      const expected = of(cell)
      const shown = Object.values(texts).map((report) => report.get(key)?.[name])
      if (expected === null) continue
      expect(new Set(shown.map((figure) => figure?.value)), `${key} ${name}`).toHaveLength(1)
      for (const figure of shown) expectClose(figure, expected, `${key} ${name}`)
    }
  })
}

test('a changed figure is noticed', () => {
  const [cell] = result.cells
  const shown = texts.text.get(`${cell?.workload ?? ''}/${cell?.model ?? ''}`)?.throughput
  expect(() => expectClose(shown, (cell?.throughputRps?.estimate ?? 0) * 1.01, 'changed')).toThrow(/changed/)
})

type Name = 'throughput' | 'cpu' | 'p50' | 'p99' | 'ratio'

/** A figure as printed: its digits, and those of its interval where shown. */
interface Shown {
  readonly value: string
  readonly interval?: readonly [string, string]
}

type Shelf = Map<string, Partial<Record<Name, Shown>>>

function ratioOf(cell: ResultCell, metric: VerdictMetric): Estimate | null {
  const found = result.verdicts.find(
    (verdict) => verdict.metric === metric && verdict.workload === cell.workload && verdict.candidate === cell.model,
  )
  return found?.ratio ?? null
}

/** Printed digits are the number rounded to them: at most half a unit of the last digit away. */
function expectClose(shown: Shown | undefined, expected: number | Estimate, name: string): void {
  const pairs: [string, number][] =
    typeof expected === 'number'
      ? [[shown?.value ?? '', expected]]
      : [
          [shown?.value ?? '', expected.estimate],
          ...(shown?.interval === undefined
            ? []
            : ([
                [shown.interval[0], expected.low],
                [shown.interval[1], expected.high],
              ] as [string, number][])),
        ]
  for (const [text, value] of pairs) {
    const digits = text.replaceAll(',', '')
    const unit = 10 ** -(digits.split('.')[1]?.length ?? 0)
    expect(digits, name).toMatch(/^\d+(\.\d+)?$/)
    expect(Math.abs(Number(digits) - value), `${name}: ${text} for ${value}`).toBeLessThanOrEqual(
      unit * 0.5 * (1 + 1e-9),
    )
    expect(digits.replace('.', '').replace(/^0+/, '').length, `${name}: three digits`).toBeGreaterThanOrEqual(
      name.endsWith('ratio') ? 1 : 3,
    )
  }
}

function parse(text: string): Shown {
  const match = /^([\d.,]+)[^\d(]*(?:\(([\d.,]+)–([\d.,]+)\))?/.exec(text.trim())
  return match?.[2] === undefined || match[3] === undefined
    ? { value: match?.[1] ?? text }
    : { value: match[1] ?? '', interval: [match[2], match[3]] }
}

function readText(text: string): Shelf {
  const shelf: Shelf = new Map()
  let workload = ''
  let inTable = false
  for (const line of text.split('\n')) {
    if (/^(cpu|io|mixed)$/.test(line)) workload = line
    if (line.startsWith('model ')) inTable = true
    else if (!/^(single|cluster|pm2-fork|worker-pool) /.test(line)) inTable = false
    else if (inTable) {
      const [model = '', throughput = '', ratio = '', cpu = '', p50 = '', p99 = ''] = line.split(/ {2,}/)
      shelf.set(`${workload}/${model}`, {
        throughput: parse(throughput),
        ratio: parse(ratio),
        cpu: parse(cpu),
        p50: parse(p50),
        p99: parse(p99),
      })
    }
  }
  return shelf
}

function readMarkdown(text: string): Shelf {
  const shelf: Shelf = new Map()
  let workload = ''
  for (const line of text.split('\n')) {
    workload = /^## (cpu|io|mixed)\b/.exec(line)?.[1] ?? workload
    const cells = line.split(' | ')
    const model = /^\| \*\*([\w-]+)\*\*/.exec(line)?.[1]
    if (model === undefined) continue
    const [, throughput = '', ratio = '', cpu = '', p50 = '', p99 = ''] = cells
    shelf.set(`${workload}/${model}`, {
      throughput: parse(throughput),
      ratio: parse(ratio),
      cpu: parse(cpu),
      p50: parse(p50),
      p99: parse(p99),
    })
  }
  return shelf
}

function readHtml(html: string): Shelf {
  const shelf: Shelf = new Map()
  for (const [id, names] of [
    ['throughput', ['throughput', 'ratio']],
    ['cpu', ['cpu']],
    ['latency', ['p50', undefined, undefined, 'p99']],
  ] as const) {
    for (const figure of html.matchAll(new RegExp(`<figure id="${id}-(cpu|io|mixed)-\\d+"([^]*?)</figure>`, 'g'))) {
      for (const row of (figure[2] ?? '').matchAll(/<th scope="row">([^<]*)<\/th>([^]*?)<\/tr>/g)) {
        const cells = [...(row[2] ?? '').matchAll(/<td[^>]*>([^]*?)<\/td>/g)].map((cell) => cell[1] ?? '')
        const key = `${figure[1] ?? ''}/${row[1] ?? ''}`
        const read = names.flatMap((name, index) => (name === undefined ? [] : [[name, parse(cells[index] ?? '')]]))
        shelf.set(key, { ...shelf.get(key), ...(Object.fromEntries(read) as Partial<Record<Name, Shown>>) })
      }
    }
  }
  return shelf
}
