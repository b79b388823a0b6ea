import { describe, expect, test } from 'vitest'
import type { ModelCapacity } from '../../../analysis/capacity/objective/capacity-result.ts'
import type { ModelScaling, ScalePoint } from '../../../analysis/capacity/scaling/scaling.ts'
import { UNBOUNDED } from '../../../core/records.ts'
import { lawText, leastText, upperText } from '../../../report/capacity/sentences.ts'
import { knownFindings } from './findings.ts'

function scaledTo(...throughputs: [estimate: number, low: number, high: number][]): ScalePoint[] {
  return throughputs.map(
    ([estimate, low, high], index) =>
      ({ workers: index + 1, throughputPerS: { estimate, low, high } }) as unknown as ScalePoint,
  )
}

describe('how many workers suffice', () => {
  test.each<[string, Pick<ModelScaling, 'least' | 'best' | 'points'>, RegExp]>([
    [
      'is plain where the intervals leave no doubt',
      { least: 2, best: 3, points: scaledTo([100, 98, 102], [198, 196, 200], [200, 198, 202]) },
      /^2 workers are the fewest within 5 % of the best \(3\)$/,
    ],
    [
      'is uncertain where the best has no interval',
      { least: 2, best: 3, points: scaledTo([100, 98, 102], [245, 240, 250], [250, -UNBOUNDED, UNBOUNDED]) },
      /not certain: of 3 too few blocks/,
    ],
    [
      'is uncertain where fewer may do as well',
      { least: 3, best: 4, points: scaledTo([100, 98, 102], [235, 180, 300], [245, 243, 247], [250, 248, 252]) },
      /by the intervals 2 may do as well/,
    ],
    [
      'is uncertain where the interval reaches far down',
      { least: 2, best: 3, points: scaledTo([100, 98, 102], [245, 174, 346], [255, 250, 260]) },
      /their interval reaches well below that/,
    ],
    ['of one count says nothing of doubt', { least: 1, best: 1, points: scaledTo([100, 90, 110]) }, /^one worker is/],
  ])('%s', (_sentence, scaling, expected) => expect(leastText(scaling)).toMatch(expected))
})

test('a coefficient at its limit has no interval, and counts beyond the cores are named', () => {
  const [model] = knownFindings().scale?.models ?? []
  if (model?.usl === null || model === undefined) throw new Error('Expected a fitted law.')
  const zero = { estimate: 0, low: 0, high: 0 }
  const limited = {
    ...model,
    cores: 2,
    points: model.points.map((point) => ({ ...point, limit: 'machine' })),
    usl: { ...model.usl, curve: { ...model.usl.curve, sigma: 0 }, sigma: zero },
  } as ModelScaling
  expect(lawText(limited)).toContain('contention σ 0 % (at its limit in every block, so without an interval)')
  expect(lawText(limited)).toContain('more workers than the 2 cores')
})

describe('higher rates', () => {
  const row = (ratePerS: number, met: boolean): ModelCapacity['rates'][number] =>
    ({ ratePerS, met, missed: [] }) as never
  const capacity = (rates: ModelCapacity['rates'], steps: ModelCapacity['search']['steps'] = []): ModelCapacity =>
    ({ rates, search: { passedPerS: 100, failedPerS: null, steps } }) as never

  test('that were measured and missed the objective are not passed over in silence', () => {
    const rates = [row(80, true), row(120, false), row(150, false), row(180, false)]
    expect(upperText(capacity(rates))).toBe(
      'of higher rates 120/s and 2 more above it missed it, but no search has confirmed one',
    )
  })

  test('that were not tried are said not to be', () => {
    expect(upperText(capacity([row(80, true)]))).toBe('nothing higher was tried')
    expect(upperText(capacity([row(120, true)]))).toBe('no higher rate was confirmed to miss it')
  })
})
