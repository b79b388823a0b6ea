import type { Estimate, Result, ResultCell } from '../core/records.ts'
import type { Assertion, AssertedMetric } from '../analysis/comparison/assertion.ts'
import { COMPARED, decide, type Decision, found, type Held, levelOf, multipleOf } from './asserted-figure.ts'
import { ratioFigure } from './figures.ts'

/** What became of one assertion in one cell of a result. */
export interface AssertionOutcome extends Decision {
  /** The assertion with the cell's own names in place of `*`. */
  readonly text: string
  readonly model: string
  readonly workload: string
  readonly metric: AssertedMetric
}

/**
 * Holds assertions against a result. An assertion whose bound lies within the interval of the figure is undecided: the
 * noise of the run is larger than what was asked. So is everything on a workload whose verdicts are withheld.
 */
export function evaluateAssertions(assertions: readonly Assertion[], result: Result): AssertionOutcome[] {
  return assertions.flatMap((assertion) => {
    const cells = result.cells.filter((cell) => isAbout(assertion, cell))
    // Of `*` the model that is compared with is left out: it is always 1 × itself.
    const others = cells.filter(
      ({ model }) => assertion.model !== '*' || assertion.bound.kind !== 'relative' || assertion.bound.model !== model,
    )
    const outcomes = others.map((cell) => outcomeFor(assertion, cell, evaluate(assertion, cell, result)))
    const missing = assertion.model === '*' ? unmeasuredModels(assertion, result) : []
    return cells.length === 0 && missing.length === 0 ? [absent(assertion, result)] : [...outcomes, ...missing]
  })
}

/** Whether an assertion is about this cell. */
export function isAbout({ model, workload }: Assertion, cell: CellName): boolean {
  return (model === '*' || model === cell.model) && (workload === '*' || workload === cell.workload)
}

/** A model under a workload. */
export type CellName = Pick<ResultCell, 'model' | 'workload'>

/** What `*` stands for too, but could not be measured under any workload: nothing is decided about it. */
function unmeasuredModels(assertion: Assertion, result: Result): AssertionOutcome[] {
  const { workload } = assertion
  return result.unavailable
    .filter(({ model, workload: only }) => only === undefined && result.cells.every((cell) => cell.model !== model))
    .map(({ model, reason }) =>
      outcomeFor(assertion, { model, workload }, undecidedBecause(`${model} was not measured: ${reason}`)),
    )
}

/** True when nothing failed, and nothing is undecided where that counts as failing. */
export function assertionsHold(outcomes: readonly AssertionOutcome[], undecided: 'fail' | 'warn'): boolean {
  return outcomes.every(({ outcome }) => outcome === 'passed' || (outcome === 'undecided' && undecided === 'warn'))
}

/** What became of an assertion about one cell. */
export function outcomeFor(assertion: Assertion, cell: CellName, decision: Decision): AssertionOutcome {
  const { model, workload } = cell
  return { text: textFor(assertion, cell), model, workload, metric: assertion.metric, ...decision }
}

/** Nothing is decided, for a reason that is a sentence. */
export function undecidedBecause(because: string): Decision {
  return { outcome: 'undecided', because }
}

function evaluate(assertion: Assertion, cell: ResultCell, result: Result): Decision {
  if (cell.blocks === 0) return undecidedBecause(noTrialText(cell, result))
  const held = heldOf(assertion, cell, result)
  if (typeof held === 'string') return undecidedBecause(held)
  const measured = `Measured ${held.found.shown}, but`
  if (result.validity.withheld.includes(cell.workload)) {
    return undecidedBecause(
      `${measured} the verdicts on ${cell.workload} are withheld: its control differed from itself.`,
    )
  }
  const objection = withheldFor(assertion, cell, result)
  return objection === null ? decide(held, assertion.comparison) : undecidedBecause(`${measured}: ${objection}`)
}

/** The figure that an assertion is about, and what it is held against; a sentence where there is none. */
function heldOf({ metric, bound }: Assertion, cell: ResultCell, result: Result): Held | string {
  switch (bound.kind) {
    case 'absolute': {
      const level = levelOf(metric, cell)
      return typeof level === 'string' ? level : { found: level, wanted: bound.value }
    }
    case 'relative':
      return ratioTo(bound, metric, cell, result)
    case 'first-run':
      return 'There is no first run to compare this one with.'
  }
}

/** Why there is nothing about a cell: what was counted in none of its trials is not 0. */
export function noTrialText({ model, workload }: ResultCell, { unavailable }: Result): string {
  const left = unavailable.find((entry) => entry.model === model && entry.workload === workload)
  const why = left === undefined ? `There is no valid trial of ${model} under ${workload}.` : left.reason
  return left === undefined ? why : `${model} was not measured under ${workload}: ${why}`
}

/** Why the verdicts on this figure are withheld (a noisy host, too few samples), if they are. */
function withheldFor({ metric }: Assertion, { model, workload }: ResultCell, { verdicts }: Result): string | null {
  const found = verdicts.find(
    (verdict) =>
      verdict.workload === workload &&
      verdict.metric === COMPARED[metric] &&
      (verdict.candidate === model || verdict.baseline === model) &&
      verdict.because.startsWith(WITHHELD),
  )
  return found === undefined ? null : found.because.slice(WITHHELD.length)
}

/** How analysis begins the reason of a verdict that it does not give. */
const WITHHELD = 'Withheld: '

/** The ratio to another model: paired by blocks where one of the two is the baseline, else from the intervals of both. */
function ratioTo(
  { model: other, factor }: { readonly model: string; readonly factor: number },
  metric: AssertedMetric,
  cell: ResultCell,
  result: Result,
): Held | string {
  const paired = (candidate: string, baseline: string): Estimate | undefined =>
    result.verdicts.find(
      (verdict) =>
        verdict.metric === COMPARED[metric] &&
        verdict.workload === cell.workload &&
        verdict.candidate === candidate &&
        verdict.baseline === baseline,
    )?.ratio
  const direct = paired(cell.model, other)
  if (direct !== undefined) return { found: found(direct, ratioFigure(direct)), wanted: factor }
  const inverse = paired(other, cell.model)
  if (inverse !== undefined) {
    const ratio = { estimate: 1 / inverse.estimate, low: 1 / inverse.high, high: 1 / inverse.low }
    return { found: found(ratio, ratioFigure(ratio)), wanted: factor }
  }
  const otherCell = result.cells.find(({ model, workload }) => model === other && workload === cell.workload)
  if (otherCell === undefined) return `There is no ${other} under ${cell.workload} in this result.`
  const [mine, theirs] = [levelOf(metric, cell), levelOf(metric, otherCell)]
  if (typeof mine === 'string') return mine
  return typeof theirs === 'string' ? theirs : multipleOf(mine, theirs, other, factor)
}

/** A cell that an assertion names and a result does not have. */
export function absent(assertion: Assertion, { unavailable }: Result): AssertionOutcome {
  const { model, workload } = assertion
  const left = unavailable.find((entry) => entry.model === model)
  const because =
    left === undefined ? `This result has no ${model} under ${workload}.` : `${model} was not measured: ${left.reason}`
  return outcomeFor(assertion, assertion, undecidedBecause(because))
}

function textFor({ text, model, workload }: Assertion, cell: CellName): string {
  return model === '*' || workload === '*' ? text.trim().replace(/^\S+/, `${cell.model}/${cell.workload}`) : text.trim()
}
