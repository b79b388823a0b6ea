import type { ServerModel } from '../../cluster/model.ts'
import { isSettled, settledText, type Standing } from '../../analysis/comparison/standing.ts'
import { cellName, listText } from '../../analysis/wording.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import { deriveSeed, seededRandom, shuffled } from '../../core/random.ts'
import type { BlockRecord, ExperimentPlan, PilotRecord, TrialRecord, Verdict } from '../../core/records.ts'
import { formatDuration } from '../../core/quantities.ts'
import { type BlockSurroundings, isWhole, runBlock } from './block.ts'
import { trialSeconds } from './plan.ts'
import { isOver, nextLaunches, nextRound, plannedLaunches, type Progress, secondsLeft } from './rounds.ts'
import { type Launches, Schedule } from './schedule.ts'
import type { StoredRun } from '../../store/comparison-folder.ts'
import type { Emit } from '../events.ts'
import type { Patience } from '../settling.ts'
import { saturatingConnections } from '../../loadtest/saturation.ts'
import { runPilot } from './pilot.ts'
import { VoidBlocks } from './void-blocks.ts'

/** What of an experiment is done already, when one is resumed. */
export interface Finished {
  readonly pilot: PilotRecord | null
  readonly trials: readonly TrialRecord[]
  readonly blocks: readonly BlockRecord[]
}

/** All that the blocks of a comparison are measured with. */
export interface BlockTask extends BlockSurroundings {
  readonly models: readonly ServerModel[]
  readonly workloads: readonly Workload[]
  readonly finished: Finished
  /** How the comparisons stand after the blocks so far; asked after each round. Absent: no workload ends early. */
  readonly standings?: (run: StoredRun) => readonly Standing[]
  /** The verdicts of the blocks so far, for those who watch; asked after each round, when nothing is measured. */
  readonly provisional?: (run: StoredRun) => readonly Verdict[]
  /** A monotonic clock in ms; absent = that of the process. */
  readonly nowMs?: () => number
}

/** Longest wait for an idle machine over a whole run, as a share of its expected time. */
const PATIENCE = 0.2

/**
 * Runs a plan: the pilot, then rounds in which each workload gets one block. A block launches every model afresh in
 * seeded random order; what the gates reject, or a process did not survive, is dropped as a whole and replaced in a later round, up to the plan's
 * `maxBlocks` (randomised interleaved trials, Abedi & Brecht 2017). After each round it looks at what is decided ({@link nextRound}).
 */
export async function runBlocks(task: BlockTask): Promise<void> {
  const { plan, context, store, emit, finished, nowMs = () => performance.now() } = task
  const schedule = new Schedule(plan, nowMs)
  let pilot = finished.pilot
  if (pilot === null) {
    const startedMs = nowMs()
    const found = await runPilot(plan, task.models, task.workloads, context, emit)
    pilot = { ...found, tookS: secondsBetween(startedMs, nowMs()) }
    store.writePilot(pilot)
  }
  emit({ type: 'pilot-finished', pilot })
  const workloads = workloadsToCompare(task, pilot)
  const progress = new Map(workloads.map(({ id }) => [id, blocksDone(finished, id)]))
  const patience: Patience = { leftS: PATIENCE * plan.expectedS }
  const voidBlocks = new VoidBlocks()
  const found: PilotRecord = pilot
  const modelsOf = (workload: Workload): readonly ServerModel[] => admittedModels(task, found, workload)
  const all = (): Progress[] =>
    workloads.map((workload) => ({
      workload: workload.id,
      models: modelsOf(workload).length,
      ...(progress.get(workload.id) ?? NOTHING_DONE),
    }))
  if (finished.blocks.length > 0) look(task, progress)
  else {
    const seconds = expectedSeconds(task, pilot, plannedLaunches(all(), plan))
    // Where blocks are looked at, those beyond the plan fill the time that was announced.
    const isFilled = plan.looks !== undefined && task.standings !== undefined
    tellTime(isFilled ? Math.max(seconds, schedule.announcedLeftS()) : seconds, schedule, plan, emit)
  }

  for (let round = 1; ; round++) {
    const coming = nextRound(all(), plan, schedule)
    if (coming.length === 0) {
      if (all().some(({ kept, last }) => kept < plan.blocks && last < plan.maxBlocks)) {
        emit({ type: 'stopping-early', because: 'more blocks would decide nothing else.' })
      }
      return
    }
    if (!schedule.isWithinBudget(nextLaunches(all(), coming, plan))) {
      emit({ type: 'stopping-early', because: budgetText(all(), schedule, plan) })
      return
    }
    if (round > 1) reportTimeLeft(all(), schedule, plan, emit)
    for (const workload of shuffled(workloads, seededRandom(deriveSeed(plan.seed, 'round', round)))) {
      const done = progress.get(workload.id)
      if (done === undefined || !coming.includes(workload.id)) continue
      done.last += 1
      const startedMs = nowMs()
      const measured = await runBlock(task, modelsOf(workload), workload, done.last, pilot, patience, voidBlocks)
      const tookS = secondsBetween(startedMs, nowMs())
      const block = { ...measured.block, tookS }
      store.appendBlock(block)
      schedule.blockDone([workload.id, measured.launches], tookS, !block.kept || !measured.whole)
      emit({ type: block.kept ? 'block-finished' : 'block-dropped', block })
      if (!block.kept) continue
      done.kept += 1
      if (measured.whole) done.whole += 1
    }
    if (isOver(all(), plan)) return
    look(task, progress)
  }
}

