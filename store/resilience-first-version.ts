import { currentFaultId } from '../core/renamed-faults.ts'
import type {
  FailedCell,
  FaultedCell,
  InjectionRecord,
  RecordedFault,
  ResilienceCell,
  ResilienceManifest,
  ResiliencePlan,
} from '../core/resilience-record.ts'

/** manifest.json as version 0.1 wrote it. */
export type FirstManifest = Omit<ResilienceManifest, 'schema' | 'plan' | 'faults'> & {
  readonly schema: 'forkwise/resilience-manifest@1'
  readonly plan: Omit<ResiliencePlan, 'baselineS'> & { readonly undisturbedS: number }
  readonly faults: readonly (Omit<RecordedFault, 'recoveryFrom'> & {
    readonly recoveryFrom: 'strike' | 'end' | null
  })[]
}

/** A line of cells.ndjson as version 0.1 wrote it. */
export type FirstCell =
  | (Omit<FaultedCell, 'schema' | 'outcome' | 'baseline' | 'injection' | 'faulted'> & {
      readonly schema: 'forkwise/resilience-cell@1'
      readonly outcome: 'struck'
      readonly undisturbed: FaultedCell['baseline']
      readonly strike: InjectionRecord
      readonly struck: FaultedCell['faulted']
    })
  | (Omit<FailedCell, 'schema'> & { readonly schema: 'forkwise/resilience-cell@1' })

/** A manifest of version 0.1 in the words of today: folders of then are read on for one version. */
export function manifestOfFirst({ plan, faults, notOffered, ...rest }: FirstManifest): ResilienceManifest {
  const { undisturbedS, ...kept } = plan
  return {
    ...rest,
    schema: 'forkwise/resilience-manifest@2',
    plan: { ...kept, faults: plan.faults.map(currentFaultId), baselineS: undisturbedS },
    faults: faults.map((fault) => ({
      ...fault,
      id: currentFaultId(fault.id),
      recoveryFrom: fault.recoveryFrom === 'strike' ? 'injection' : fault.recoveryFrom,
    })),
    notOffered: notOffered.map((each) => ({ ...each, fault: currentFaultId(each.fault) })),
  }
}

/** A cell of version 0.1 in the words of today. */
export function cellOfFirst(cell: FirstCell): ResilienceCell {
  const identity = { schema: 'forkwise/resilience-cell@2', fault: currentFaultId(cell.fault) } as const
  if (cell.outcome === 'failed') return { ...cell, ...identity }
  const { undisturbed, strike, struck, ...rest } = cell
  return { ...rest, ...identity, outcome: 'faulted', baseline: undisturbed, injection: strike, faulted: struck }
}
