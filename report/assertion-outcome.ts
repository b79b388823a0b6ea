import type { Estimate, Result, ResultCell, VerdictMetric } from '../core/records.ts'
import type { Assertion, AssertedMetric, Comparison } from '../analysis/comparison/assertion.ts'
import {
  bytesFigure,
  countFigure,
  type Figure,
  figureText,
  msFigure,
  rateFigure,
  ratioFigure,
  figureOf,
} from './figures.ts'

/** What became of one assertion in one cell of a result. */
export interface AssertionOutcome {
  /** The assertion with the cell's own names in place of `*`. */
  readonly text: string
  readonly model: string
  readonly workload: string
  readonly metric: AssertedMetric
  readonly outcome: 'passed' | 'failed' | 'undecided'
  /** What was found, and why that decides or does not. */
  readonly because: string
}

/**
 * Holds assertions against a result. An assertion whose bound lies within the interval of the figure is undecided: the
 * noise of the run is larger than what was asked. So is everything on a workload whose verdicts are withheld.
 */
export function evaluateAssertions(assertions: readonly Assertion[], result: Result): AssertionOutcome[] {
  return assertions.flatMap((assertion) => {
    const cells = result.cells.filter(
      (cell) =>
        (assertion.model === '*' || assertion.model === cell.model) &&
        (assertion.workload === '*' || assertion.workload === cell.workload),
    )
    // Of `*` the model that is compared with is left out: it is always 1 × itself.
    const others = cells.filter(
      ({ model }) => assertion.model !== '*' || assertion.bound.kind === 'absolute' || assertion.bound.model !== model,
    )
    const outcomes = others.map((cell) => evaluate(assertion, cell, result))
    const missing = assertion.model === '*' ? unmeasuredModels(assertion, result) : []
    return cells.length === 0 && missing.length === 0 ? [absent(assertion, result)] : [...outcomes, ...missing]
  })
}

/** What `*` stands for too, but could not be measured under any workload: nothing is decided about it. */
function unmeasuredModels(assertion: Assertion, result: Result): AssertionOutcome[] {
  const { workload, metric } = assertion
  return result.unavailable
    .filter(({ model, workload: only }) => only === undefined && result.cells.every((cell) => cell.model !== model))
    .map(({ model, reason }) => ({
      text: textFor(assertion, { model, workload }),
      model,
      workload,
      metric,
      outcome: 'undecided',
      because: `${model} was not measured: ${reason}`,
    }))
}

/** True when nothing failed, and nothing is undecided where that counts as failing. */
export function assertionsHold(outcomes: readonly AssertionOutcome[], undecided: 'fail' | 'warn'): boolean {
  return outcomes.every(({ outcome }) => outcome === 'passed' || (outcome === 'undecided' && undecided === 'warn'))
}

/** An estimate with what bounds it, and how it reads. */
interface Found {
  readonly estimate: Estimate
  /** False for figures that come without an interval: the value alone decides. */
  readonly bounded: boolean
  readonly figure: Figure
}

function evaluate(assertion: Assertion, cell: ResultCell, result: Result): AssertionOutcome {
  const { metric, comparison, bound } = assertion
  const identity = { text: textFor(assertion, cell), model: cell.model, workload: cell.workload, metric }
  if (cell.blocks === 0) return { ...identity, outcome: 'undecided', because: noTrialText(cell, result) }
  const found = bound.kind === 'absolute' ? levelOf(metric, cell) : ratioTo(bound.model, metric, cell, result)
  if (typeof found === 'string') return { ...identity, outcome: 'undecided', because: found }
  if (result.validity.withheld.includes(cell.workload)) {
    const because = `Measured ${figureText(found.figure)}, but the verdicts on ${cell.workload} are withheld: its control differed from itself.`
    return { ...identity, outcome: 'undecided', because }
  }
  const objection = withheldFor(assertion, cell, result)
  if (objection !== null) {
    return { ...identity, outcome: 'undecided', because: `Measured ${figureText(found.figure)}, but: ${objection}` }
  }
  const wanted = bound.kind === 'absolute' ? bound.value : bound.factor
  const outcome = decide(found.estimate, comparison, wanted)
  const why = {
    passed: 'all of its interval is on the right side',
    failed: 'all of its interval is on the wrong side',
    undecided: 'its interval has both sides in it: more blocks would settle it',
  }[outcome]
  const shown = figureText(found.figure)
  return { ...identity, outcome, because: found.bounded ? `Measured ${shown}: ${why}.` : `Measured ${shown}.` }
}

