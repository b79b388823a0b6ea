import { type Estimate, UNBOUNDED } from './records.ts'

/** The bounds of an estimate; null on a side where nothing bounds it. */
export type Bounds = readonly [low: number | null, high: number | null]

/** A bound that differs from the estimate by this factor bounds nothing that anyone would use. */
const FAR = 1000

/**
 * What is known of an estimate's bounds. A high bound that is {@link UNBOUNDED} or more than 1,000 times the estimate is
 * none; a low bound beside it is one only if it is more than a 1,000th of the estimate.
 */
export function boundsOf({ estimate, low, high }: Estimate): Bounds {
  const size = Math.abs(estimate)
  const far = size > 0 ? size * FAR : UNBOUNDED
  const bounded = high < UNBOUNDED && high <= far
  if (bounded) return [low > -UNBOUNDED && low >= -far ? low : null, high]
  const near = size < UNBOUNDED ? size / FAR : 0
  return [low > -UNBOUNDED && low > near ? low : null, null]
}

/**
 * A result as JSON text: bounds that nothing bounds, and numbers that only stand for "without end", are null, so that
 * no reader takes them for figures. `indent`: spaces per level, none for one line.
 */
export function resultJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, each: unknown) => (isEstimate(each) ? withoutEnds(each) : finite(each)), indent)
}

/** A value that was read from a text of {@link resultJson}, with its bounds that are null as ±{@link UNBOUNDED}. */
export function boundsRestored(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(boundsRestored)
  const restored = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, boundsRestored(each)]))
  const { estimate = null, low, high } = restored
  const isEstimate = 'estimate' in restored && 'low' in restored && 'high' in restored
  if (!isEstimate || (low !== null && high !== null)) return restored
  return { ...restored, estimate: estimate ?? UNBOUNDED, low: low ?? -UNBOUNDED, high: high ?? UNBOUNDED }
}

function withoutEnds(value: Estimate): object {
  const [low, high] = boundsOf(value)
  return Object.assign({}, value, { low, high })
}

function finite(value: unknown): unknown {
  return typeof value === 'number' && Math.abs(value) >= UNBOUNDED ? null : value
}

function isEstimate(value: unknown): value is Estimate {
  if (typeof value !== 'object' || value === null) return false
  const { estimate, low, high } = value as Partial<Estimate>
  return typeof estimate === 'number' && typeof low === 'number' && typeof high === 'number'
}
