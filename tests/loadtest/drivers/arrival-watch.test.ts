import { expect, test } from 'vitest'
import { fitExponential } from '../../../core/arrivals.ts'
import type { OpenLoad } from '../../../core/load.ts'
import { ArrivalWatch } from '../../../loadtest/drivers/arrival-watch.ts'
import { InFlight } from '../../../loadtest/drivers/in-flight.ts'
import { planArrivals, shareOf } from '../../../loadtest/drivers/schedule.ts'

const LOAD: OpenLoad = {
  kind: 'open',
  ratePerS: 5000,
  arrivals: 'poisson',
  durationS: 4,
  warmupS: 1,
  timeoutS: 1,
  seed: 3,
  maxConnections: 10,
}
const MIX = [{ route: 'a', method: 'GET', path: '/', weight: 1, expectStatus: 200 }] as const

/** What one process of `of` watches when it sends on time, in seconds of the schedule, sorted. */
function watched(of: number, atMs: (instantMs: number) => number = (instantMs) => instantMs): number[] {
  return Array.from({ length: of }, (_, index) => {
    const share = { index, of }
    const schedule = shareOf(planArrivals(LOAD, MIX), share, LOAD.seed)
    const watch = new ArrivalWatch({ targets: [], requests: MIX, load: LOAD, closesSilently: false, share }, schedule)
    schedule.instantsMs.forEach((instant, place) => watch.sent(place, atMs(instant)))
    return watch.arrivals.sentMs
  })
    .flat()
    .sort((a, b) => a - b)
}

function gaps(instants: readonly number[]): number[] {
  return instants.slice(1).map((instant, i) => instant - (instants[i] ?? 0))
}

test('about 200 counted arrivals a second are watched, the same ones however many processes send', () => {
  const one = watched(1)
  expect(one.length).toBeGreaterThan(700)
  expect(one.length).toBeLessThan(900)
  expect(one[0]).toBeGreaterThanOrEqual(1000)
  expect(watched(3)).toEqual(one)
})

test('their gaps are exponential when sent on time, and are not when sent in bunches each tenth of a second', () => {
  expect(fitExponential(gaps(watched(1))).passes).toBe(true)
  const bunched = watched(1, (instantMs) => Math.ceil(instantMs / 100) * 100 + (instantMs % 100) / 50)
  expect(fitExponential(gaps(bunched)).passes).toBe(false)
})

test('the number in flight adds up over time, without what was not answered', () => {
  const inFlight = new InFlight()
  inFlight.begin(0)
  inFlight.begin(10)
  inFlight.begin(10)
  inFlight.end(30)
  expect(inFlight.sumMs).toBeNull()
  inFlight.forget(60, 50)
  inFlight.end(110)
  expect(inFlight.sumMs).toBe(30 + 100)
})
