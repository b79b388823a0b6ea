import { type Comparison, decide, type DecisionRules, halfWidthsOf } from '../../../analysis/comparison/verdict.ts'
import { outlookOf } from '../../../analysis/comparison/outlook.ts'
import { type LogEstimate, logMean } from '../../../analysis/statistics/interval.ts'
import type { Random } from '../../../core/random.ts'
import type { Call, Looks } from '../../../core/records.ts'
import { nextRound, type Progress } from '../../../experiments/comparison/rounds.ts'
import { Schedule } from '../../../experiments/comparison/schedule.ts'
import { CANDIDATES, FAMILY, type TrialNoise, WORKLOADS } from '../../analysis/proofs/simulation.ts'

/** The default run: eight blocks planned for each of three workloads, looked at from the fifth on. */
export const LOOKS: Looks = { from: 5, planned: 8 }

const MODELS = CANDIDATES + 1
/** Seconds of one launch. */
const LAUNCH_S = 5

/** What came of one simulated run. */
export interface SimulatedRun {
  readonly calls: readonly Call[]
  /** Whether the 95 % interval of each comparison alone holds the true ratio. */
  readonly covered: readonly boolean[]
  /** Blocks of each workload. */
  readonly blocks: readonly number[]
  readonly tookS: number
  readonly announcedS: number
}

/**
 * A whole run on one metric, as `compare` makes it: rounds of blocks by the same allocation, a look after each, verdicts
 * at its end. Candidates have the true log-ratios that `logRatio` gives for each workload and candidate. Without looks it is a
 * run of as many blocks as were planned.
 */
export function simulateRun(
  random: Random,
  noise: TrialNoise,
  looks: Looks | null,
  logRatio: (workload: number, candidate: number) => number = () => 0,
): SimulatedRun {
  const rules = { kind: 'full', family: FAMILY, droppedBlocks: 0 } as const
  const plan = {
    blocks: LOOKS.planned,
    maxBlocks: 2 * LOOKS.planned,
    control: false,
    expectedS: WORKLOADS * LOOKS.planned * MODELS * LAUNCH_S,
    ...(looks === null ? {} : { looks }),
  }
  let clockS = 0
  const schedule = new Schedule(plan, () => clockS * 1000)
  const differences = Array.from({ length: WORKLOADS }, () => Array.from({ length: CANDIDATES }, (): number[] => []))
  const progress = differences.map((_, workload): Progress => ({
    workload: `${workload}`,
    models: MODELS,
    kept: 0,
    whole: 0,
    last: 0,
    open: null,
  }))
  for (;;) {
    const round = nextRound(progress, plan, schedule)
    if (round.length === 0) break
    for (const [workload, before] of progress.entries()) {
      if (!round.includes(before.workload)) continue
      const own = noise(random, before.kept)
      for (const [candidate, values] of (differences[workload] ?? []).entries()) {
        values.push(logRatio(workload, candidate) + noise(random, before.kept) - own)
      }
      clockS += MODELS * LAUNCH_S
      schedule.blockDone([before.workload, MODELS], MODELS * LAUNCH_S, false)
      const blocks = before.kept + 1
      const isLook = looks !== null && blocks >= looks.from && blocks < looks.planned
      const open = isLook ? openOf(workload) : before.open
      progress[workload] = { ...before, kept: blocks, whole: blocks, last: blocks, open }
    }
  }
  const ratios = differences.flat().map(logMean)
  const truths = differences.flatMap((all, workload) => all.map((_, candidate) => logRatio(workload, candidate)))
  const looksOf = ({ values }: LogEstimate): Partial<DecisionRules> =>
    looks === null ? {} : { looks: { ...looks, isLast: values.length >= looks.planned } }
  return {
    calls: ratios.map((ratio) => decide(COMPARISON, ratio, { ...rules, ...looksOf(ratio) }).call),
    covered: ratios.map((ratio, i) => {
      const half = halfWidthsOf(ratio, { family: 1, ...looksOf(ratio) }, ratio.values.length).interval
      return Math.abs(ratio.log - (truths[i] ?? 0)) <= half
    }),
    blocks: progress.map(({ kept }) => kept),
    tookS: clockS,
    announcedS: plan.expectedS,
  }

  function openOf(workload: number): number {
    if (looks === null) return 0
    const open = (values: readonly number[]): boolean =>
      outlookOf(COMPARISON, evidence(logMean(values)), { ...rules, looks: { ...looks, isLast: false } }) === 'open'
    return (differences[workload] ?? []).filter(open).length
  }
}

const COMPARISON: Comparison = { workload: 'w', metric: 'throughput', baseline: 'a', candidate: 'b' }

function evidence(ratio: LogEstimate): Parameters<typeof outlookOf>[1] {
  return { ratio, samplesAbove: null }
}