interface BlocksDone {
  kept: number
  whole: number
  last: number
  open: number | null
}

const NOTHING_DONE: Readonly<BlocksDone> = { kept: 0, whole: 0, last: 0, open: null }

/** Takes down what is open after the blocks so far, and tells those who watch. */
function look({ plan, store, emit, provisional, standings }: BlockTask, progress: Map<string, BlocksDone>): void {
  const soFar = store.run()
  const verdicts = provisional?.(soFar) ?? []
  if (verdicts.length > 0) emit({ type: 'verdicts', provisional: true, verdicts })
  const { looks } = plan
  if (looks === undefined) return
  for (const standing of standings?.(soFar) ?? []) {
    const done = progress.get(standing.workload)
    // From its planned blocks on a workload is not looked at before its end, and what is settled stays so.
    if (done === undefined || done.kept >= looks.planned || isSettled({ blocks: done.kept, open: done.open }, looks))
      continue
    done.open = standing.open
    if (isSettled(standing, looks)) emit({ type: 'note', level: 'info', text: settledText(standing, looks.planned) })
  }
}

/** Seconds between two instants in ms, to the millisecond. */
function secondsBetween(fromMs: number, toMs: number): number {
  return Math.round(toMs - fromMs) / 1000
}

function budgetText(all: readonly Progress[], schedule: Schedule, plan: ExperimentPlan): string {
  const kept = Math.min(...all.map((each) => each.kept))
  const leftS = schedule.secondsOf(plannedLaunches(all, plan))
  return `the budget of ${formatDuration(plan.budgetS ?? 0)} is used up after ${kept} of ${plan.blocks} blocks; the rest would take about ${formatDuration(leftS)} more.`
}

function reportTimeLeft(all: readonly Progress[], schedule: Schedule, plan: ExperimentPlan, emit: Emit): void {
  tellTime(secondsLeft(all, plan, schedule), schedule, plan, emit)
}

function tellTime(seconds: number, schedule: Schedule, plan: ExperimentPlan, emit: Emit): void {
  const lateByS = schedule.lateByS(seconds)
  if (lateByS !== null) {
    const text = `Blocks take longer here than planned: the run needs about ${formatDuration(plan.expectedS + lateByS)} instead of ${formatDuration(plan.expectedS)}.`
    emit({ type: 'note', level: 'info', text })
  }
  emit({ type: 'time-left', seconds })
}

/** Seconds that launches take, by the rates that the pilot found: what was announced knows nothing of slow answers. */
function expectedSeconds(task: BlockTask, pilot: PilotRecord, launches: readonly Launches[]): number {
  const { plan, context, workloads } = task
  const size = { workers: plan.workers, cores: context.cores }
  return launches.reduce((seconds, [id, count]) => {
    const workload = workloads.find((each) => each.id === id)
    if (workload === undefined) return seconds
    const trials = admittedModels(task, pilot, workload).map((model) => {
      const found = pilot.capacities.find((each) => each.model === model.id && each.workload === id)
      const waveS = found === undefined ? 0 : saturatingConnections(model, workload, size) / found.ratePerS
      return trialSeconds(plan, pilot.sliceSeconds?.[id], waveS)
    })
    return seconds + (count * trials.reduce((sum, each) => sum + each, 0)) / Math.max(1, trials.length)
  }, 0)
}

/** The models that the pilot let into the blocks of a workload. */
function admittedModels({ models }: BlockTask, { refused }: PilotRecord, workload: Workload): readonly ServerModel[] {
  const out = refused.filter((entry) => entry.workload === undefined || entry.workload === workload.id)
  return models.filter((model) => out.every((entry) => entry.model !== model.id))
}

/**
 * The workloads under which there is still something to compare; those of which the pilot left the baseline alone are not
 * measured. Throws TRIAL_FAILED when that is so of all.
 */
function workloadsToCompare(task: BlockTask, pilot: PilotRecord): readonly Workload[] {
  const { models, workloads, emit } = task
  if (models.length < 2) return workloads
  const compared = workloads.filter((workload) => admittedModels(task, pilot, workload).length > 1)
  const alone = workloads.filter((workload) => !compared.includes(workload)).map(({ id }) => id)
  if (compared.length === 0) {
    const reasons = pilot.refused.map(({ reason, ...cell }) => `${cellName(cell)} is left out: ${reason}`)
    throw new ForkwiseError('TRIAL_FAILED', {
      message: `Expected at least two models to compare, got ${task.plan.baseline} alone. ${reasons.join('\n')}`,
      hint: 'Mend what keeps the others from answering, or name other models: `npx forkwise list`.',
    })
  }
  if (alone.length > 0) {
    const text = `Under ${listText(alone)} only ${task.plan.baseline} is left, so that nothing is measured there.`
    emit({ type: 'note', level: 'warning', text })
  }
  return compared
}

/**
 * How far a workload has come. A block that a dead run left unfinished has trials but no record: its number is not
 * used again, and a whole new block replaces it, since trials paired over a long pause would compare two machines.
 */
function blocksDone(finished: Finished, workload: string): BlocksDone {
  const blocks = finished.blocks.filter((block) => block.workload === workload)
  const trials = finished.trials.filter((trial) => trial.workload === workload)
  const kept = blocks.filter((block) => block.kept)
  return {
    kept: kept.length,
    whole: kept.filter(({ block }) => isWhole(trials.filter((trial) => trial.block === block))).length,
    open: null,
    last: Math.max(0, ...blocks.map((block) => block.block), ...trials.map((trial) => trial.block)),
  }
}
