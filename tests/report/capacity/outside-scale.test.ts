import { expect, test } from 'vitest'
import { outsideScaling } from '../../../analysis/capacity/scaling/scaling.ts'
import { renderCapacityHtml } from '../../../report/capacity/html.ts'
import { renderCapacityMarkdown } from '../../../report/capacity/markdown.ts'
import { scaleText } from '../../../report/capacity/scale-text.ts'

const POINTS = [1, 2, 4, 8].flatMap((workers) =>
  [0.99, 1, 1.01].map((factor, index) => ({
    workers,
    throughputPerS: (factor * 100 * workers) / (1 + 0.05 * (workers - 1)),
    block: index + 1,
  })),
)
const SCALING = outsideScaling({ name: null, points: POINTS }, 'workers', 'mine.csv', 300)
const FINDINGS = {
  id: 'outside',
  machine: { cpu: 'A processor', cores: 2 },
  scale: { seed: null, readFrom: 'mine.csv', models: [SCALING] },
  capacity: null,
  plan: null,
  validation: null,
  measurements: [],
}

function pageOf(findings: typeof FINDINGS): string {
  const page = renderCapacityHtml(findings)
  return page.slice(page.indexOf('<body'), page.indexOf('<script'))
}

test('a table that was measured elsewhere is shown without what is not known of it', () => {
  const text = scaleText([SCALING], (_, plain) => plain)
  expect(text).toContain('mine.csv, measured elsewhere, 3 repetitions\nworkers  requests/s  95 % interval  × one')
  expect(text).toContain('300/s needs 5 workers at a load of at most 0.8 by the lower bound')
  const all = [text, renderCapacityMarkdown(FINDINGS), pageOf(FINDINGS)]
  for (const each of all) expect(each).not.toMatch(/Limited by|NaN|undefined|A processor/)
  expect(all[2]).toContain('measured elsewhere, read from mine.csv')
})

test('concurrency is called that, in words, columns and axes', () => {
  const scaling = outsideScaling({ name: 'app', points: POINTS }, 'concurrency', 'mine.csv')
  const findings = { ...FINDINGS, scale: { seed: null, readFrom: 'mine.csv', models: [scaling] } }
  for (const text of [scaleText([scaling], (_, plain) => plain), renderCapacityMarkdown(findings), pageOf(findings)]) {
    expect(text).toContain('concurrency')
    expect(text).not.toMatch(/\bworkers\b/)
  }
})
