import type { Certificate, Manifest, PilotRecord, TrialRecord, Validity } from '../../core/records.ts'
import { hasFaultyLatencies } from './latencies.ts'
import { otherProgramNotes } from './other-programs.ts'
import type { Observations } from './observations.ts'
import { lockNotes } from './interpreter-lock.ts'
import { countNotes } from './reconciliation.ts'
import type { ControlFindings } from './control.ts'
import { settledText, type Standing } from './standing.ts'
import { leastBlocks } from './verdict.ts'
import { countText } from '../wording.ts'

/** How far a result can be trusted: what was dropped, invalid or failed, the A/A control, the certificate, and notes in words. */
export function judgeValidity(
  manifest: Manifest,
  pilot: PilotRecord | null,
  trials: readonly TrialRecord[],
  observations: Observations,
  controls: ControlFindings,
  certificate: Certificate | null,
  settled: readonly Standing[],
  silent: readonly string[],
): Validity {
  const { dropped, invalid, failed } = observations
  return {
    blocksPlanned: manifest.plan.blocks,
    blocksKept: fewestKept(manifest, observations, settled),
    ...(settled.length === 0 ? {} : { settled: settled.map(({ workload }) => workload) }),
    blocksDropped: dropped.map(({ block, workload, reasons }) => ({ block, workload, reasons })),
    trialsInvalid: invalid.map(({ id, reasons }) => ({ id, reasons })),
    trialsFailed: failed.map(({ id, error }) => ({ id, message: error.message })),
    control: controls.ratios,
    withheld: [...controls.alarms.keys()],
    certificate,
    notes: [
      ...[...controls.alarms].map(([workload, why]) => `All verdicts on ${workload} are withheld: ${why}.`),
      ...planNotes(manifest, observations, settled),
      ...settled.map((standing) => settledText(standing, manifest.plan.blocks)),
      ...(pilot === null ? ['The pilot is missing: there is no common rate and no efficiency.'] : []),
      ...latencyNotes(trials),
      ...deathNotes(trials, observations),
      ...otherProgramNotes(manifest, trials),
      ...lockNotes(manifest, observations),
      ...countNotes(trials),
      ...(pilot?.notes ?? []),
      ...silent,
    ],
  }
}

/** Blocks kept under the workload that has the fewest, where there are others without those that needed no more. */
function fewestKept({ plan }: Manifest, { keptBlocks }: Observations, settled: readonly Standing[]): number {
  const others = plan.workloads.filter((workload) => settled.every((standing) => standing.workload !== workload))
  return Math.min(...(others.length > 0 ? others : plan.workloads).map((workload) => keptBlocks(workload).length))
}

function planNotes(manifest: Manifest, observations: Observations, settled: readonly Standing[]): string[] {
  const { plan, machine } = manifest
  const { dropped } = observations
  const kept = fewestKept(manifest, observations, settled)
  const least = leastBlocks(plan)
  const notes: string[] = []
  if (plan.kind === 'pilot') {
    notes.push('This is a pilot: few and short blocks. It may show large differences; for small ones make a full run.')
  } else if (kept < least) {
    const cause = dropped.length > 0 ? 'the host is too noisy' : 'the run is not finished or was planned too short'
    notes.push(`Only ${countText(kept, 'block')} of the ${least} that a verdict needs: ${cause}.`)
  }
  if (plan.placement === null) {
    const beside = plan.app === null ? 'the server and the dependency' : 'the server'
    notes.push(`Generator included: it shares the ${machine.cores} cores with ${beside}.`)
  }
  if (manifest.cpus !== undefined) notes.push(manifest.cpus)
  for (const { level, check, found } of manifest.preflight ?? []) {
    // That cores are shared is said above in the words of its consequence.
    if (level !== 'ok' && check !== 'cores') notes.push(`Before the run, ${check}: ${found}.`)
  }
  if (plan.latencyS === 0) notes.push('Latency at equal load was not measured: the plan has no slice B.')
  return notes
}

/** Slices B that were not as asked: how many, with one example. */
function latencyNotes(trials: readonly TrialRecord[]): string[] {
  const faulty = trials.filter(hasFaultyLatencies)
  const [first] = faulty
  if (first === undefined || first.outcome === 'failed') return []
  const measured = trials.filter((trial) => trial.outcome !== 'failed' && trial.latency !== null).length
  return [
    `The latencies of ${faulty.length} of ${countText(measured, 'trial')} were left out, e.g. ${first.id}: ${(first.latency?.faults ?? []).join('; ')}.`,
  ]
}

/** Processes that ended during trials that count: in how many, with one example. */
function deathNotes(trials: readonly TrialRecord[], { dropped }: Observations): string[] {
  const isDropped = (trial: TrialRecord): boolean =>
    dropped.some(({ workload, block }) => workload === trial.workload && block === trial.block)
  const ended = trials.flatMap((trial) =>
    trial.outcome === 'valid' && trial.died !== undefined && !isDropped(trial) ? [{ ...trial, died: trial.died }] : [],
  )
  const [first] = ended
  if (first === undefined) return []
  return [
    `In ${countText(ended.length, 'trial')} a process of the server ended and was replaced, e.g. ${first.id}: ${first.died.join(', ')}.`,
  ]
}
