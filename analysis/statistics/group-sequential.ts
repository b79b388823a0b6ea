import type { Looks } from '../../core/records.ts'
import { normalCdf, normalQuantile } from './normal.ts'

/** The higher, the less is spent on early looks: 3 is about as O'Brien and Fleming's rule, 1 about as Pocock's. */
const POWER = 5

/**
 * Share of an error rate that is spent by a look after so many blocks that is not the last one: (blocks / planned)^{@link POWER}, the power
 * family of Kim & DeMets (Biometrika 74, 1987).
 */
export function spentShare({ from, planned }: Looks, blocks: number): number {
  return blocks < from ? 0 : Math.min(1, (blocks / planned) ** POWER)
}

/** One look at a comparison. */
export interface Look extends Looks {
  /** Blocks that the comparison has. */
  readonly blocks: number
  /** Whether no other look can follow, however it comes out. */
  readonly isLast: boolean
}

/**
 * The one-sided error rate at which a comparison is judged at one look, so that over all looks together it errs with a
 * probability of `tail` (Lan & DeMets, Biometrika 70, 1983). The last look, after as many blocks as there happen to be, has all
 * that those before it left; it must be the last for a reason that is none of its results, such as the time. Its own level at every
 * look makes an interval a repeated confidence interval (Jennison & Turnbull, JRSS B 51, 1989): all of them together hold
 * the truth with that probability.
 *
 * The bounds of sums of normal variates come from the recursion of Armitage, McPherson & Rowe (JRSS A 132, 1969); their
 * levels are then used with the t distribution ("significance level approach": Jennison & Turnbull, Group Sequential
 * Methods, 2000, 4.4), which the simulated proofs bear out. Before the first look its level is given.
 */
export function nominalTail(tail: number, look: Look): number {
  const { from, planned, isLast } = look
  const blocks = isLast ? look.blocks : Math.min(Math.max(look.blocks, from), planned - 1)
  const key = JSON.stringify([tail, from, planned, blocks, isLast])
  const found = known.get(key) ?? computeTail(tail, look, blocks)
  if (known.size > 1000) known.clear()
  known.set(key, found)
  return found
}

const known: Map<string, number> = new Map()

/** A density of the sum of the blocks so far, of those paths that have crossed no boundary: nodes with their masses. */
interface Paths {
  readonly sums: Float64Array
  readonly masses: Float64Array
}

/** Beyond so many standard deviations a normal density is nothing. */
const FAR = 8
/** Greatest distance of the nodes of Simpson's rule, in standard deviations of one block. */
const STEP = 0.2

/** The level of a look after `blocks` blocks: with bounds for all looks before it. */
function computeTail(tail: number, { from, planned, isLast }: Look, blocks: number): number {
  let paths: Paths | null = null
  let spent = 0
  for (let before = from; before < Math.min(blocks, planned); before++) {
    const share = tail * spentShare({ from, planned }, before)
    paths = below(boundOf(paths, share - spent, before), before, paths)
    spent = share
  }
  const target = isLast ? tail : tail * spentShare({ from, planned }, blocks)
  const steps = paths === null ? blocks : blocks - Math.min(blocks, planned) + 1
  const bound = boundOf(paths, target - spent, blocks, steps)
  return 1 - normalCdf(bound / Math.sqrt(blocks))
}

/** The bound that a share `target` of the paths exceeds `steps` blocks later, after `blocks` in all, by bisection. */
function boundOf(paths: Paths | null, target: number, blocks: number, steps: number = 1): number {
  if (paths === null) return -normalQuantile(target) * Math.sqrt(blocks)
  let [low, high] = [0, FAR * Math.sqrt(blocks)]
  for (let step = 0; step < 60 && high - low > 1e-9; step++) {
    const middle = (low + high) / 2
    if (shareAbove(paths, middle, Math.sqrt(steps)) > target) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Share of the paths that a normal step of that standard deviation takes above a bound. */
function shareAbove({ sums, masses }: Paths, bound: number, sd: number): number {
  let share = 0
  for (let i = 0; i < sums.length; i++) {
    const distance = (bound - (sums[i] ?? 0)) / sd
    if (distance < FAR) share += (masses[i] ?? 0) * (1 - normalCdf(distance))
  }
  return share
}

/** The paths that lie below a bound after this many blocks; `before` are those of one block less, null for the first look. */
function below(bound: number, blocks: number, before: Paths | null): Paths {
  const lowest = -FAR * Math.sqrt(blocks)
  const intervals = 2 * Math.ceil((bound - lowest) / (2 * STEP))
  const width = (bound - lowest) / intervals
  const sums = Float64Array.from({ length: intervals + 1 }, (_, i) => lowest + i * width)
  const masses = sums.map((sum, i) => {
    const weight = i === 0 || i === intervals ? 1 : i % 2 === 1 ? 4 : 2
    return ((weight * width) / 3) * (before === null ? density(sum, blocks) : densityAfter(before, sum))
  })
  return { sums, masses }
}

function densityAfter({ sums, masses }: Paths, sum: number): number {
  let total = 0
  for (let i = 0; i < sums.length; i++) {
    const distance = sum - (sums[i] ?? 0)
    if (Math.abs(distance) < FAR) total += (masses[i] ?? 0) * density(distance, 1)
  }
  return total
}

function density(sum: number, variance: number): number {
  return Math.exp((-sum * sum) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance)
}
