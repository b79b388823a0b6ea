import { describe, expect, test } from 'vitest'
import { halfWidth, type LogEstimate } from '../../../analysis/statistics/interval.ts'
import {
  type Counts,
  countsOf,
  jackknifeLogQuantileRatio,
  PooledLatencies,
} from '../../../analysis/statistics/pooled-quantile.ts'
import { quantileInterval } from '../../../analysis/statistics/quantile-interval.ts'
import { LatencyHistogram } from '../../../core/histogram.ts'
import { exponential, type Random, seededRandom } from '../../../core/random.ts'
import { figure } from './simulation.ts'

/** As few samples as may decide on a p99: 120 of 12,000 lie above it. */
const [BLOCKS, REQUESTS] = [8, 1500]
const EXPERIMENTS = 150
/** The candidate's mean service time in units of the baseline's. */
const SLOWER = 1.1

/**
 * Latencies of a queue are autocorrelated, so an interval that takes requests for samples is far too narrow. Here the
 * truth is known: the time in an M/M/1 queue is exponential with mean 1/(1/s − λ) for service time s and arrival rate λ.
 */
describe.each([0.3, 0.5, 0.7])('M/M/1 at load %d', (load) => {
  const covered = coverage(load)

  test('the interval of the ratio of two p99 covers the truth in at least 90 %', () => {
    figure(`p99 ratio, load ${load}: covers`, covered.ratio)
    expect(covered.ratio).toBeGreaterThanOrEqual(0.9)
  })

  test('so does the interval for a family of nine, in at least 98.5 %', () => {
    figure(`p99 ratio, load ${load}, family of nine: covers`, covered.family)
    expect(covered.family).toBeGreaterThanOrEqual(0.985)
  })

  test('the interval of one model’s p99 covers the truth in 90 to 99 %', () => {
    figure(`p99 level, load ${load}: covers`, covered.level)
    expect(covered.level).toBeGreaterThanOrEqual(0.9)
    expect(covered.level).toBeLessThanOrEqual(0.99)
  })

  test('the interval of the ratio of two medians covers the truth in 90 to 99 %', () => {
    figure(`p50 ratio, load ${load}: covers`, covered.median)
    expect(covered.median).toBeGreaterThanOrEqual(0.9)
    expect(covered.median).toBeLessThanOrEqual(0.99)
  })
})

function coverage(load: number): { ratio: number; family: number; level: number; median: number } {
  const logRatio = Math.log((1 - load) / (1 / SLOWER - load))
  const p99Us = (-Math.log(0.01) / (1 - load)) * SERVICE_US
  const count = { ratio: 0, family: 0, level: 0, median: 0 }
  for (let experiment = 0; experiment < EXPERIMENTS; experiment++) {
    const [own, other] = [1, SLOWER].map((service, model) => {
      const blocks = Array.from({ length: BLOCKS }, (_, block) => {
        const seed = 1000 * experiment + block
        return queue(seededRandom(seed), seededRandom(seed + 1e6 * (model + 1)), load, service)
      })
      return new PooledLatencies(blocks)
    })
    if (own === undefined || other === undefined) throw new Error('Expected two models.')
    const ratio = jackknifeLogQuantileRatio(own, other, 0.99)
    if (covers(ratio, logRatio)) count.ratio += 1 / EXPERIMENTS
    if (covers(ratio, logRatio, 9)) count.family += 1 / EXPERIMENTS
    const level = quantileInterval(own, 0.99, 0.95)
    if (level !== null && level.low <= p99Us && p99Us <= level.high) count.level += 1 / EXPERIMENTS
    if (covers(jackknifeLogQuantileRatio(own, other, 0.5), logRatio)) count.median += 1 / EXPERIMENTS
  }
  return count
}

function covers(estimate: LogEstimate | null, truth: number, family: number = 1): boolean {
  return estimate !== null && Math.abs(estimate.log - truth) <= halfWidth(estimate, 0.95, family)
}

/** Mean service time of the baseline in µs. */
const SERVICE_US = 10_000

/** Latencies of one block: first come, first served, by Lindley's recursion, warm from the 200th request on. */
function queue(arrivals: Random, services: Random, load: number, service: number): Counts {
  const histogram = new LatencyHistogram()
  let wait = 0
  for (let request = -200; request < REQUESTS; request++) {
    const time = wait + exponential(services, service)
    if (request >= 0) histogram.record(time * SERVICE_US)
    wait = Math.max(0, time - exponential(arrivals, 1 / load))
  }
  return countsOf(histogram)
}
