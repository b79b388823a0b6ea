import { expect, test } from 'vitest'
import { UNBOUNDED } from '../../core/records.ts'
import {
  bytesFigure,
  figureOf,
  figureText,
  imbalance,
  ratioFigure,
  shareFigure,
  workloadFigures,
} from '../../report/figures.ts'
import { goldenRun } from './golden.ts'

test.each([
  ['three significant digits', figureOf(4.2133, ' ms'), '4.21 ms'],
  ['zeros at the end count', figureOf(4.2, ' ms'), '4.20 ms'],
  ['whole numbers from a thousand on', figureOf(12_345.6, '/s'), '12,346/s'],
  ['small ones keep their digits', figureOf(0.001234, ' s'), '0.00123 s'],
  [
    'bounds have the decimals of the estimate',
    figureOf({ estimate: 4.2133, low: 4, high: 14.5 }, ' ms'),
    '4.21 ms (4.00–14.50)',
  ],
  ['nothing', figureOf(0, '/s'), '0/s'],
  ['no bound at all', figureOf({ estimate: 5, low: -UNBOUNDED, high: UNBOUNDED }, '/s'), '5.00/s (–)'],
  ['a bound so far away that it bounds nothing', ratioFigure({ estimate: 0.89, low: 0, high: 1.63e34 }), '0.89× (–)'],
  ['no upper bound', figureOf({ estimate: 5, low: 4, high: UNBOUNDED }, '/s'), '5.00/s (≥ 4.00)'],
  ['ratios have two decimals', ratioFigure({ estimate: 1.8, low: 1.777, high: 1.85 }), '1.80× (1.78–1.85)'],
  ['… more when they are small', ratioFigure(0.0123), '0.012×'],
  ['shares', shareFigure(0.5049), '50.5 %'],
  ['bytes', bytesFigure(73.14 * 2 ** 20), '73.1 MiB'],
])('%s', (_, figure, text) => {
  expect(figureText(figure)).toBe(text)
})

test('the baseline comes first, whatever the order of the plan', () => {
  const { result } = goldenRun('full')
  const [cpu] = workloadFigures({ ...result, baseline: 'pm2-fork' })
  expect(cpu?.cells.map(({ cell }) => cell.model)).toEqual(['pm2-fork', 'single', 'cluster', 'worker-pool'])
})

test.each([
  [[0.5, 0.5], 0],
  [[0.75, 0.25], 0.5],
  [[1], null],
  [[], null],
])('imbalance of %j', (shares, expected) => {
  expect(imbalance(shares)).toBe(expected)
})
