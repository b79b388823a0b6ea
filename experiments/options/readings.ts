import { type Assertion, parseAssertions } from '../../analysis/comparison/assertion.ts'
import { type Growth, parseGrowth, parsePrice, type Price } from '../../analysis/capacity/planning/plan-request.ts'
import { parseSlo, type Slo } from '../../analysis/capacity/objective/slo.ts'
import { ForkwiseError } from '../../core/errors.ts'
import { parseCount, parseDurationS, parseRatePerS } from '../../core/quantities.ts'
import { quoted } from '../../core/quotes.ts'

/** What the values of options are read as, by the name of the reading. */
export interface Readings {
  /** Seconds. */
  readonly duration: number
  /** Requests per second. */
  readonly rate: number
  /** A share of one. */
  readonly share: number
  readonly switch: boolean
  /** Whole numbers, ascending, without repetitions. */
  readonly counts: readonly number[]
  readonly slo: Slo
  readonly growth: Growth
  readonly price: Price
  readonly assertions: readonly Assertion[]
}

/** Name of a reading. */
export type ReadingName = keyof Readings

/** Most workers that one server is started with. */
export const MAX_WORKERS = 128

/** Largest share that can be asked for: eleven times the rate. */
const MAX_SHARE = 10

type Reading<T> = (value: unknown, name: string) => T

/** How each kind of value is read, once it fits its schema; throws a usage error that names the option. */
export const READINGS: { readonly [K in ReadingName]: Reading<Readings[K]> } = {
  duration: (value, name) => (typeof value === 'number' ? value : parseDurationS(String(value), name)),
  rate: (value, name) => (typeof value === 'number' ? value : parseRatePerS(String(value), name)),
  share: (value, name) => (typeof value === 'number' ? value : parseShare(String(value), name)),
  switch: (value) => value === true || value === 'on',
  counts: (value, name) => (Array.isArray(value) ? ascending(value as number[]) : parseCounts(String(value), name)),
  growth: (value, name) => parseGrowth(String(value), name),
  price: (value, name) => parsePrice(String(value), name),
  slo: (value, name) => parseSlo(String(value), name),
  assertions: (value, name) => parseAssertions(value as readonly string[], name),
}

/** A share written like `20%`; throws a usage error that names the option. */
function parseShare(text: string, name: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim())
  const share = match === null ? Number.NaN : Number(match[1]) / 100
  if (share <= MAX_SHARE) return share
  throw new ForkwiseError('USAGE', {
    message: `Expected \`${name}\` to be a percentage, got ${quoted(text)}.`,
    hint: 'Write it like 20%.',
  })
}

/** Whole numbers written like `1..8`, `1,2,4` or `4`; throws a usage error that names the option. */
function parseCounts(text: string, name: string): number[] {
  return ascending(
    text.split(',').flatMap((part) => {
      const [first = '', last, ...more] = part.split('..')
      const low = parseCount(first, name, 1, MAX_WORKERS)
      const high = last === undefined ? low : parseCount(last, name, 1, MAX_WORKERS)
      if (high >= low && more.length === 0) return Array.from({ length: high - low + 1 }, (_, i) => low + i)
      throw new ForkwiseError('USAGE', {
        message: `Expected \`${name}\` to be worker counts from the lowest to the highest, got ${quoted(part)}.`,
        hint: 'Write them like 1..8 or 1,2,4.',
      })
    }),
  )
}

function ascending(counts: readonly number[]): number[] {
  return [...new Set(counts)].sort((a, b) => a - b)
}
