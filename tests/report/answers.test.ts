import { expect, test } from 'vitest'
import { analyse } from '../../analysis/comparison/comparison.ts'
import type { Result } from '../../core/records.ts'
import { answerLines, answerRows } from '../../report/answers.ts'
import { workloadFigures } from '../../report/figures.ts'
import { renderHtml } from '../../report/html/report.ts'
import { renderMarkdown } from '../../report/markdown.ts'
import { renderText } from '../../report/text.ts'
import { madeUpRun } from '../analysis/made-up-run.ts'

const behind = madeUpRun({ models: ['single', 'front'], workloads: ['site'], blocks: 6 }, () => ({
  throughput: 9,
  workerRequests: { 'worker-1': 20, 'worker-2': 5 },
}))
const run = {
  ...behind,
  trials: behind.trials.map((trial) =>
    trial.model === 'front' ? { ...trial, saturation: { ...trial.saturation, proxyRequests: { nginx: 75 } } } : trial,
  ),
}
const resultOf = ({ manifest, pilot, trials, blocks, histograms }: typeof behind): Result =>
  analyse(manifest, pilot, trials, blocks, histograms, null)
const result = resultOf(run)

test('what a proxy and its workers counted is summed over the trials, and of models without a proxy nothing is said', () => {
  expect(result.cells.map(({ answeredBy }) => answeredBy)).toEqual([
    undefined,
    { proxies: { nginx: 450 }, workers: 150 },
  ])
  expect(answerRows(workloadFigures(result))).toEqual([
    { workload: 'site', model: 'front', who: 'nginx itself', requests: '450', share: '75.0 %' },
    { workload: 'site', model: 'front', who: 'the workers', requests: '150', share: '25.0 %' },
  ])
})

test('every report has the table, where a proxy can answer', () => {
  const plain = { columns: 100, style: (_: string, text: string) => text }
  const text = renderText(result, plain)
  expect(text).toMatch(/Who answered what\n.*\nsite +front +nginx itself +450 +75\.0 %\nsite +front +the workers +150/)
  expect(renderMarkdown(result, run.manifest)).toContain('| site | front | nginx itself | 450 | 75.0 % |')
  const html = renderHtml(result, { ...run, dir: '/nowhere' } as never)
  expect(html).toContain('id="answers"')
  expect(html).toMatch(/nginx itself<\/td><td>450<\/td><td>75\.0\u00A0%/)
  expect(renderText(resultOf(behind), plain)).not.toContain('Who answered what')
})

test('a narrow terminal has it as a list', () => {
  const lines = answerLines(workloadFigures(result), 20).map((line) => line.map(({ text }) => text).join(''))
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(20)
  expect(lines.join('\n')).toContain('75.0 %')
})
