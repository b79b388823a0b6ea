import { describe, expect, test } from 'vitest'
import { mm1 } from '../../../../analysis/capacity/queueing/queueing.ts'
import { quantileS, simulate } from '../../../../analysis/capacity/simulation/simulation.ts'
import {
  nextTrial,
  searchHighestRate,
  type SearchPlan,
  type SearchResult,
  type SearchTrial,
} from '../../../../analysis/capacity/objective/slo-search.ts'
import { deriveSeed, seededRandom, standardNormal } from '../../../../core/random.ts'

const PLAN: SearchPlan = {
  lowestPerS: 50,
  highestPerS: 2000,
  width: 0.05,
  trialS: 4,
  scoutS: 1,
  budgetS: 300,
  overheadS: 0.2,
}

describe('a server with a known knee and noise', () => {
  test('200 seeds: the rate found is within the width of the knee in at least 95 %', async () => {
    let held = 0
    for (let seed = 0; seed < 200; seed++) {
      const random = seededRandom(deriveSeed(seed, 'knee'))
      const capacity = 200 + 1500 * random()
      // p99 of M/M/1 against a limit that is met up to load 0.8; noise on p99, four times the variance in short trials.
      const knee = 0.8 * capacity
      const { result, tookS } = await searchOn((rate, durationS) => {
        const noise = 0.08 * Math.sqrt(4 / durationS)
        const p99 = rate >= capacity ? Infinity : 1 / (1 - rate / capacity)
        return p99 * Math.exp(noise * standardNormal(random)) < 1 / (1 - 0.8)
      })
      expect(tookS).toBeLessThanOrEqual(PLAN.budgetS)
      if (Math.abs((result.passedPerS ?? 0) / knee - 1) <= PLAN.width) held++
    }
    expect(held / 200).toBeGreaterThanOrEqual(0.95)
  })

  test('30 seeds of simulated queues, where the noise is that of real trials: within 10 % of the knee of M/M/1', async () => {
    // p99 = ln 100 / (μ − λ) below 60 ms is met up to λ = μ − ln 100 / 60 ms.
    const serviceS = 0.0025
    const knee = 1 / serviceS - Math.log(100) / 0.06
    expect(mm1(knee, serviceS).quantileS(0.99)).toBeCloseTo(0.06, 9)
    let held = 0
    for (let seed = 0; seed < 30; seed++) {
      let trials = 0
      const { result } = await searchOn(
        (ratePerS, durationS) => {
          const trial = simulate({
            server: { routing: 'one', workers: 1 },
            client: { arrivals: { kind: 'poisson', ratePerS } },
            routes: [
              { weight: 1, cpu: { kind: 'exponential', meanS: serviceS }, wait: { kind: 'constant', valueS: 0 } },
            ],
            requests: Math.ceil(ratePerS * durationS),
            warmupRequests: 200,
            seed: deriveSeed(seed, trials++),
            maxInFlight: 2000,
          })
          return quantileS(trial, 0.99) < 0.06
        },
        { ...PLAN, width: 0.1, trialS: 20, scoutS: 5, budgetS: 600, highestPerS: 1000 },
      )
      if (Math.abs((result.passedPerS ?? 0) / knee - 1) <= 0.1) held++
    }
    expect(held).toBeGreaterThanOrEqual(28)
  })
})

describe('without noise', () => {
  test('both bounds are confirmed by three trials of full length and lie within the width', async () => {
    const { result } = await searchOn((rate) => rate <= 700)
    expect(result).toMatchObject({ ended: 'width', exact: true })
    expect(result.passedPerS).toBeLessThanOrEqual(700)
    expect(result.failedPerS).toBeGreaterThan(700)
    expect(result.failedPerS).toBeLessThan(700 * 1.06)
    for (const bound of [result.passedPerS, result.failedPerS]) {
      const full = result.steps.filter((step) => step.ratePerS === bound && step.durationS === PLAN.trialS)
      expect(full.length).toBe(3)
    }
  })

  test('a server that meets it at every rate ends above the highest, one that never does below the lowest', async () => {
    expect((await searchOn(() => true)).result).toMatchObject({
      ended: 'above-highest',
      passedPerS: 2000,
      failedPerS: null,
      exact: false,
    })
    expect((await searchOn(() => false)).result).toMatchObject({
      ended: 'below-lowest',
      passedPerS: null,
      failedPerS: 50,
      exact: false,
    })
  })

  test.each([0.5, 2, 10, 20, 30])('no trial is begun that would end after a budget of %d s', async (budgetS) => {
    const { result, tookS } = await searchOn((rate) => rate <= 700, { ...PLAN, budgetS })
    expect(tookS).toBeLessThanOrEqual(budgetS)
    expect(result.ended).toBe('budget')
    if (result.passedPerS !== null) expect(result.passedPerS).toBeLessThanOrEqual(700)
  })

  test('a budget that does not suffice for the width is spent on confirming the lower bound', async () => {
    const { result } = await searchOn((rate) => rate <= 700, { ...PLAN, budgetS: 24 })
    expect(result).toMatchObject({ ended: 'budget', exact: false })
    expect(result.passedPerS).toBeGreaterThan(500)
    expect(result.passedPerS).toBeLessThanOrEqual(700)
  })

  test('it begins where the answer is expected, and finds it elsewhere too', async () => {
    const likely = { lowPerS: 600, highPerS: 800 }
    const { result } = await searchOn((rate) => rate <= 700, { ...PLAN, likely })
    expect(result.steps.slice(0, 2).map(({ ratePerS }) => ratePerS)).toEqual([600, 800])
    expect(result.exact).toBe(true)
    for (const knee of [100, 1500]) {
      const elsewhere = (await searchOn((rate) => rate <= knee, { ...PLAN, likely })).result
      expect(elsewhere.exact).toBe(true)
      expect(elsewhere.passedPerS).toBeGreaterThan(0.94 * knee)
      expect(elsewhere.passedPerS).toBeLessThanOrEqual(knee)
    }
  })

  test('an interruption keeps what was run', async () => {
    const stop = new AbortController()
    let trials = 0
    const { result } = await searchOn(
      (rate) => {
        if (++trials === 5) stop.abort()
        return rate <= 700
      },
      PLAN,
      stop.signal,
    )
    expect(result.ended).toBe('interrupted')
    expect(result.steps.length).toBe(4)
  })
})

