import { expect, test } from 'vitest'
import { UNBOUNDED } from '../../core/records.ts'
import type { TimelineVerdict } from '../../core/timeline.ts'
import { verdictsNote, verdictTexts } from '../../report/verdict-texts.ts'

const VERDICT: TimelineVerdict = {
  workload: 'cpu',
  metric: 'throughput',
  baseline: 'single',
  candidate: 'cluster',
  ratio: { estimate: 1.86, low: 1.8, high: 1.92 },
  call: 'better',
  blocks: 9,
}

test('a verdict is provisional until it is final, and says so', () => {
  expect(verdictTexts(VERDICT, true)).toEqual({
    subject: 'cpu: throughput, cluster ÷ single',
    ratio: '1.86× (1.80–1.92), 9 blocks',
    call: 'better',
  })
  expect(verdictTexts(VERDICT, false).call).toBe('better, provisional')
  expect(verdictsNote(false)).toContain('the run decides at its end')
  expect(verdictsNote(true)).not.toContain('rovisional')
})

test('where every block was dropped the verdict is withheld, from no block', () => {
  expect(verdictTexts({ ...VERDICT, call: 'inconclusive', withheld: true, blocks: 0 }, true)).toMatchObject({
    ratio: '1.86× (1.80–1.92), no block kept',
    call: 'withheld',
  })
})

test('an interval without an end has none', () => {
  const ratio = { estimate: 1.86, low: -UNBOUNDED, high: UNBOUNDED }
  expect(verdictTexts({ ...VERDICT, ratio, blocks: 1 }, false).ratio).toBe('1.86× (–), 1 block')
})
