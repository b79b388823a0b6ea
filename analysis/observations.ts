import type { LatencyHistogram } from '../core/histogram.ts'
import type { BlockRecord, Manifest, MeasuredTrial, PilotRecord, TrialRecord } from '../core/records.ts'
import { type Counts, countsOf } from './statistics/pooled-quantile.ts'

/** Where the histograms of a run are read: by trial and slice, of one route or of all. Null where there is none. */
export type HistogramSource = (
  trialId: string,
  slice: 'saturation' | 'latency',
  route?: string,
) => LatencyHistogram | null

/** The records of one run, as its folder keeps them. */
export interface RunRecords {
  readonly manifest: Manifest
  readonly pilot: PilotRecord | null
  readonly trials: readonly TrialRecord[]
  readonly blocks: readonly BlockRecord[]
  readonly histograms: HistogramSource
}

/** Valid trials by block. */
export type TrialsByBlock = ReadonlyMap<number, MeasuredTrial>

/**
 * What is left of a run for analysis: valid trials of kept blocks. Where the gates dropped every block of a workload, its
 * trials are shown all the same, since a figure with a warning says more than none; but nothing is decided from them.
 */
export interface Observations {
  /** Numbers of the blocks kept under a workload, ascending. */
  readonly keptBlocks: (workload: string) => readonly number[]
  /** Why every block of a workload was dropped, in words; null while at least one was kept. */
  readonly disturbance: (workload: string) => string | null
  /** Dropped blocks with the reasons of their gates. */
  readonly dropped: readonly BlockRecord[]
  readonly failed: readonly (TrialRecord & { readonly outcome: 'failed' })[]
  readonly invalid: readonly MeasuredTrial[]
  /** Valid trials of a model under a workload, sentinels left out. */
  readonly of: (model: string, workload: string) => TrialsByBlock
  /** Valid trials of the baseline's second launch. */
  readonly sentinelsOf: (workload: string) => TrialsByBlock
  /** Requests per second of slice B under a workload; null where there was none. */
  readonly rates: (workload: string) => number | null
  /** Latencies of a trial's slice B, of one route or of all; null where there are none. */
  readonly latencies: LatencySource
}

/** Where the latencies of slice B are read, by trial. */
export type LatencySource = (trialId: string, route?: string) => Counts | null

/**
 * Sorts a run's records: only blocks whose gates kept them count (under each workload by itself), and in them only valid
 * trials. Where an id or a block occurs twice (a resumed run), the last one counts. Histograms are read once each.
 */
export function observe(
  trials: readonly TrialRecord[],
  blocks: readonly BlockRecord[],
  histograms: HistogramSource,
): Observations {
  const lastBlocks = [...new Map(blocks.map((block) => [keyOf(block), block])).values()]
  const lastTrials = [...new Map(trials.map((trial) => [trial.id, trial])).values()]
  const kept = lastBlocks.filter((block) => block.kept)
  const dropped = lastBlocks.filter((block) => !block.kept)
  const droppedKeys = new Set(dropped.map(keyOf))
  const keptKeys = new Set(kept.map(keyOf))
  const keptWorkloads = new Set(kept.map((block) => block.workload))
  const counts = (trial: TrialRecord): boolean =>
    keptKeys.has(keyOf(trial)) || (!keptWorkloads.has(trial.workload) && droppedKeys.has(keyOf(trial)))
  const measured = lastTrials.filter((trial) => trial.outcome !== 'failed')
  const valid = measured.filter((trial) => trial.outcome === 'valid' && counts(trial))
  const groups = new Map<string, Map<number, MeasuredTrial>>()
  for (const trial of valid.sort((a, b) => a.block - b.block)) {
    const key = JSON.stringify(trial.sentinel ? [trial.workload] : [trial.workload, trial.model])
    groups.set(key, (groups.get(key) ?? new Map<number, MeasuredTrial>()).set(trial.block, trial))
  }
  const select = (...key: string[]): TrialsByBlock => groups.get(JSON.stringify(key)) ?? new Map()
  return {
    keptBlocks: (workload) =>
      kept
        .filter((block) => block.workload === workload)
        .map(({ block }) => block)
        .sort((a, b) => a - b),
    disturbance: (workload) => {
      const own = dropped.filter((block) => block.workload === workload)
      if (keptWorkloads.has(workload) || own.length === 0) return null
      return own.find(({ reasons }) => reasons.length > 0)?.reasons[0] ?? 'no reason recorded'
    },
    dropped,
    failed: lastTrials.filter((trial) => trial.outcome === 'failed'),
    invalid: measured.filter((trial) => trial.outcome === 'invalid'),
    of: (model, workload) => select(workload, model),
    sentinelsOf: (workload) => select(workload),
    rates: (workload) => {
      const found = valid.find((trial) => trial.workload === workload && trial.latency !== null)?.latency?.load.load
      return found?.kind === 'open' ? found.ratePerS : null
    },
    latencies: remembering(histograms, new Set(lastTrials.filter(hasFaultyLatencies).map((trial) => trial.id))),
  }
}

/** The blocks in which both have a valid trial, ascending. */
export function commonBlocks(a: TrialsByBlock, b: TrialsByBlock): number[] {
  return [...a.keys()].filter((block) => b.has(block))
}

function keyOf({ workload, block }: { readonly workload: string; readonly block: number }): string {
  return JSON.stringify([workload, block])
}

/** True when slice B was measured, but not as asked (late sends, say): its latencies decide nothing. */
export function hasFaultyLatencies(trial: TrialRecord): boolean {
  return trial.outcome !== 'failed' && (trial.latency?.faults ?? []).length > 0
}

/** Reads each histogram once and keeps only its counts, so that a long campaign fits in memory. */
function remembering(source: HistogramSource, faulty: ReadonlySet<string>): LatencySource {
  const known = new Map<string, Counts | null>()
  return (trialId, route) => {
    if (faulty.has(trialId)) return null
    const key = JSON.stringify([trialId, route])
    const found = known.get(key)
    if (found !== undefined) return found
    const histogram = route === undefined ? source(trialId, 'latency') : source(trialId, 'latency', route)
    const counts = histogram === null || histogram.count === 0 ? null : countsOf(histogram)
    known.set(key, counts)
    return counts
  }
}
