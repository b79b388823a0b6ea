import type { BlockRecord, Manifest, MeasuredTrial, PilotRecord, TrialRecord } from '../../core/records.ts'
import { type HistogramSource, Latencies } from './latencies.ts'

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
  /** All that count, A/A controls included. */
  readonly valid: readonly MeasuredTrial[]
  /** Valid trials of a model under a workload, A/A controls left out. */
  readonly of: (model: string, workload: string) => TrialsByBlock
  /** Valid trials of the baseline's second launch. */
  readonly controlsOf: (workload: string) => TrialsByBlock
  /** Requests per second of slice B under a workload; null where there was none. */
  readonly rates: (workload: string) => number | null
  readonly latencies: Latencies
}

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
    const key = JSON.stringify(trial.control ? [trial.workload] : [trial.workload, trial.model])
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
    valid,
    of: (model, workload) => select(workload, model),
    controlsOf: (workload) => select(workload),
    rates: (workload) => {
      const found = valid.find((trial) => trial.workload === workload && trial.latency !== null)?.latency?.load.load
      return found?.kind === 'open' ? found.ratePerS : null
    },
    latencies: new Latencies(histograms),
  }
}

function keyOf({ workload, block }: { readonly workload: string; readonly block: number }): string {
  return JSON.stringify([workload, block])
}
