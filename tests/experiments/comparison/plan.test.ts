import { describe, expect, test } from 'vitest'
import { plainTopology } from '../../../loadtest/cpu-topology.ts'
import { LEAST_BLOCKS } from '../../../analysis/comparison/verdict.ts'
import { blockOrder } from '../../../experiments/comparison/block.ts'
import { hasControl, makePlan, type PlanRequest, trialCount } from '../../../experiments/comparison/plan.ts'

const REQUEST: PlanRequest = {
  models: ['single', 'cluster', 'pm2-fork', 'worker-pool'],
  baseline: 'single',
  workloads: ['cpu', 'io', 'mixed'],
  workers: 2,
  seed: 1,
  metrics: true,
  app: null,
  nodePath: null,
  timeoutS: 5,
  topology: plainTopology(2),
  extent: { kind: 'blocks', blocks: 8 },
}

test('the default has enough blocks for a verdict and takes about ten minutes', () => {
  const plan = makePlan(REQUEST)
  expect(plan).toMatchObject({ kind: 'full', blocks: LEAST_BLOCKS, control: true })
  expect(plan.expectedS).toBeGreaterThan(200)
  expect(plan.expectedS).toBeLessThan(620)
})

test('a quick run is a pilot of under three minutes', () => {
  const plan = makePlan({ ...REQUEST, extent: { kind: 'quick' } })
  expect(plan).toMatchObject({ kind: 'pilot', blocks: 4, control: false })
  expect(plan.expectedS).toBeLessThan(180)
})

test('a quick run of many models has three blocks, and says how much longer it takes', () => {
  const models = Array.from({ length: 22 }, (_, index) => (index === 0 ? 'single' : `model-${index}`))
  const plan = makePlan({ ...REQUEST, models, extent: { kind: 'quick' } })
  expect(plan).toMatchObject({ kind: 'pilot', blocks: 3, maxBlocks: 4 })
  expect(plan.expectedS).toBeGreaterThan(420)
})

test('fewer than eight blocks make a pilot', () => {
  expect(makePlan({ ...REQUEST, extent: { kind: 'blocks', blocks: 7 } }).kind).toBe('pilot')
})

describe('a budget', () => {
  test.each([
    [600, 'full'],
    [3600, 'full'],
    [150, 'pilot'],
  ] as const)('of %d s is filled and not passed by more than a tenth, as a %s run', (budgetS, kind) => {
    const plan = makePlan({ ...REQUEST, extent: { kind: 'budget', budgetS } })
    expect(plan.kind).toBe(kind)
    expect(plan.expectedS).toBeLessThan(budgetS * 1.1)
    expect(plan.expectedS).toBeGreaterThan(budgetS * 0.6)
  })

  test('too small for a pilot is refused with the least that would do', () => {
    expect(() => makePlan({ ...REQUEST, extent: { kind: 'budget', budgetS: 10 } })).toThrow(
      /Expected `--budget` to be at least \d+s for 4 models × 3 workloads, got 10s\./,
    )
  })
})

test('generator and server share two cores, and have their own from four on', () => {
  expect(makePlan(REQUEST).placement).toBeNull()
  expect(makePlan({ ...REQUEST, topology: plainTopology(8) }).placement).toEqual({
    generator: [0, 1],
    server: [2, 3, 4, 5, 6, 7],
  })
})

test('every block launches every model once, every other one the baseline twice', () => {
  const plan = makePlan(REQUEST)
  let launches = 0
  for (let block = 1; block <= plan.blocks; block++) {
    const order = blockOrder(plan, plan.models, 'cpu', block)
    expect(
      order
        .filter((launch) => !launch.control)
        .map((launch) => launch.model)
        .sort(),
    ).toEqual([...plan.models].sort())
    expect(order.filter((launch) => launch.control)).toEqual(
      hasControl(plan, block) ? [{ model: 'single', control: true }] : [],
    )
    launches += order.length
  }
  expect(trialCount(plan)).toBe(launches * plan.workloads.length)
})

test('the same seed gives the same order, and orders differ between blocks', () => {
  const plan = makePlan(REQUEST)
  const orders = Array.from({ length: 8 }, (_, i) =>
    blockOrder(plan, plan.models, 'cpu', i + 1)
      .map((launch) => launch.model)
      .join(),
  )
  expect(orders).toEqual(
    Array.from({ length: 8 }, (_, i) =>
      blockOrder(plan, plan.models, 'cpu', i + 1)
        .map((launch) => launch.model)
        .join(),
    ),
  )
  expect(new Set(orders).size).toBeGreaterThan(4)
})
