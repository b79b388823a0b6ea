import { describe, expect, test } from 'vitest'
import { parseSlo } from '../../../analysis/capacity/objective/slo.ts'
import { type MeasuredRate, SEARCH_BLOCK } from '../../../core/capacity.ts'
import type { ExperimentEvent } from '../../../experiments/events.ts'
import { type FoundRate, type RateSearch, rangeOf, searchRate } from '../../../experiments/capacity/rate-search.ts'
import { modelSubject } from '../../../experiments/capacity/subject.ts'
import { type Script, scriptedModel, scriptedWorkload, type ScriptedWorld, scriptedWorld } from '../scripted-world.ts'

const SEARCH: RateSearch = {
  slo: parseSlo('p99<50ms'),
  workers: 2,
  lowestPerS: 100,
  highestPerS: 1000,
  budgetS: 300,
  width: 0.05,
  seed: 1,
}

/** Answers within 10 ms up to a rate, and within 100 ms above it. */
function within(highestPerS: number): Script {
  return {
    latenciesMs: (load, requests) =>
      Array.from({ length: requests }, () => (load.kind === 'open' && load.ratePerS > highestPerS ? 100 : 10)),
  }
}

interface Searched {
  readonly world: ScriptedWorld
  readonly kept: readonly number[]
  readonly run: Promise<FoundRate>
}

function searched(
  script: Script,
  search: Partial<RateSearch> = {},
  onKeep: (world: ScriptedWorld, trials: number) => void = () => undefined,
): Searched {
  const world = scriptedWorld(script)
  const { context, emit } = world
  const subject = modelSubject(scriptedModel('cluster'), scriptedWorkload('io'), context, null)
  const kept: number[] = []
  const keep = (measured: readonly MeasuredRate[]): void => {
    kept.push(measured.length)
    onKeep(world, measured.length)
  }
  return { world, kept, run: searchRate(subject, { ...SEARCH, ...search }, { context, emit, keep }) }
}

function tried(events: readonly ExperimentEvent[]): Extract<ExperimentEvent, { type: 'rate-tried' }>[] {
  return events.filter((event) => event.type === 'rate-tried')
}

describe('a search', () => {
  test('comes within its width of the highest rate that meets the objective, by three trials of each bound', async () => {
    const { world, run } = searched(within(437))
    const { result, measured } = await run
    const { passedPerS, failedPerS } = result
    expect(result).toMatchObject({ ended: 'width', exact: true })
    expect(passedPerS).toBeLessThanOrEqual(437)
    expect(failedPerS).toBeGreaterThan(437)
    expect(((failedPerS ?? 0) - (passedPerS ?? 0)) / (failedPerS ?? 1)).toBeLessThanOrEqual(0.05)
    for (const bound of [passedPerS, failedPerS]) {
      const full = Math.max(...result.steps.map(({ durationS }) => durationS))
      const trials = result.steps.filter((step) => step.ratePerS === bound && step.durationS === full)
      expect(trials.length).toBeGreaterThanOrEqual(3)
    }
    expect(measured).toHaveLength(result.steps.length)
    expect(measured.every(({ block, workers }) => block === SEARCH_BLOCK && workers === 2)).toBe(true)
    expect(world.workers).toEqual([2])
    expect(world.log.at(-1)).toBe('stop cluster-0')
  })

  test('is one launch, and reports its start, every trial and its end, in that order', async () => {
    const { world, run } = searched(within(437))
    const { result } = await run
    const types = world.events.map(({ type }) => type)
    expect(types[0]).toBe('search-started')
    expect(types.at(-1)).toBe('search-finished')
    expect(types.slice(1, -1)).toEqual(result.steps.flatMap(() => ['step-started', 'rate-tried']))
    expect(tried(world.events).map(({ ratePerS, met }) => ({ ratePerS, met }))).toEqual(
      result.steps.map(({ ratePerS, trial }) => ({ ratePerS, met: trial.passed })),
    )
    expect(tried(world.events).find(({ met }) => !met)?.missed[0]).toMatch(/^p99 100 ms/)
    const elapsed = tried(world.events).map(({ elapsedS }) => elapsedS)
    expect(elapsed).toEqual(elapsed.toSorted((a, b) => a - b))
  })

  test.each([30, 60, 120])('ends within a budget of %d s, on the clock of its world', async (budgetS) => {
    const { run } = searched(within(437), { budgetS })
    const { result } = await run
    expect(result.tookS).toBeLessThanOrEqual(budgetS)
    expect(result.tookS).toBeGreaterThan(0.3 * budgetS)
  })
})

