import type { Looks } from '../../core/records.ts'
import { countText } from '../wording.ts'
import type { RunRecords } from './observations.ts'
import { type Outlook, outlookOf } from './outlook.ts'
import { weigh, type WeighedRun } from './weighed-run.ts'

/** How the comparisons under one workload stand after a look. */
export interface Standing {
  readonly workload: string
  /** Blocks that were kept. */
  readonly blocks: number
  readonly called: number
  /** Not called, but more blocks may do it. */
  readonly open: number
  /** Not called, and no number of blocks that the looks allow would do it. */
  readonly closed: number
}

/** How the comparisons of a run stand, by workload; empty for one that is not looked at before its end. */
export function standingsOf(run: RunRecords): Standing[] {
  return run.manifest.plan.looks === undefined ? [] : standings(weigh(run))
}

/** The same of a run that is weighed already; without workloads under which nothing is compared. */
export function standings({ manifest, ratios, rulesFor, observations }: WeighedRun): Standing[] {
  const { workloads, looks } = manifest.plan
  if (looks === undefined) return []
  return workloads.flatMap((workload) => {
    const outlooks = ratios
      .filter((ratio) => ratio.workload === workload)
      .map(({ evidence, ...comparison }): Outlook => {
        if (evidence === null) return 'closed'
        const rules = rulesFor(comparison, evidence)
        return outlookOf(comparison, evidence, { ...rules, looks: rules.looks ?? { ...looks, isLast: false } })
      })
    if (outlooks.length === 0) return []
    const count = (outlook: Outlook): number => outlooks.filter((one) => one === outlook).length
    const blocks = observations.keptBlocks(workload).length
    return { workload, blocks, called: count('called'), open: count('open'), closed: count('closed') }
  })
}

/**
 * Whether a workload ends before its planned blocks: none of its comparisons is open at a look. From the planned blocks on it goes on
 * as long as there is time, whatever they show: the look after its last block is then the last one.
 */
export function isSettled(
  { blocks, open }: { readonly blocks: number; readonly open: number | null },
  { from, planned }: Looks,
): boolean {
  return blocks >= from && blocks < planned && open === 0
}

/** `io needs no more than 6 of the 8 blocks: 12 of 15 comparisons are called, and more blocks would not call the rest.` */
export function settledText({ workload, blocks, called, closed }: Standing, planned: number): string {
  const what =
    closed === 0
      ? `all ${countText(called, 'comparison')} are called`
      : `${called} of ${countText(called + closed, 'comparison')} are called, and more blocks would not call the rest`
  return `${workload} needs no more than ${blocks} of the ${countText(planned, 'block')}: ${what}.`
}
