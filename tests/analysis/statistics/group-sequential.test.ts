import { describe, expect, test } from 'vitest'
import { nominalTail, spentShare } from '../../../analysis/statistics/group-sequential.ts'
import { normalQuantile } from '../../../analysis/statistics/normal.ts'
import { seededRandom, standardNormal } from '../../../core/random.ts'

const LOOKS = { from: 5, planned: 8 } as const

function early(tail: number, blocks: number): number {
  return nominalTail(tail, { ...LOOKS, blocks, isLast: false })
}

function last(tail: number, blocks: number): number {
  return nominalTail(tail, { ...LOOKS, blocks, isLast: true })
}

test('the share of an error rate that is spent grows from nothing before the first look to all at the planned end', () => {
  const shares = Array.from({ length: 10 }, (_, blocks) => spentShare(LOOKS, blocks))
  expect(shares.slice(0, 5)).toEqual([0, 0, 0, 0, 0])
  expect(shares.slice(8)).toEqual([1, 1])
  expect(shares.toSorted((a, b) => a - b)).toEqual(shares)
})

describe('the rate of one look', () => {
  test('is all of it where there is one look', () => {
    expect(nominalTail(0.025, { from: 8, planned: 8, blocks: 8, isLast: true })).toBeCloseTo(0.025, 10)
    expect(last(0.025, 5)).toBeCloseTo(0.025, 10)
  })

  test('is at the first look what is spent there, and at each at least what is added and less than the whole', () => {
    expect(early(0.025, 5)).toBeCloseTo(0.025 * spentShare(LOOKS, 5), 8)
    for (const blocks of [6, 7]) {
      const added = spentShare(LOOKS, blocks) - spentShare(LOOKS, blocks - 1)
      expect(early(0.025, blocks)).toBeGreaterThan(0.025 * added)
      expect(early(0.025, blocks)).toBeLessThan(0.025)
    }
    for (const blocks of [7, 8, 12]) {
      expect(last(0.025, blocks)).toBeGreaterThan(0.025 * (1 - spentShare(LOOKS, 7)))
      expect(last(0.025, blocks)).toBeLessThan(0.025)
    }
  })

  test('before the first look is that of the first, and of one that is not the last never that of the last', () => {
    expect(early(0.025, 3)).toBe(early(0.025, 5))
    expect(early(0.025, 9)).toBe(early(0.025, 7))
  })

  test('is small for few blocks of a long plan and still a number', () => {
    const tail = nominalTail(0.0028, { from: 5, planned: 200, blocks: 5, isLast: false })
    expect(tail).toBeGreaterThan(0)
    expect(tail).toBeLessThan(1e-6)
  })
})

test.each([8, 12])(
  'sums of normal variates cross the bounds as often as was to be spent, the last look after %d',
  (most) => {
    const tail = 0.05
    const random = seededRandom(71)
    const paths = 40_000
    const looks = [5, 6, 7, most]
    const bounds = new Map(
      looks.map((blocks) => {
        const rate = blocks === most ? last(tail, blocks) : early(tail, blocks)
        return [blocks, -normalQuantile(rate) * Math.sqrt(blocks)]
      }),
    )
    const crossedAt = new Map<number, number>()
    for (let path = 0; path < paths; path++) {
      let sum = 0
      for (let blocks = 1; blocks <= most; blocks++) {
        sum += standardNormal(random)
        if (sum <= (bounds.get(blocks) ?? Infinity)) continue
        crossedAt.set(blocks, (crossedAt.get(blocks) ?? 0) + 1)
        break
      }
    }
    let crossed = 0
    for (const blocks of looks) {
      crossed += crossedAt.get(blocks) ?? 0
      const expected = tail * (blocks === most ? 1 : spentShare(LOOKS, blocks))
      const error = Math.sqrt((expected * (1 - expected)) / paths)
      expect(Math.abs(crossed / paths - expected)).toBeLessThan(4 * error)
    }
  },
)
