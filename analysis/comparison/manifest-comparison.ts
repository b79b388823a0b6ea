import type { ExperimentPlan, Manifest, RecordedWorkload } from '../../core/records.ts'
import { formatDuration } from '../../core/quantities.ts'
import { countText } from '../wording.ts'

/** Why two runs must not be compared, all reasons at once, in words; empty when they may. */
export function mismatches(a: Manifest, b: Manifest): string[] {
  const [plan, other] = [a.plan, b.plan]
  const reasons: string[] = []
  const differ = (what: string, first: string, second: string): void => {
    if (first !== second) reasons.push(`The ${what} differ: ${first} and ${second}.`)
  }
  if (a.machine.id !== b.machine.id) {
    reasons.push(`The machines differ: ${machineText(a)} and ${machineText(b)}.`)
  }
  differ('numbers of workers', String(plan.workers), String(other.workers))
  differ('lengths of the saturation slice', sliceText(plan.saturationS), sliceText(other.saturationS))
  differ('lengths of the latency slice', sliceText(plan.latencyS), sliceText(other.latencyS))
  differ('warm-ups', warmupText(plan.warmup), warmupText(other.warmup))
  differ('time-outs', formatDuration(plan.timeoutS), formatDuration(other.timeoutS))
  differ('settings of the instruments', metricsText(plan.metrics), metricsText(other.metrics))
  differ('placements on CPUs', placementText(plan.placement), placementText(other.placement))
  for (const workload of a.workloads) {
    const same = b.workloads.find(({ id }) => id === workload.id)
    if (same !== undefined && asked(same) !== asked(workload)) {
      reasons.push(`The workload ${workload.id} asks for other requests or uses another number of connections.`)
    }
  }
  return reasons
}

/** What differs and is allowed to: usually the thing that was tried. */
export function differencesBetween(a: Manifest, b: Manifest): string[] {
  const pairs: readonly (readonly [what: string, first: string, second: string])[] = [
    ['Node', a.machine.node, b.machine.node],
    ['kernel', a.machine.kernel, b.machine.kernel],
    ['Forkwise', a.forkwiseVersion, b.forkwiseVersion],
    ['app', a.plan.app ?? 'built-in', b.plan.app ?? 'built-in'],
    ['kind of run', a.plan.kind, b.plan.kind],
    ['seed', String(a.plan.seed), String(b.plan.seed)],
  ]
  return pairs
    .filter(([, first, second]) => first !== second)
    .map(([what, first, second]) => `${what}: ${first} → ${second}`)
}

function machineText({ machine }: Manifest): string {
  return `${machine.cpu}, ${countText(machine.cores, 'core')}, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB`
}

function sliceText(durationS: number): string {
  return durationS === 0 ? 'none' : `${durationS} s`
}

function warmupText({ minS, maxS, minCount }: ExperimentPlan['warmup']): string {
  return `${minS}–${maxS} s with at least ${countText(minCount, 'answer')}`
}

function metricsText(on: boolean): string {
  return on ? 'on' : 'off'
}

function placementText(placement: ExperimentPlan['placement']): string {
  if (placement === null) return 'generator and server share the CPUs'
  return `generator on ${cpusText(placement.generator)}, server on ${cpusText(placement.server)}`
}

function cpusText(cpus: readonly number[]): string {
  return `CPU ${cpus.join(', ')}`
}

function asked({ requests, connections }: RecordedWorkload): string {
  return JSON.stringify([requests, connections])
}
