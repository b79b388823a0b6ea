import { handler } from '../../server/handlers/cpu-prime.ts'
import { runToEnd } from '../../server/slices.ts'

/** The twenty numbers of the chapter: primes, squares of primes, and numbers with a small divisor. */
export const CHAPTER_NUMBERS: readonly string[] = [
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

/**
 * Numbers of the same kinds, each of which takes `times` times less work to test: a prime becomes the largest prime of
 * 1/times² its size, the square of a prime the square of a prime of 1/times its size; one with a small divisor stays.
 */
export function easierNumbers(times: number): readonly string[] {
  const known = found.get(times)
  if (known !== undefined) return known
  const numbers = findEasier(times)
  found.set(times, numbers)
  return numbers
}

/** By how many times less work; the search takes some tenths of a second. */
const found = new Map<number, readonly string[]>()

function findEasier(times: number): string[] {
  return CHAPTER_NUMBERS.map((digits) => {
    const root = rootOf(BigInt(digits))
    if (root * root === BigInt(digits)) return String(BigInt(primeUpTo(Math.floor(Number(root) / times))) ** 2n)
    const size = Math.floor(Number(digits) / times ** 2)
    return size > 3 && hasNoSmallDivisor(BigInt(digits)) ? String(primeUpTo(size)) : digits
  })
}

function primeUpTo(size: number): number {
  let candidate = size
  while (candidate > 2 && !isPrime(String(candidate))) candidate -= 1
  return candidate
}

function isPrime(n: string): boolean {
  return (runToEnd(handler.run({ n }, NO_CONTEXT)) as { prime: boolean }).prime
}

/** Of the chapter's numbers, those are prime that no small number divides. */
function hasNoSmallDivisor(n: bigint): boolean {
  return [2n, 3n, 5n, 7n].every((divisor) => n % divisor !== 0n)
}

/** Testing a number uses nothing of its surroundings. */
const NO_CONTEXT = undefined as never

function rootOf(n: bigint): bigint {
  return BigInt(Math.round(Math.sqrt(Number(n))))
}
