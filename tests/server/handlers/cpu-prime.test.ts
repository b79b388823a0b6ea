import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { handler, type PrimeAnswer } from '../../../server/handlers/cpu-prime.ts'
import { isSliced, runToEnd, type Work } from '../../../server/slices.ts'
import { isPrimeByMillerRabin } from '../miller-rabin.ts'
import { idleContext } from '../idle-context.ts'

const CHAPTER = [
  '2',
  '142702110479723',
  '299593572317531',
  '3333333333333301',
  '3333333333333333',
  '3333335652092209',
  '4444444444444423',
  '4444444444444444',
  '4444444488888889',
  '5555553133149889',
  '5555555555555503',
  '5555555555555555',
  '6666666666666666',
  '6666666666666719',
  '6666667141414921',
  '7777777536340681',
  '7777777777777753',
  '7777777777777777',
  '9999999999999917',
  '9999999999999999',
]

function run(n: string): Work<PrimeAnswer> {
  return handler.run(handler.parse(new URLSearchParams({ n })), idleContext())
}

test.each(CHAPTER)('the chapter’s %s is answered correctly', (n) => {
  expect(runToEnd(run(n))).toEqual({ n, prime: isPrimeByMillerRabin(BigInt(n)) })
})

test('the chapter’s twenty numbers hold nine primes, the largest of them beyond 2^53', () => {
  const primes = CHAPTER.filter((n) => isPrimeByMillerRabin(BigInt(n)))
  expect(primes).toHaveLength(9)
  expect(primes.at(-1)).toBe('9999999999999917')
})

test('every number to 3,000 is answered correctly', () => {
  for (let n = 0n; n <= 3000n; n++) {
    expect(runToEnd(run(String(n)))).toEqual({ n: String(n), prime: isPrimeByMillerRabin(n) })
  }
})

test('any number is answered correctly', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), (n) => {
      expect(runToEnd(run(String(n)))).toEqual({ n: String(n), prime: isPrimeByMillerRabin(n) })
    }),
    { numRuns: 300 },
  )
})

test('any number with a factor below 10,000 is answered correctly, on both sides of 2^53', () => {
  const factor = fc.bigInt({ min: 2n, max: 9999n })
  const composite = factor.chain((f) => fc.bigInt({ min: 2n, max: (10n ** 16n - 1n) / f }).map((g) => f * g))
  fc.assert(
    fc.property(composite, (n) => {
      expect(runToEnd(run(String(n)))).toEqual({ n: String(n), prime: false })
    }),
    { numRuns: 300 },
  )
})

test('the work comes in slices', () => {
  const work = run('142702110479723')
  if (!isSliced(work)) throw new Error('Expected a generator.')
  let slices = 1
  while (work.next().done !== true) slices++
  expect(slices).toBeGreaterThan(500)
})