describe('contradictions', () => {
  test('a scout that was wrong about the upper bound is overruled by full trials', async () => {
    let scouts = 0
    const { result } = await searchOn((rate, durationS) => {
      // The second short trial fails wrongly.
      if (durationS === PLAN.scoutS && ++scouts === 2) return false
      return rate <= 700
    })
    expect(result.exact).toBe(true)
    expect(result.passedPerS).toBeGreaterThan(700 / 1.06)
  })

  test('a scout that fails where the rate is expected to be met is repeated in full before lower rates are tried', async () => {
    const likely = { lowPerS: 600, highPerS: 800 }
    let trials = 0
    const { result } = await searchOn((rate) => ++trials > 1 && rate <= 700, { ...PLAN, likely })
    expect(result.steps[1]).toMatchObject({ ratePerS: 600, durationS: PLAN.trialS, trial: { passed: true } })
    expect(Math.min(...result.steps.map(({ ratePerS }) => ratePerS))).toBe(600)
    expect(result.exact).toBe(true)
  })

  test('a rate that failed bounds the answer although a higher one passed', () => {
    const step = (ratePerS: number, passed: boolean): { ratePerS: number; durationS: number; trial: SearchTrial } => ({
      ratePerS,
      durationS: PLAN.trialS,
      trial: { passed },
    })
    const steps = [400, 400, 400].map((rate) => step(rate, true))
    steps.push(...[410, 410, 410].map((rate) => step(rate, false)))
    steps.push(...[900, 900, 900].map((rate) => step(rate, true)))
    expect(nextTrial(steps, PLAN, 100)).toEqual({ ended: 'width' })
  })

  test('while trials of the lower bound disagree, time to confirm a lower rate is kept', () => {
    const step = (ratePerS: number, passed: boolean, durationS = PLAN.trialS) => ({
      ratePerS,
      durationS,
      trial: { passed },
    })
    const steps = [step(300, true, PLAN.scoutS), step(420, false), step(400, true), step(400, false), step(400, true)]
    const eachS = PLAN.trialS + PLAN.overheadS
    expect(nextTrial(steps, PLAN, 4 * eachS)).toEqual({ ratePerS: 400, durationS: PLAN.trialS })
    expect(nextTrial(steps, PLAN, 3 * eachS)).toEqual({ ratePerS: 300, durationS: PLAN.trialS })
    expect(nextTrial(steps, PLAN, 2 * eachS)).toEqual({ ended: 'budget' })
  })

  test('trials that disagree are run up to five times', () => {
    const steps = [true, false, true].map((passed) => ({
      ratePerS: 400,
      durationS: PLAN.trialS,
      trial: { passed },
    }))
    steps.push(...[false, false, false].map((passed) => ({ ratePerS: 410, durationS: PLAN.trialS, trial: { passed } })))
    expect(nextTrial(steps, PLAN, 100)).toEqual({ ratePerS: 400, durationS: PLAN.trialS })
  })
})

async function searchOn(
  passes: (ratePerS: number, durationS: number) => boolean,
  plan: SearchPlan = PLAN,
  signal?: AbortSignal,
): Promise<{ result: SearchResult<SearchTrial>; tookS: number }> {
  let clockS = 0
  const result = await searchHighestRate(plan, {
    trial: (ratePerS, durationS) => {
      clockS += durationS + plan.overheadS
      return Promise.resolve({ passed: passes(ratePerS, durationS) })
    },
    nowS: () => clockS,
    ...(signal === undefined ? {} : { signal }),
  })
  return { result, tookS: clockS }
}
