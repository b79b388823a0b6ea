import { describe, expect, test } from 'vitest'
import { crossingRate, highestRateOf, type RateTrial } from '../../../../analysis/capacity/objective/crossing.ts'
import { md1 } from '../../../../analysis/capacity/queueing/queueing.ts'
import { simulate } from '../../../../analysis/capacity/simulation/simulation.ts'
import { parseSlo } from '../../../../analysis/capacity/objective/slo.ts'
import { SEARCH_BLOCK, type MeasuredRate } from '../../../../core/capacity.ts'
import { LatencyHistogram } from '../../../../core/histogram.ts'
import { deriveSeed } from '../../../../core/random.ts'

/** M/D/1 whose p99 reaches the limit at the knee, the rate that loads it to three quarters. */
const SERVICE_S = 0.0086
const KNEE = 0.75 / SERVICE_S
const LIMIT_S = md1(KNEE, SERVICE_S).quantileS(0.99)

describe('where the share above a limit crosses what is allowed', () => {
  test('shares on a logistic line give the crossing back', () => {
    const trials = [0.8, 0.9, 1, 1.1, 1.2].map((ratio): RateTrial => {
      const line = Math.log(0.01 / 0.99) + 15 * Math.log(ratio)
      return { ratePerS: 300 * ratio, requests: 1e6, above: Math.round(1e6 / (1 + Math.exp(-line))) }
    })
    const found = crossingRate(trials, 0.01)
    expect(found?.estimate).toBeCloseTo(300, 1)
    expect(found?.low).toBeLessThan(300)
    expect(found?.high).toBeGreaterThan(300)
  })

  test('200 searches of a simulated queue: the interval holds the knee of M/D/1 as often as it says, and is narrow', () => {
    const widths: number[] = []
    let held = 0
    for (let seed = 0; seed < 200; seed++) {
      const found = crossingRate(searchTrials(seed), 0.01)
      if (found === null) continue
      widths.push(found.high / found.low)
      if (found.low <= KNEE && found.high >= KNEE) held++
    }
    expect(widths.length).toBeGreaterThanOrEqual(195)
    expect(held / widths.length).toBeGreaterThanOrEqual(0.92)
    expect(held / widths.length).toBeLessThanOrEqual(0.99)
    expect(widths.sort((a, b) => a - b)[100]).toBeLessThan(1.15)
  })

  test('rates far from the crossing do not bend it', () => {
    const near = searchTrials(5)
    const far = [
      { ratePerS: 0.4 * KNEE, requests: 1700, above: 0 },
      { ratePerS: 1.8 * KNEE, requests: 1700, above: 1500 },
    ]
    expect(crossingRate([...far, ...near], 0.01)).toEqual(crossingRate(near, 0.01))
  })

  test.each<[string, RateTrial[]]>([
    ['fewer than four trials', trialsOf([100, 2], [110, 20], [120, 60])],
    ['one rate alone', trialsOf([100, 9], [100, 12], [100, 10], [100, 11])],
    ['nothing above the limit', trialsOf([100, 0], [110, 0], [120, 0], [130, 0])],
    ['a share that falls with the rate', trialsOf([100, 40], [110, 30], [120, 20], [130, 10])],
    ['a share that rises by chance only', trialsOf([100, 10], [110, 4], [120, 14], [130, 9])],
    ['no requests', trialsOf().concat({ ratePerS: 100, requests: 0, above: 0 })],
  ])('%s determine nothing', (_, trials) => {
    expect(crossingRate(trials, 0.01)).toBeNull()
  })
})

describe('the trials of a search', () => {
  const slo = parseSlo(`p99<${LIMIT_S * 1000}ms`)
  const rates = [0.85, 0.9, 0.95, 1, 1.05, 1.1].flatMap((ratio, at) =>
    [0, 1].map((again) => measuredRate(ratio * KNEE, deriveSeed(1, 'measured', at, again))),
  )

  test('determine the highest rate within an objective', () => {
    const found = highestRateOf(rates, 1, slo)
    expect(found?.low).toBeLessThan(KNEE)
    expect(found?.high).toBeGreaterThan(KNEE)
  })

  test('of other worker counts, of blocks, and disturbed ones are left out', () => {
    const found = highestRateOf(rates, 1, slo)
    const wrong = Object.assign({}, measuredRate(0.7 * KNEE, 1), { histogram: rates.at(-1)?.histogram ?? '' })
    for (const other of [{ workers: 2 }, { block: SEARCH_BLOCK + 1 }, { disturbed: ['another program'] }]) {
      expect(highestRateOf([...rates, Object.assign({}, wrong, other)], 1, slo)).toEqual(found)
    }
    expect(highestRateOf([...rates, wrong], 1, slo)).not.toEqual(found)
  })

  test('do not determine it where it lies outside what was tried, or where something else was missed', () => {
    expect(highestRateOf(rates, 1, parseSlo('p99<25ms'))).toBeNull()
    const failing = rates.map((rate, at) => Object.assign({}, rate, { errorRatio: at === 0 ? 0.01 : 0 }))
    expect(highestRateOf(failing, 1, parseSlo(`${slo.text},errors<0.1%`))).toBeNull()
    expect(highestRateOf(rates, 1, parseSlo('mean<80ms'))).toBeNull()
  })

  test('of two goals the one that is crossed first counts', () => {
    const both = highestRateOf(rates, 1, parseSlo(`p99.9<30s,${slo.text}`))
    expect(both).toEqual(highestRateOf(rates, 1, slo))
  })
})

/** Twelve trials as a search runs them, about 1,700 requests each, half of them twice or three times at one rate. */
function searchTrials(seed: number): RateTrial[] {
  return [0.85, 1.15, 0.94, 1.04, 0.99, 0.99, 0.99, 1.04, 1.04, 0.94, 0.94, 1.09].map((ratio, at) => {
    const latenciesS = latenciesAt(ratio * KNEE, deriveSeed(seed, at))
    return {
      ratePerS: ratio * KNEE,
      requests: latenciesS.length,
      above: latenciesS.filter((latencyS) => latencyS > LIMIT_S).length,
    }
  })
}

function measuredRate(ratePerS: number, seed: number): MeasuredRate {
  const latenciesS = latenciesAt(ratePerS, seed)
  const histogram = new LatencyHistogram()
  for (const latencyS of latenciesS) histogram.record(latencyS * 1e6)
  return {
    block: SEARCH_BLOCK,
    workers: 1,
    ratePerS,
    achievedPerS: ratePerS,
    cpuCores: 0.7,
    generatorCores: 0.1,
    errorRatio: 0,
    faults: [],
    histogram: histogram.toBase64(),
    disturbed: [],
  }
}

function latenciesAt(ratePerS: number, seed: number): Float64Array {
  return simulate({
    server: { routing: 'one', workers: 1 },
    client: { arrivals: { kind: 'poisson', ratePerS } },
    routes: [{ weight: 1, cpu: { kind: 'constant', valueS: SERVICE_S }, wait: { kind: 'constant', valueS: 0 } }],
    requests: 1700,
    warmupRequests: 200,
    seed,
  }).latenciesS
}

function trialsOf(...trials: readonly (readonly [ratePerS: number, above: number])[]): RateTrial[] {
  return trials.map(([ratePerS, above]) => ({ ratePerS, requests: 1000, above }))
}
