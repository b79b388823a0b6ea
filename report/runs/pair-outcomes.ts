import type { Assertion } from '../../analysis/comparison/assertion.ts'
import type { ResultComparison } from '../../analysis/comparison/result-comparison.ts'
import type { Result } from '../../core/records.ts'
import { COMPARED, decide, type Decision, found, levelOf, multipleOf } from '../asserted-figure.ts'
import {
  absent,
  type AssertionOutcome,
  type CellName,
  evaluateAssertions,
  isAbout,
  noTrialText,
  outcomeFor,
  undecidedBecause,
} from '../assertion-outcome.ts'
import { ratioFigure } from '../figures.ts'

/** Two runs of which the second one is held against assertions. */
export interface JudgedPair {
  readonly first: Result
  readonly second: Result
  readonly comparison: ResultComparison
}

/**
 * Holds assertions against the second of two runs. Multiples of the first run are judged by the ratio of the pair, with its
 * interval; what either run lacks, or what keeps the two from being compared, leaves them undecided.
 */
export function evaluatePairAssertions(assertions: readonly Assertion[], pair: JudgedPair): AssertionOutcome[] {
  return assertions.flatMap((assertion) =>
    assertion.bound.kind === 'first-run'
      ? againstFirst(assertion, assertion.bound.factor, pair)
      : evaluateAssertions([assertion], pair.second),
  )
}

/** Of `*`, each model and workload that either of the runs measured. */
function againstFirst(assertion: Assertion, factor: number, pair: JudgedPair): AssertionOutcome[] {
  const { first, second } = pair
  const cells = cellNames([...first.cells, ...second.cells]).filter((cell) => isAbout(assertion, cell))
  return cells.length === 0
    ? [absent(assertion, second)]
    : cells.map((cell) => outcomeFor(assertion, cell, judge(assertion, factor, cell, pair)))
}

function judge({ metric, comparison }: Assertion, factor: number, cell: CellName, pair: JudgedPair): Decision {
  const { model, workload } = cell
  const runs = pair.comparison
  if (!runs.comparable) return undecidedBecause(`The runs cannot be compared: ${runs.reasons.join(' ')}`)
  const ratioMetric = COMPARED[metric]
  const row = runs.rows.find(
    (each) => each.model === model && each.workload === workload && each.metric === ratioMetric,
  )
  if (row !== undefined) {
    const ratio = found(row.ratio, ratioFigure(row.ratio))
    return row.objection === null
      ? decide({ found: ratio, wanted: factor }, comparison)
      : undecidedBecause(`Measured ${ratio.shown}, but ${row.objection}.`)
  }
  const [mine, theirs] = [levelIn(pair.second, 'second', cell, metric), levelIn(pair.first, 'first', cell, metric)]
  if (typeof theirs === 'string') return undecidedBecause(theirs)
  if (typeof mine === 'string') return undecidedBecause(mine)
  if (ratioMetric !== undefined) {
    return undecidedBecause(runs.latenciesLeftOut[workload] ?? `There is no ratio of ${metric} of the two runs.`)
  }
  const held = multipleOf(mine, theirs, 'the first run', factor)
  if (typeof held === 'string') return undecidedBecause(held)
  const withheld = runs.withheld[workload]
  return withheld === undefined
    ? decide(held, comparison)
    : undecidedBecause(`Measured ${held.found.shown}, but ${withheld}.`)
}

/** The figure of a cell in one of the runs, or a sentence on why that run has none. */
function levelIn(
  run: Result,
  which: 'first' | 'second',
  { model, workload }: CellName,
  metric: Assertion['metric'],
): ReturnType<typeof levelOf> {
  const cell = run.cells.find((each) => each.model === model && each.workload === workload)
  if (cell === undefined) return `The ${which} run has no ${model} under ${workload}.`
  const found = cell.blocks === 0 ? noTrialText(cell, run) : levelOf(metric, cell)
  return typeof found === 'string' ? `In the ${which} run: ${found}` : found
}

function cellNames(cells: readonly CellName[]): CellName[] {
  return [...new Map(cells.map(({ model, workload }) => [`${model} ${workload}`, { model, workload }])).values()]
}
