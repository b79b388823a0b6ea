import { basename, resolve } from 'node:path'
import type { ComparedCell, ResultComparison } from '../../analysis/comparison/result-comparison.ts'
import { ruleOf } from '../../analysis/comparison/verdict-metrics.ts'
import type { Call } from '../../core/records.ts'
import type { AssertionOutcome } from '../assertion-outcome.ts'
import { CALLS, type Figure, ratioFigure } from '../figures.ts'

/** Two runs side by side. */
export interface RunPair {
  readonly first: RunName
  readonly second: RunName
  readonly comparison: ResultComparison
  /** What became of the thresholds that the second run was held against. */
  readonly outcomes: readonly AssertionOutcome[]
}

/** How a run is called in a report of several. */
export interface RunName {
  readonly id: string
  /** What a reader knows it by: the name of its folder. */
  readonly name: string
  readonly createdAt: string
}

/** What runs are called: the names of their folders, or the paths as they were given where two names are the same. */
export function runNames(dirs: readonly string[]): string[] {
  const names = dirs.map((dir) => basename(resolve(dir)))
  return dirs.map((dir, place) => {
    const name = names[place] ?? dir
    return names.filter((each) => each === name).length === 1 ? name : dir
  })
}

/** The rows of one workload: models down, metrics across. */
export interface PairTable {
  readonly workload: string
  readonly metrics: readonly ComparedCell['metric'][]
  readonly rows: readonly { readonly model: string; readonly cells: readonly (PairCell | null)[] }[]
}

/** One ratio, ready to be printed. */
export interface PairCell {
  readonly figure: Figure
  readonly call: Call
  readonly because: string
  readonly row: ComparedCell
}

/** The comparison as a table per workload; none where the runs cannot be compared. */
export function pairTables({ comparison }: RunPair): PairTable[] {
  if (!comparison.comparable) return []
  const { rows } = comparison
  return [...new Set(rows.map((row) => row.workload))].map((workload) => {
    const own = rows.filter((row) => row.workload === workload)
    const metrics = [...new Set(own.map((row) => row.metric))]
    const models = [...new Set(own.map((row) => row.model))]
    return {
      workload,
      metrics,
      rows: models.map((model) => ({
        model,
        cells: metrics.map((metric) => {
          const row = own.find((each) => each.model === model && each.metric === metric)
          return row === undefined
            ? null
            : { figure: ratioFigure(row.ratio), call: row.call, because: row.because, row }
        }),
      })),
    }
  })
}

/** What the comparison says, in sentences: first what got better and worse, then how much stayed the same or open. */
export function pairSentences({ first, second, comparison }: RunPair): string[] {
  if (!comparison.comparable) return [`${first.name} and ${second.name} cannot be compared.`, ...comparison.reasons]
  const of = (call: Call): ComparedCell[] => comparison.rows.filter((row) => row.call === call)
  const changes = (['better', 'worse'] as const).flatMap((call) => {
    const rows = of(call)
    return rows.length === 0 ? [] : [`Since ${first.name}, ${second.name} is ${call} in ${rows.map(named).join('; ')}.`]
  })
  const rest = (['same', 'inconclusive'] as const).flatMap((call) => {
    const count = of(call).length
    return count === 0 ? [] : [`${count} ${CALLS[call].word}`]
  })
  const lead =
    changes.length === 0 ? [`Between ${first.name} and ${second.name} nothing is called better or worse.`] : changes
  return rest.length === 0 ? lead : [...lead, `Of ${comparison.rows.length} comparisons, ${rest.join(' and ')}.`]
}

function named({ model, workload, metric, ratio }: ComparedCell): string {
  const { value, unit } = ratioFigure(ratio.estimate)
  return `${ruleOf(metric).words} of ${model} under ${workload} (${value}${unit})`
}
