import { describe, expect, test } from 'vitest'
import { analyseResilience } from '../../../analysis/resilience/resilience.ts'
import { renderResilienceHtml } from '../../../report/html/resilience-page.ts'
import { renderResilienceMarkdown } from '../../../report/resilience/markdown.ts'
import { renderResilienceText } from '../../../report/resilience/text.ts'
import { ledger, manifestOf, RATES, faultedCell } from '../../analysis/synthetic-resilience.ts'

const manifest = manifestOf()
const cells = [
  faultedCell({ faulted: ledger({ timeouts: 1, connectionErrors: 2 }) }),
  faultedCell({ repeat: 2, faulted: ledger({ timeouts: 1 }) }),
]
const result = analyseResilience(manifest, RATES, cells)
const plain = (_: string, text: string): string => text

describe('the text', () => {
  test('has a table with the counts of each launch, and a reason wherever there are none', () => {
    const text = renderResilienceText(result, { columns: 110, style: plain })
    expect(text).toMatch(/cluster +300 +2, 0 +0 +1 +0 +300 ms +0\.4 s/)
    expect(text).toContain('single: not offered: nobody is there to replace its workers.')
    expect(text).toContain('reuse-port: failed with: did not start.')
    expect(text).toContain('single: not reached: the run ended before.')
    expect(text).toContain('watt: It needs Node 22.19. Name a newer one.')
  })

  test.each([60, 80, 140])('fits into %i columns', (columns) => {
    const lines = renderResilienceText(result, { columns, style: plain, folder: '/tmp/run' }).split('\n')
    expect(lines.filter((line) => line.length > columns)).toEqual([])
  })
})

test('Markdown and page have the same counts and reasons', () => {
  for (const report of [renderResilienceMarkdown(result, manifest), renderResilienceHtml(result, manifest, cells)]) {
    expect(report).toContain('2, 0')
    expect(report).toContain('not offered: nobody is there to replace its workers')
    expect(report).toContain('npx forkwise resilience --seed 1')
  }
})

test('the page has a curve of the memory where it was looked at', () => {
  const MIB = 2 ** 20
  const leaking = cells.map((cell) => ({
    ...cell,
    memory: [-1, 0, 1, 2].map((atS) => ({ atS: atS + 0.1, rssBytes: (100 + 20 * atS) * MIB })),
  }))
  const page = renderResilienceHtml(result, manifest, leaking)
  expect(page).toContain('id="memory-kill"')
  expect(page).toContain('140\u00A0MiB')
  expect(renderResilienceHtml(result, manifest, cells)).not.toContain('id="memory-kill"')
})
