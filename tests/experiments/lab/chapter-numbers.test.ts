import { expect, test } from 'vitest'
import { CHAPTER_NUMBERS, easierNumbers } from '../../../experiments/lab/chapter-numbers.ts'
import { handler } from '../../../server/handlers/cpu-prime.ts'
import { runToEnd } from '../../../server/slices.ts'

test('easier numbers are of the same kinds: prime, square of a prime, or with a small divisor', () => {
  const isPrime = (n: bigint): boolean =>
    (runToEnd(handler.run({ n: String(n) }, undefined as never)) as { prime: boolean }).prime
  const kindOf = (digits: string): string => {
    const n = BigInt(digits)
    const root = BigInt(Math.round(Math.sqrt(Number(n))))
    if (root * root === n && isPrime(root)) return 'square'
    return isPrime(n) ? 'prime' : 'other'
  }
  const kinds = easierNumbers(200).map(kindOf)
  expect(kinds.filter((kind) => kind === 'square')).toHaveLength(5)
  expect(kinds.filter((kind) => kind === 'prime')).toHaveLength(9)
  expect(kinds[0]).toBe('prime')
  const unchanged = easierNumbers(200).filter((digits, index) => digits === CHAPTER_NUMBERS[index])
  expect(unchanged).toHaveLength(7)
})
