import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../core/random.ts'
import { dealRequests, deckCounts } from '../../../loadtest/drivers/mix.ts'

describe('deck', () => {
  test.each([
    { what: 'one request', weights: [5], counts: [1] },
    { what: 'nine to one', weights: [90, 10], counts: [9, 1] },
    { what: 'weights without a common measure, to a hundredth', weights: [Math.PI, Math.E], counts: [54, 46] },
    { what: 'a rare request has a card all the same', weights: [1, 1e6], counts: [1, 99] },
    { what: 'a weight of 0 has none', weights: [1, 0, 1], counts: [1, 0, 1] },
  ])('$what', ({ weights, counts }) => {
    expect(deckCounts(weights)).toEqual(counts)
  })

  test.each([{ weights: [] }, { weights: [0, 0] }, { weights: [1, -1] }, { weights: [Number.NaN] }])(
    'weights $weights are refused',
    ({ weights }) => {
      expect(() => deckCounts(weights)).toThrow(/Expected weights/)
    },
  )
})

describe('dealing', () => {
  const mix = [{ weight: 9 }, { weight: 1 }]
  const deal = (seed: number, count: number): number[] => {
    const next = dealRequests(mix, seededRandom(seed))
    return Array.from({ length: count }, next)
  }

  test('every deck holds the mix exactly', () => {
    const dealt = deal(1, 1009)
    const begun = dealt.length % 10
    for (let start = begun; start < dealt.length; start += 10) {
      expect(dealt.slice(start, start + 10).filter((index) => index === 1).length).toBeLessThanOrEqual(2)
    }
    expect(Math.abs(dealt.filter((index) => index === 1).length - 101)).toBeLessThanOrEqual(1)
  })

  test('requests of a group take turns in its place, a thousand of them too', () => {
    const grouped = [...Array.from({ length: 1000 }, () => ({ weight: 0.001, group: 'rows' })), { weight: 1 }]
    const next = dealRequests(grouped, seededRandom(3))
    const dealt = Array.from({ length: 2000 }, next)
    expect(dealt.filter((index) => index === 1000)).toHaveLength(1000)
    expect(new Set(dealt).size).toBe(1001)
  })

  test('the same seed deals the same, another seed something else', () => {
    expect(deal(7, 200)).toEqual(deal(7, 200))
    expect(deal(7, 200)).not.toEqual(deal(8, 200))
  })

  test('the rare request comes at every place of the deck', () => {
    const places = new Set(Array.from({ length: 100 }, (_, seed) => deal(seed, 10).indexOf(1)))
    expect(places.size).toBeGreaterThanOrEqual(9)
  })
})
