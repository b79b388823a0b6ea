import type { Handler } from '../handler.ts'
import { readWholeNumbers } from '../parameters.ts'

/** Divisors tried between two yields: about 0.2 ms of work, so that a slice of some ms can end in time. */
const DIVISORS_PER_STEP = 10_000

/** Numbers above 2^53 are split at this power of two: with divisors below 10^8 no intermediate result leaves 2^53. */
const SPLIT_BITS = 26

const PARAMETERS = {
  n: { name: 'n', meaning: 'number to test', fallback: '142702110479723', min: '0', max: '9999999999999999' },
} as const

/** Input of `cpu-prime`: the number in decimal digits, since it may be beyond 2^53. */
export interface PrimeInput {
  readonly n: string
}

/** Answer of `cpu-prime`. */
export interface PrimeAnswer {
  readonly n: string
  readonly prime: boolean
}

/** Trial division by every odd number up to the square root, exact up to 9,999,999,999,999,999. */
export const handler: Handler<PrimeInput, PrimeAnswer> = {
  id: 'cpu-prime',
  path: '/cpu/prime',
  kind: 'cpu',
  summary: 'Tests a number for primality by trial division: pure computing on the thread that runs it.',
  parameters: Object.values(PARAMETERS),
  parse: (query) => readWholeNumbers(query, PARAMETERS),
  run: ({ n }) => isPrime(n),
}

/** The `is_prime` of the texts, for a number in decimal digits; yields between steps of its work. */
function* isPrime(digits: string): Generator<void, PrimeAnswer> {
  const n = Number(digits)
  if (n > Number.MAX_SAFE_INTEGER) return { n: digits, prime: yield* isLargePrime(BigInt(digits)) }
  if (n < 4) return { n: digits, prime: n > 1 }
  if (n % 2 === 0) return { n: digits, prime: false }
  const root = Math.floor(Math.sqrt(n))
  for (let first = 3; first <= root; first += 2 * DIVISORS_PER_STEP) {
    if (firstDivisor(n, first, lastOfStep(first, root)) > 0) return { n: digits, prime: false }
    yield
  }
  return { n: digits, prime: true }
}

/** The same for numbers that a double cannot hold. */
function* isLargePrime(n: bigint): Generator<void, boolean> {
  if (n % 2n === 0n) return false
  // The root of the nearest double may be one too small.
  const root = Math.floor(Math.sqrt(Number(n))) + 1
  const high = Number(n >> BigInt(SPLIT_BITS))
  const low = Number(BigInt.asUintN(SPLIT_BITS, n))
  for (let first = 3; first <= root; first += 2 * DIVISORS_PER_STEP) {
    if (firstDivisorOfSplit(high, low, first, lastOfStep(first, root)) > 0) return false
    yield
  }
  return true
}

function lastOfStep(first: number, root: number): number {
  return Math.min(root, first + 2 * (DIVISORS_PER_STEP - 1))
}

/** The first of `first`, `first` + 2 … `last` that divides `n`, or 0. `n` is at most 2^53. */
function firstDivisor(n: number, first: number, last: number): number {
  for (let divisor = first; divisor <= last; divisor += 2) if (n % divisor === 0) return divisor
  return 0
}

/** The same for `high` · 2^26 + `low`: the remainder of `high` moves down, as in long division. */
function firstDivisorOfSplit(high: number, low: number, first: number, last: number): number {
  for (let divisor = first; divisor <= last; divisor += 2) {
    if (((high % divisor) * 2 ** SPLIT_BITS + low) % divisor === 0) return divisor
  }
  return 0
}
