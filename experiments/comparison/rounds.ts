import { isSettled } from '../../analysis/comparison/standing.ts'
import type { ExperimentPlan } from '../../core/records.ts'
import { hasControl } from './plan.ts'
import type { Launches, Schedule } from './schedule.ts'

/** How far a workload has come. */
export interface Progress {
  readonly workload: string
  /** Models that are launched in each of its blocks. */
  readonly models: number
  /** Blocks that the gates let through. */
  readonly kept: number
  /** Those of them in which every latency slice was loaded as asked for. */
  readonly whole: number
  /** Number of the last block that was begun. */
  readonly last: number
  /** Comparisons that more blocks may decide, after the last look at fewer than the planned blocks; null where nobody looked. */
  readonly open: number | null
}

type RoundsPlan = Pick<ExperimentPlan, 'blocks' | 'maxBlocks' | 'looks' | 'control'>

/**
 * The workloads that have another block in the next round: those that have not had the blocks of the plan and are not
 * settled; and in the time that is left of what was announced, the others that are not, those first that have fewest. What a
 * settled workload does not need is so given to others, for a reason that is none of their results.
 */
export function nextRound(all: readonly Progress[], plan: RoundsPlan, schedule: Schedule): string[] {
  const unfinished = all.filter((each) => canGoOn(each, plan))
  const planned = unfinished.filter(({ kept }) => kept < plan.blocks)
  const coming = planned.map((each) => launchesUpTo(each, plan.blocks, plan))
  const round = planned.map(({ workload }) => workload)
  const beyond = unfinished.filter(({ kept }) => kept >= plan.blocks)
  for (const each of beyond.toSorted((a, b) => a.whole - b.whole)) {
    const next = launchesUpTo(each, each.kept + 1, plan)
    if (!schedule.isWithinAnnounced([...coming, next])) continue
    coming.push(next)
    round.push(each.workload)
  }
  return round
}

/**
 * Seconds until the run ends: those of the planned blocks, and, where something is open, what is left of the announced time
 * as far as more blocks may be begun.
 */
export function secondsLeft(all: readonly Progress[], plan: RoundsPlan, schedule: Schedule): number {
  const unfinished = all.filter((each) => canGoOn(each, plan))
  const launchesTo = (blocks: (each: Progress) => number): Launches[] =>
    unfinished.map((each) => launchesUpTo(each, blocks(each), plan))
  const plannedS = schedule.secondsOf(launchesTo(() => plan.blocks))
  const mostS = schedule.secondsOf(
    launchesTo((each) => (isOpen(each) ? each.kept + plan.maxBlocks - each.last : plan.blocks)),
  )
  return plan.looks === undefined ? plannedS : Math.max(plannedS, Math.min(mostS, schedule.announcedLeftS()))
}

/** The launches that remain of the plan. */
export function plannedLaunches(all: readonly Progress[], plan: RoundsPlan): Launches[] {
  return all.filter((each) => canGoOn(each, plan)).map((each) => launchesUpTo(each, plan.blocks, plan))
}

/** The launches of the next block of each of these workloads. */
export function nextLaunches(all: readonly Progress[], round: readonly string[], plan: RoundsPlan): Launches[] {
  return all.filter(({ workload }) => round.includes(workload)).map((each) => launchesUpTo(each, each.kept + 1, plan))
}

/** Whether no workload may have another block, however its comparisons stand. */
export function isOver(all: readonly Progress[], plan: RoundsPlan): boolean {
  return !all.some(({ kept, last }) => last < plan.maxBlocks && (plan.looks !== undefined || kept < plan.blocks))
}

function canGoOn(each: Progress, { blocks, maxBlocks, looks }: RoundsPlan): boolean {
  if (each.last >= maxBlocks) return false
  if (looks === undefined) return each.kept < blocks
  return each.kept < blocks ? !isSettled({ blocks: each.kept, open: each.open }, looks) : isOpen(each)
}

function isOpen({ open }: Progress): boolean {
  return open !== null && open > 0
}

/** Launches until a workload has so many blocks, if none has to be replaced. */
function launchesUpTo({ workload, models, kept, last }: Progress, blocks: number, plan: RoundsPlan): Launches {
  let launches = 0
  for (let block = last + 1; block <= last + blocks - kept; block++) launches += launchesOf(models, block, plan)
  return [workload, launches]
}

/** Launches of one block: every model, and the baseline again where the block has a control. */
function launchesOf(models: number, block: number, plan: Pick<ExperimentPlan, 'control'>): number {
  return models + (hasControl(plan, block) ? 1 : 0)
}
