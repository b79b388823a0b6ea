import type { Manifest, ResultCell, VerdictMetric } from '../../core/records.ts'
import { countText } from '../wording.ts'
import { LEAST_SAMPLES_ABOVE, type RatioEvidence } from './evidence.ts'
import type { Observations } from './observations.ts'
import type { Comparison, DecisionRules } from './verdict.ts'

/** By what rules each measured ratio of a run is called. */
export function decisionRules(
  { plan }: Pick<Manifest, 'plan'>,
  family: number,
  cells: readonly ResultCell[],
  observations: Observations,
  withheldFor: (workload: string) => string | null,
): (comparison: Comparison, evidence: RatioEvidence) => DecisionRules {
  return ({ workload, metric, baseline, candidate }, { samplesAbove }) => {
    const withheld = withheldFor(workload)
    return {
      kind: plan.kind,
      ...(plan.looks === undefined
        ? {}
        : { looks: { ...plan.looks, isLast: isLastLook(plan, observations, workload) } }),
      family,
      droppedBlocks: observations.dropped.filter((block) => block.workload === workload).length,
      ...(metric === 'throughput' ? limitRules(workload, baseline, candidate, cells) : {}),
      ...sampleRules(metric, samplesAbove),
      ...(withheld === null ? {} : { withheld }),
    }
  }
}

/** From its planned blocks on a workload has one look left, whenever its blocks end. */
function isLastLook({ blocks }: Manifest['plan'], { keptBlocks }: Observations, workload: string): boolean {
  return keptBlocks(workload).length >= blocks
}

/** Why nothing is decided about a workload of which the gates dropped every block; null where they kept one. */
export function noiseText(workload: string, observations: Observations): string | null {
  const disturbance = observations.disturbance(workload)
  if (disturbance === null) return null
  const dropped = observations.dropped.filter((block) => block.workload === workload).length
  return `the host was too noisy (${dropped === 1 ? 'the one block was' : `all ${dropped} blocks were`} disturbed, e.g. ${disturbance})`
}

/** Too few samples above a quantile: the next lower one decides. */
function sampleRules(metric: VerdictMetric, samplesAbove: number | null): Partial<DecisionRules> {
  if (samplesAbove === null || samplesAbove >= LEAST_SAMPLES_ABOVE) return {}
  const next = { 'latency-p99': 'p95', 'latency-p95': 'p50' }[metric as string]
  const instead = next === undefined ? 'nothing lower can decide instead' : `${next} decides instead`
  const few = `${countText(samplesAbove, 'sample')} ${samplesAbove === 1 ? 'lies' : 'lie'}`
  return {
    withheld: `only ${few} above this quantile, ${LEAST_SAMPLES_ABOVE} are needed; ${instead}`,
    scarce: true,
  }
}

/** Limits outside the model: equality then says nothing about the models, and an advantage is a lower bound. */
function limitRules(
  workload: string,
  baseline: string,
  candidate: string,
  cells: readonly ResultCell[],
): Partial<DecisionRules> {
  const outside = [baseline, candidate].flatMap((model) => {
    const limit = cells.find((cell) => cell.model === model && cell.workload === workload)?.bottleneck.limit
    const words = limit === undefined ? undefined : OUTSIDE_LIMITS[limit]
    return words === undefined ? [] : [{ model, words }]
  })
  if (outside.length === 0) return {}
  const text = outside.map(({ model, words }) => `${model} was limited by ${words}`).join(' and ')
  return {
    notSame: `${text}, not by the model, so that equal throughput does not show equal models`,
    caveat: `${text}, so that its own limit was not reached`,
  }
}

const OUTSIDE_LIMITS: Readonly<Partial<Record<ResultCell['bottleneck']['limit'], string>>> = {
  generator: 'the generator',
  connections: 'the number of connections',
  dependency: 'the dependency',
  app: 'something inside the app',
}
