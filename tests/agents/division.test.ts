import { expect, test } from 'vitest'
import { dealJobs, processesFor } from '../../agents/division.ts'
import type { ClosedLoad, OpenLoad } from '../../core/load.ts'
import { planArrivals, shareOf } from '../../loadtest/drivers/schedule.ts'

const OPEN: OpenLoad = {
  kind: 'open',
  ratePerS: 300,
  arrivals: 'poisson',
  durationS: 4,
  timeoutS: 1,
  seed: 7,
  maxConnections: 90,
}
const CLOSED: ClosedLoad = { kind: 'closed', connections: 10, durationS: 1, timeoutS: 1, seed: 7 }
const JOB = {
  targets: ['http://127.0.0.1:1'],
  requests: [{ route: 'a', method: 'GET' as const, path: '/', weight: 1, expectStatus: 200 }],
  closesSilently: false,
}

test('the shares of all agents are the one schedule, arrival for arrival', () => {
  const jobs = dealJobs(JOB, OPEN, [1, 3, 2])
  expect(jobs.map(({ length }) => length)).toEqual([1, 3, 2])
  const whole = planArrivals(OPEN, JOB.requests)
  const numbers = jobs.flat().flatMap(({ share }) => [...shareOf(whole, share, OPEN.seed).numbers])
  expect(numbers.toSorted((a, b) => a - b)).toEqual([...whole.numbers])
})

test('connections are dealt over the agents, and each has a seed of its own', () => {
  const jobs = dealJobs(JOB, CLOSED, [1, 1, 1])
  expect(jobs.flat().map(({ load }) => (load as ClosedLoad).connections)).toEqual([4, 3, 3])
  expect(new Set(jobs.map(([job]) => job?.load.seed)).size).toBe(3)
  expect(dealJobs(JOB, { ...CLOSED, connections: 2 }, [1, 1, 1]).map(({ length }) => length)).toEqual([1, 1, 0])
})

test('one agent gets what one machine would', () => {
  expect(dealJobs(JOB, CLOSED, [1])).toEqual([[{ ...JOB, load: CLOSED, share: { index: 0, of: 1 } }]])
})

test('a warm-up until the rate is steady is one agent’s, one of a fixed length is everybody’s', () => {
  const warm = (maxS: number): ClosedLoad => ({ ...CLOSED, warmup: { minS: 1, maxS, minCount: 0 } })
  expect(dealJobs(JOB, warm(3), [1, 1]).map(({ length }) => length)).toEqual([1, 0])
  expect(dealJobs(JOB, warm(1), [1, 1]).map(({ length }) => length)).toEqual([1, 1])
})

test('a rate gets as many processes as it needs, where there are most left', () => {
  const small = { perProcessRatePerS: 10_000, processes: 1 }
  const large = { perProcessRatePerS: 12_000, processes: 4 }
  expect(processesFor(15_000, [small, large])).toEqual([1, 1])
  expect(processesFor(35_000, [small, large])).toEqual([1, 3])
  expect(() => processesFor(60_000, [small, large])).toThrow(/at most 50,000\/s as just measured, got 60,000\/s/)
})
