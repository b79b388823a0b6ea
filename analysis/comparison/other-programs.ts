import type { Manifest, MeasuredTrial, TrialRecord } from '../../core/records.ts'
import { significant } from '../../core/quantities.ts'
import { standardDeviation, mean } from '../statistics/sample.ts'
import { tQuantile } from '../statistics/student.ts'
import { listText } from '../wording.ts'

/** A smaller difference of foreign CPU between two models, in cores, is the kernel's own work for their requests. */
const LEAST_DIFFERENCE = 0.05

/** Chance of calling a difference systematic that is not. */
const CHANCE = 0.01

/** What becomes of programs that are named. */
const COUNTED_APART = 'and their CPU is counted apart: `--dependency port:5432`.'

/** Blocks with both models that a judgement needs. */
const LEAST_PAIRS = 3

/**
 * What is to be known of CPU that is neither the server's nor ours, in sentences: how much the named dependencies of the
 * app used under each model, and whether what other programs used goes with the model. Then the gates drop the blocks of
 * one model more often than those of another, which is a selection by result. Dropped blocks are looked at too.
 */
export function otherProgramNotes(manifest: Manifest, trials: readonly TrialRecord[]): string[] {
  const { plan } = manifest
  const measured = trials.filter((trial) => trial.outcome !== 'failed' && !trial.control) as MeasuredTrial[]
  const isOwn = plan.app !== null || manifest.models.some(({ outside }) => outside !== undefined)
  return plan.workloads.flatMap((workload) => {
    const own = measured.filter((trial) => trial.workload === workload && trial.saturation.host.serverUnseen !== true)
    return [...dependencyNotes(manifest, workload, own), ...(isOwn ? correlationNotes(manifest, workload, own) : [])]
  })
}

function dependencyNotes({ plan }: Manifest, workload: string, trials: readonly MeasuredTrial[]): string[] {
  const names = (plan.dependencies ?? []).map(({ name }) => name)
  const shares = plan.models.flatMap((model) => {
    const cores = trials
      .filter((trial) => trial.model === model)
      .map(({ saturation }) => saturation.host.appDependencyCores ?? null)
      .filter((value) => value !== null)
    return cores.length === 0 ? [] : [`${significant(mean(cores))} under ${model}`]
  })
  if (names.length === 0 || shares.length === 0) return []
  return [
    `What the app calls, ${listText(names)}, used this many cores at saturation under ${workload}: ${shares.join(', ')}. It is counted apart from other programs, and no block is dropped for it.`,
  ]
}

function correlationNotes({ plan }: Manifest, workload: string, trials: readonly MeasuredTrial[]): string[] {
  const of = (model: string): MeasuredTrial[] => trials.filter((trial) => trial.model === model)
  const foreign = (model: string): Map<number, number> =>
    new Map(of(model).map(({ block, saturation }) => [block, saturation.host.foreignCores] as const))
  const throughput = (model: string): number =>
    mean(of(model).map(({ saturation }) => saturation.load.achievedRatePerS))
  const baseline = foreign(plan.baseline)
  return plan.models.flatMap((model) => {
    if (model === plan.baseline) return []
    const pairs = [...foreign(model)].flatMap(([block, cores]) => {
      const other = baseline.get(block)
      return other === undefined ? [] : [{ cores, other }]
    })
    const differences = pairs.map(({ cores, other }) => cores - other)
    if (!isSystematic(differences)) return []
    const [cores, other] = [mean(pairs.map((pair) => pair.cores)), mean(pairs.map((pair) => pair.other))]
    const [more, most, less, least] =
      cores > other ? [model, cores, plan.baseline, other] : [plan.baseline, other, model, cores]
    const found = `Under ${workload} other programs used more CPU while ${more} was measured (${significant(most)} cores) than while ${less} was (${significant(least)}), block after block`
    return [
      throughput(more) > throughput(less)
        ? `${found}: that is no chance, so they work for the app. Blocks are then dropped for what ${more} does. Name them, a database say, ${COUNTED_APART}`
        : `${found}, although it gave no more throughput: programs that are busy anyway take what it leaves. End them; or, if they work for the app, name them, ${COUNTED_APART}`,
    ]
  })
}

/** A mean that is large enough to matter and that its t interval keeps from 0. */
function isSystematic(differences: readonly number[]): boolean {
  if (differences.length < LEAST_PAIRS || Math.abs(mean(differences)) < LEAST_DIFFERENCE) return false
  const half =
    tQuantile(1 - CHANCE / 2, differences.length - 1) * (standardDeviation(differences) / Math.sqrt(differences.length))
  return Math.abs(mean(differences)) > half
}