describe('a bound is left open', () => {
  test('where every rate meets the objective', async () => {
    const { result } = await searched(within(5000)).run
    expect(result).toMatchObject({ ended: 'above-highest', passedPerS: 1000, failedPerS: null, exact: false })
  })

  test('where none does', async () => {
    const { result } = await searched(within(20)).run
    expect(result).toMatchObject({ ended: 'below-lowest', passedPerS: null, failedPerS: 100, exact: false })
  })

  test('where the budget ends before it is confirmed', async () => {
    const { result } = await searched(within(437), { budgetS: 16 }).run
    expect(result).toMatchObject({ ended: 'budget', exact: false })
  })
})

describe('a disturbed trial', () => {
  test('is run once more, and the second is judged, whatever it found', async () => {
    // The first trial is slow because of others; without them it is not.
    const slices: number[] = []
    const { world, run } = searched({
      foreignCores: (slice) => (slice === 0 ? 1.5 : 0),
      latenciesMs: (load, requests) => {
        slices.push(load.durationS)
        const slow = slices.length === 1 || (load.kind === 'open' && load.ratePerS > 437)
        return Array.from({ length: requests }, () => (slow ? 100 : 10))
      },
    })
    const { result, measured } = await run
    expect(measured).toHaveLength(result.steps.length + 1)
    expect(measured[0]?.ratePerS).toBe(measured[1]?.ratePerS)
    expect(measured[0]?.arrivals?.seed).not.toBe(measured[1]?.arrivals?.seed)
    expect(measured.map(({ disturbed }) => disturbed.length).slice(0, 2)).toEqual([1, 0])
    expect(tried(world.events)[0]).toMatchObject({ met: true, disturbed: [] })
  })

  test('is judged as it is when it is disturbed again', async () => {
    const { world, run } = searched({ ...within(437), foreignCores: () => 1.5 }, { budgetS: 100 })
    const { measured, result } = await run
    expect(measured.length).toBeGreaterThan(result.steps.length)
    expect(measured.length).toBeLessThanOrEqual(2 * result.steps.length)
    expect(tried(world.events).every(({ disturbed }) => disturbed.length === 1)).toBe(true)
    expect(result.tookS).toBeLessThanOrEqual(100)
  })
})

test('an abort in the middle rejects, keeps the trials before it, and ends the server', async () => {
  const { world, kept, run } = searched(within(437), {}, ({ abort }, trials) => {
    if (trials === 4) abort.abort(new Error('Ctrl-C'))
  })
  await expect(run).rejects.toThrow('Ctrl-C')
  expect(kept).toEqual([1, 2, 3, 4])
  expect(world.log.at(-1)).toBe('stop cluster-0')
  expect(world.events.map(({ type }) => type)).not.toContain('search-finished')
})

test('a range spans from a tenth to more than saturation, and begins where rates that were judged say', () => {
  const judged = [
    { ratePerS: 300, met: true },
    { ratePerS: 500, met: true },
    { ratePerS: 700, met: false },
  ]
  expect(rangeOf(1000, judged)).toEqual({
    lowestPerS: 100,
    highestPerS: 1100,
    likely: { lowPerS: 450, highPerS: expect.closeTo(770, 6) as number },
  })
  // A rate that met it above one that missed it says nothing.
  expect(rangeOf(1000, [...judged, { ratePerS: 800, met: true }])).toEqual(rangeOf(1000, judged))
  expect(rangeOf(1000, [])).toMatchObject({ likely: { lowPerS: 100, highPerS: 1100 } })
})
