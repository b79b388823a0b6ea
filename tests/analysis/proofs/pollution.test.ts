import { expect, test } from 'vitest'
import { pairedLogRatio } from '../../../analysis/statistics/interval.ts'
import { decide } from '../../../analysis/comparison/verdict.ts'
import type { Call } from '../../../core/records.ts'
import { type Random, seededRandom, standardNormal } from '../../../core/random.ts'
import { figure } from './simulation.ts'

/** Foreign CPU per core above which a block is dropped. */
const GATE = 0.1
const [MODELS, WANTED, MOST] = [4, 10, 20]
const EXPERIMENTS = 300

/** One trial: the logarithm of its throughput's deviation, and the foreign CPU per core that was seen meanwhile. */
interface SimulatedTrial {
  readonly log: number
  readonly foreign: number
}

/** Who suffers from the neighbour: any trial of its blocks at random, or all candidates and never the baseline. */
type Victim = 'any' | 'candidate'

test('a neighbour in random blocks, gated by its CPU, never makes a wrong verdict', () => {
  const cases: readonly [what: string, victim: Victim, ratio: number, right: Call][] = [
    ['equal models', 'any', 1, 'same'],
    ['equal models, neighbour beside the candidates only', 'candidate', 1, 'same'],
    ['a model that is 5 % slower', 'any', 1 / 1.05, 'worse'],
    ['a model that is 5 % faster, neighbour beside it only', 'candidate', 1.05, 'better'],
  ]
  for (const [what, victim, ratio, right] of cases) {
    const gated = experiments({ gate: true, victim, ratio, right })
    const open = experiments({ gate: false, victim, ratio, right })
    figure(`${what}, gated: wrong verdicts`, gated.wrong)
    figure(`${what}, gated: right verdicts`, gated.right)
    figure(`${what}, not gated: wrong verdicts`, open.wrong)
    figure(`${what}, not gated: right verdicts`, open.right)
    expect(gated.wrong).toBe(0)
    expect(gated.right).toBeGreaterThan(0.9)
    expect(open.right).toBeLessThan(0.5)
  }
})

test('at least nine of ten polluted blocks are dropped', () => {
  const { dropped } = experiments({ gate: true, victim: 'any', ratio: 1, right: 'same' })
  figure('polluted blocks dropped', dropped)
  expect(dropped).toBeGreaterThanOrEqual(0.9)
})

test('a neighbour that never goes away leaves too few blocks, and then nothing is decided', () => {
  const random = seededRandom(42)
  for (let i = 0; i < 100; i++) {
    const { kept } = runOf(random, { gate: true, victim: 'any', share: 1, ratio: 1 })
    expect(callsOf(kept).every((call) => call === 'inconclusive')).toBe(true)
  }
})

/** Shares of wrong and right verdicts among all, and of the blocks with a neighbour that were dropped. */
function experiments(shape: { gate: boolean; victim: Victim; ratio: number; right: Call }): {
  wrong: number
  right: number
  dropped: number
} {
  const random = seededRandom(41)
  let [wrong, right, calls, polluted, dropped] = [0, 0, 0, 0, 0]
  for (let i = 0; i < EXPERIMENTS; i++) {
    const run = runOf(random, { ...shape, share: 0.3 })
    for (const call of callsOf(run.kept)) {
      calls += 1
      if (call === shape.right) right += 1
      else if (call !== 'inconclusive') wrong += 1
    }
    polluted += run.polluted
    dropped += run.pollutedDropped
  }
  return { wrong: wrong / calls, right: right / calls, dropped: dropped / polluted }
}

/** Blocks until enough are kept or the most are run; a neighbour is there in that share of them. */
function runOf(
  random: Random,
  { gate, victim, share, ratio }: { gate: boolean; victim: Victim; share: number; ratio: number },
): { kept: SimulatedTrial[][]; polluted: number; pollutedDropped: number } {
  const kept: SimulatedTrial[][] = []
  let [polluted, pollutedDropped] = [0, 0]
  for (let block = 0; block < MOST && kept.length < WANTED; block++) {
    const neighbour = random() < share
    const trials = Array.from({ length: MODELS }, (_, model) => {
      const hit = neighbour && (victim === 'any' ? random() < 0.5 : model > 0)
      return trialOf(random, hit, model === 0 ? 1 : ratio)
    })
    const drop = gate && trials.some(({ foreign }) => foreign > GATE)
    if (neighbour) polluted += 1
    if (neighbour && drop) pollutedDropped += 1
    if (!drop) kept.push(trials)
  }
  return { kept, polluted, pollutedDropped }
}

/** One trial of a model with that ratio to the baseline; a neighbour takes 5 to 60 % of each core and slows it by as much. */
function trialOf(random: Random, hit: boolean, ratio: number): SimulatedTrial {
  const taken = hit ? 0.05 + 0.55 * random() : 0
  return {
    log: Math.log(ratio) + 0.01 * standardNormal(random) + Math.log1p(-taken),
    foreign: Math.max(0, taken + 0.01 * standardNormal(random)),
  }
}

function callsOf(blocks: readonly (readonly SimulatedTrial[])[]): Call[] {
  const valuesOf = (model: number): number[] => blocks.map((trials) => Math.exp(trials[model]?.log ?? 0))
  const own = valuesOf(0)
  return Array.from({ length: MODELS - 1 }, (_, candidate) => {
    const comparison = { workload: 'w', metric: 'throughput', baseline: 'a', candidate: 'b' } as const
    const rules = { kind: 'full', family: 9, droppedBlocks: 1 } as const
    return decide(comparison, pairedLogRatio(own, valuesOf(candidate + 1)), rules).call
  })
}
