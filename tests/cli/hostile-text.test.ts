import { assert, constantFrom, oneof, property, string } from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { processTerminal } from '../../cli/terminal.ts'
import { renderCapacityHtml } from '../../report/capacity/html.ts'
import { renderCapacityMarkdown } from '../../report/capacity/markdown.ts'
import { renderCsv } from '../../report/csv.ts'
import { renderHdrLog } from '../../report/hdr.ts'
import { renderHtml } from '../../report/html/report.ts'
import { renderJUnit } from '../../report/junit.ts'
import { renderMarkdown } from '../../report/markdown.ts'
import { renderOpenMetrics } from '../../report/openmetrics.ts'
import { RESILIENCE_FORMATS } from '../../report/resilience/folder.ts'
import { renderResilienceText } from '../../report/resilience/text.ts'
import { renderText } from '../../report/text.ts'
import { analyseResilience } from '../../analysis/resilience/resilience.ts'
import { faultedCell, manifestOf, RATES } from '../analysis/synthetic-resilience.ts'
import { knownFindings } from '../report/capacity/findings.ts'
import { fixtureRun, recordedRun } from '../report/fixture-run.ts'

// Whatever text comes from outside, what is written holds no character that steers, and no endless line.

const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u
const LONGEST_LINE = 4000

const hostile = oneof(
  string({ unit: 'binary', maxLength: 40 }),
  string({
    unit: constantFrom('\u001B[2J', '\u009B31m', '\u202E', '\u2066', '\u200F', '\u2028', '\0', '\r', '\n', '\t', 'a'),
  }),
  string({ unit: constantFrom('&', '"', '<', '|', '\\', ',', 'x'), minLength: 5000, maxLength: 10_000 }),
)

const run = fixtureRun(1, { blocks: 2, models: ['single', 'HOSTILE'], workloads: ['cpu'], samples: 40 })
const outcome = {
  model: 'HOSTILE',
  workload: 'cpu',
  metric: 'throughput',
  text: 'HOSTILE',
  outcome: 'failed',
  because: 'HOSTILE',
} as const
const cells = [faultedCell(), faultedCell({ errors: [{ message: 'HOSTILE', count: 1 }] })]
const manifest = {
  ...manifestOf(),
  command: 'HOSTILE',
  unavailable: [{ model: 'HOSTILE', reason: 'HOSTILE', remedy: 'HOSTILE' }],
}
const findings = knownFindings()
const plain = (_: string, text: string): string => text

afterEach(() => void vi.restoreAllMocks())

test('reports of every kind', () => {
  assert(
    property(hostile, (text) => {
      const { result, ...rest } = named(text, run)
      const recorded = recordedRun(named(text, run))
      const outcomes = [named(text, outcome)]
      const faults = named(text, { manifest, cells })
      const faultResult = analyseResilience(faults.manifest, RATES, faults.cells)
      const capacity = { ...findings, id: text, machine: { ...findings.machine, cpu: text } }
      const texts = {
        text: renderText(result, { columns: 100, style: plain, folder: text, outcomes }),
        markdown: renderMarkdown(result, rest.manifest, outcomes),
        csv: renderCsv(result).replaceAll('\r\n', '\n'),
        hdr: renderHdrLog(recorded),
        openMetrics: renderOpenMetrics(result, rest.manifest),
        junit: renderJUnit([{ ...rest.manifest, name: text, outcomes, trials: rest.trials }], 'fail'),
        faultsText: renderResilienceText(faultResult, { columns: 100, style: plain, folder: text }),
        faults: RESILIENCE_FORMATS['md']?.(faultResult, { dir: '', rates: RATES, notes: [], ...faults }) ?? '',
        capacity: renderCapacityMarkdown(capacity),
      }
      const pages = {
        html: renderHtml(result, recorded, { outcomes }),
        faults: RESILIENCE_FORMATS['html']?.(faultResult, { dir: '', rates: RATES, notes: [], ...faults }) ?? '',
        capacity: renderCapacityHtml(capacity),
      }
      for (const [format, written] of Object.entries(texts)) expectPlain(format, written, format === 'hdr')
      for (const [format, written] of Object.entries(pages)) expectPlain(format, ownTextOf(written), true)
    }),
    { seed: 1, numRuns: 40, endOnFailure: true },
  )
})

test('the terminal', () => {
  const written: string[] = []
  const keep = (text: unknown): boolean => written.push(String(text)) > 0
  vi.spyOn(process.stdout, 'write').mockImplementation(keep)
  vi.spyOn(process.stderr, 'write').mockImplementation(keep)
  const terminal = processTerminal()
  assert(
    property(hostile, (text) => {
      written.length = 0
      terminal.note(`forkwise: Expected something, got ${terminal.style('bad', text)}.`)
      terminal.result(JSON.stringify({ text }))
      const [note = '', result = ''] = written
      expectPlain('note', note)
      expectPlain('result', result, true)
      expect(JSON.parse(result)).toEqual({ text })
    }),
    { seed: 1, numRuns: 500, endOnFailure: true },
  )
})

function expectPlain(format: string, text: string, mayBeLong = false): void {
  for (const line of text.split(/\r?\n/)) {
    const at = STEERING.exec(line)
    expect(
      at === null ? '' : `${format}: ${JSON.stringify(line.slice(Math.max(0, at.index - 60), at.index + 60))}`,
    ).toBe('')
    if (!mayBeLong) expect(line.length, `${format}: ${line.slice(0, 80)}`).toBeLessThanOrEqual(LONGEST_LINE)
  }
}

/** A page without the style and the programs that come with Forkwise. */
function ownTextOf(page: string): string {
  return page.replaceAll(/<style>[^]*?<\/style>|<script>[^]*?<\/script>/g, '')
}

/** A copy of plain data in which a name is another one. */
function named<T>(text: string, data: T): T {
  return JSON.parse(JSON.stringify(data), (_, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('HOSTILE', () => text) : value,
  ) as T
}