/** Why there is nothing about a cell: what was counted in none of its trials is not 0. */
function noTrialText({ model, workload }: ResultCell, { unavailable }: Result): string {
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

function decide({ low, high }: Estimate, comparison: Comparison, wanted: number): AssertionOutcome['outcome'] {
  const [all, none] = {
    '>': [low > wanted, high <= wanted],
    '>=': [low >= wanted, high < wanted],
    '<': [high < wanted, low >= wanted],
    '<=': [high <= wanted, low > wanted],
  }[comparison] as [boolean, boolean]
  return all ? 'passed' : none ? 'failed' : 'undecided'
}

/** The figure of a cell in the metric's base unit; a sentence where it cannot be determined. */
function levelOf(metric: AssertedMetric, cell: ResultCell): Found | string {
  const missing = `There is no ${metric} of ${cell.model} under ${cell.workload} in this result.`
  switch (metric) {
    case 'throughput':
      return cell.throughputRps === null ? missing : found(cell.throughputRps, rateFigure(cell.throughputRps))
    case 'cpu':
      return cell.cpuMsPerRequest === null ? missing : found(cell.cpuMsPerRequest, msFigure(cell.cpuMsPerRequest))
    case 'p50':
    case 'p95':
    case 'p99': {
      const [ms, interval] = [cell.latencyMs?.[metric] ?? null, cell.latencyIntervalsMs?.[metric] ?? null]
      if (ms === null) {
        return cell.latencyMs === null
          ? missing
          : `Of ${cell.latencyMs.count} requests of ${cell.model} under ${cell.workload} too few took longer than their ${metric} to determine it.`
      }
      if (interval !== null) return found({ ...interval, estimate: ms }, msFigure({ ...interval, estimate: ms }))
      return `Measured ${figureText(msFigure(ms))}, but so few requests took longer that its interval cannot be determined.`
    }
    case 'errors':
      return exact(cell.errors + cell.timeouts, countFigure)
    case 'memory':
      return cell.rssBytes === null
        ? missing
        : exact(cell.rssBytes / 2 ** 20, (mebibytes) => bytesFigure(mebibytes * 2 ** 20))
    case 'start':
      return cell.startS === null ? missing : exact(cell.startS, (seconds) => figureOf(seconds, ' s'))
    case 'efficiency': {
      const rate = cell.throughputRps
      if (cell.efficiency === null || rate === null || !(rate.estimate > 0)) return missing
      const scale = cell.efficiency / rate.estimate
      const estimate = { estimate: cell.efficiency, low: rate.low * scale, high: rate.high * scale }
      return found(estimate, { ...ratioFigure(estimate), unit: '' })
    }
  }
}

const COMPARED: Readonly<Partial<Record<AssertedMetric, VerdictMetric>>> = {
  throughput: 'throughput',
  cpu: 'cpu-per-request',
  p50: 'latency-p50',
  p95: 'latency-p95',
  p99: 'latency-p99',
}

/**
 * The ratio to another model: paired by blocks where one of the two is the baseline, else from the intervals of both,
 * lowest over highest and the reverse, which is wider than a paired one.
 */
function ratioTo(other: string, metric: AssertedMetric, cell: ResultCell, result: Result): Found | string {
  const paired = (candidate: string, baseline: string): Estimate | undefined =>
    result.verdicts.find(
      (verdict) =>
        verdict.metric === COMPARED[metric] &&
        verdict.workload === cell.workload &&
        verdict.candidate === candidate &&
        verdict.baseline === baseline,
    )?.ratio
  const direct = paired(cell.model, other)
  if (direct !== undefined) return found(direct, ratioFigure(direct))
  const inverse = paired(other, cell.model)
  if (inverse !== undefined) {
    const ratio = { estimate: 1 / inverse.estimate, low: 1 / inverse.high, high: 1 / inverse.low }
    return found(ratio, ratioFigure(ratio))
  }
  const otherCell = result.cells.find(({ model, workload }) => model === other && workload === cell.workload)
  if (otherCell === undefined) return `There is no ${other} under ${cell.workload} in this result.`
  const [mine, theirs] = [levelOf(metric, cell), levelOf(metric, otherCell)]
  if (typeof mine === 'string') return mine
  if (typeof theirs === 'string') return theirs
  if (!(theirs.estimate.estimate > 0))
    return `${other} has ${figureText(theirs.figure)}: nothing is a multiple of that.`
  const ratio = {
    estimate: mine.estimate.estimate / theirs.estimate.estimate,
    low: mine.estimate.low / theirs.estimate.high,
    high: theirs.estimate.low > 0 ? mine.estimate.high / theirs.estimate.low : Infinity,
  }
  const bounded = mine.bounded && theirs.bounded
  return { estimate: ratio, bounded, figure: ratioFigure(bounded ? ratio : ratio.estimate) }
}

function found(estimate: Estimate, figure: Figure): Found {
  return { estimate, bounded: true, figure }
}

/** A figure that is counted, or measured without an interval. */
function exact(value: number, figure: (value: number) => Figure): Found {
  return { estimate: { estimate: value, low: value, high: value }, bounded: false, figure: figure(value) }
}

function absent(assertion: Assertion, result: Result): AssertionOutcome {
  const { text, model, workload, metric } = assertion
  const left = result.unavailable.find((entry) => entry.model === model)
  const because =
    left === undefined ? `This result has no ${model} under ${workload}.` : `${model} was not measured: ${left.reason}`
  return { text, model, workload, metric, outcome: 'undecided', because }
}

function textFor({ text, model, workload }: Assertion, cell: Pick<ResultCell, 'model' | 'workload'>): string {
  return model === '*' || workload === '*' ? text.trim().replace(/^\S+/, `${cell.model}/${cell.workload}`) : text.trim()
}
