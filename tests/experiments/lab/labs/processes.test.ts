import { expect, test } from 'vitest'
import { lab } from '../../../../experiments/lab/labs/processes.ts'
import { type MadeUpCase, madeUpEvidence, outcomesOf } from '../made-up-evidence.ts'

const AS_THE_TEXT_SAYS = processes({ 1: 1000, 2: 560, 4: 600, 8: 650, 20: 800 })

test('as the text says', () => {
  expect(outcomesOf(lab, AS_THE_TEXT_SAYS)).toEqual({
    'as-many-as-cores': 'confirmed',
    'more-is-not-faster': 'confirmed',
  })
})

test('a machine on which more is faster, and one on which two are slower, are reported as such', () => {
  expect(outcomesOf(lab, processes({ 1: 1000, 2: 560, 20: 200 }))['more-is-not-faster']).toBe('does not hold here')
  expect(outcomesOf(lab, processes({ 1: 1000, 2: 1400, 20: 2000 }))['as-many-as-cores']).toBe('does not hold here')
})

test('the least time decides which count is best', () => {
  expect(lab.outcomes(madeUpEvidence(lab, AS_THE_TEXT_SAYS))).toEqual({ best: 2, most: 80 })
})

test('the curve of the author lies behind the measured one, from 100 % down to 25 % at six processes', () => {
  const [picture] = lab.pictures(madeUpEvidence(lab, AS_THE_TEXT_SAYS))
  const series = picture?.kind === 'curve' ? picture.series : []
  expect(series.map(({ style }) => style)).toEqual(['reference', 'measured', 'measured', 'fitted'])
  const points = series[0]?.points.map(({ x, y }) => [x, Math.round(y)])
  expect(points).toEqual([
    [1, 100],
    [2, 56],
    [4, 32],
    [6, 25],
    [8, 28],
    [10, 30],
    [20, 26],
  ])
})

function processes(times: Readonly<Record<number, number>>): Record<string, MadeUpCase> {
  return Object.fromEntries(
    Object.entries(times).map(([count, ms]) => [
      `processes-${count}`,
      { figures: { tookMs: [ms, ms * 1.02, ms * 0.98] } },
    ]),
  )
}
