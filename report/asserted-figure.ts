import type { AssertedMetric, Comparison } from '../analysis/comparison/assertion.ts'
import type { Estimate, ResultCell, VerdictMetric } from '../core/records.ts'
import {
  bytesFigure,
  countFigure,
  type Figure,
  figureOf,
  figureText,
  msFigure,
  rateFigure,
  ratioFigure,
} from './figures.ts'

/** An estimate with what bounds it, and how it reads. */
export interface Found {
  readonly estimate: Estimate
  /** False for figures that come without an interval: the value alone decides. */
  readonly bounded: boolean
  readonly shown: string
}

/** A figure, and what it is held against. */
export interface Held {
  readonly found: Found
  readonly wanted: number
}

/** What an assertion comes to where a figure decides it: the outcome, and why, as a sentence. */
export interface Decision {
  readonly outcome: 'passed' | 'failed' | 'undecided'
  readonly because: string
}

/** Asserted metrics of which ratios are measured in pairs or between runs. */
export const COMPARED: Readonly<Partial<Record<AssertedMetric, VerdictMetric>>> = {
  throughput: 'throughput',
  cpu: 'cpu-per-request',
  p50: 'latency-p50',
  p95: 'latency-p95',
  p99: 'latency-p99',
}

/** Holds a figure against what is wanted; one whose interval has both sides in it decides nothing. */
export function decide({ found, wanted }: Held, comparison: Comparison): Decision {
  const outcome = sideOf(found.estimate, comparison, wanted)
  const why = {
    passed: 'all of its interval is on the right side',
    failed: 'all of its interval is on the wrong side',
    undecided: 'its interval has both sides in it: more blocks would settle it',
  }[outcome]
  return { outcome, because: found.bounded ? `Measured ${found.shown}: ${why}.` : `Measured ${found.shown}.` }
}

function sideOf({ low, high }: Estimate, comparison: Comparison, wanted: number): Decision['outcome'] {
  const [all, none] = {
    '>': [low > wanted, high <= wanted],
    '>=': [low >= wanted, high < wanted],
    '<': [high < wanted, low >= wanted],
    '<=': [high <= wanted, low > wanted],
  }[comparison] as [boolean, boolean]
  return all ? 'passed' : none ? 'failed' : 'undecided'
}

/** The figure of a cell in the metric's base unit; a sentence where it cannot be determined. */
export function levelOf(metric: AssertedMetric, cell: ResultCell): Found | string {
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

/**
 * A level as a multiple of another, which `name` has; a sentence where there is no such multiple. Counts, and what was
 * measured without an interval, are compared themselves, since a multiple of 0 is not a ratio; else the ratio has the lowest
 * over the highest and the reverse, which is wider than a paired one.
 */
export function multipleOf(mine: Found, theirs: Found, name: string, factor: number): Held | string {
  const [own, other] = [mine.estimate, theirs.estimate]
  if (!mine.bounded && !theirs.bounded) {
    return {
      found: { ...mine, shown: `${mine.shown}, and ${name} has ${theirs.shown}` },
      wanted: factor * other.estimate,
    }
  }
  if (!(other.estimate > 0)) return `${name} has ${theirs.shown}: nothing is a multiple of that.`
  const ratio = {
    estimate: own.estimate / other.estimate,
    low: own.low / other.high,
    high: other.low > 0 ? own.high / other.low : Infinity,
  }
  return { found: found(ratio, ratioFigure(ratio)), wanted: factor }
}

/** A figure with its interval. */
export function found(estimate: Estimate, figure: Figure): Found {
  return { estimate, bounded: true, shown: figureText(figure) }
}

/** A figure that is counted, or measured without an interval. */
function exact(value: number, figure: (value: number) => Figure): Found {
  return { estimate: { estimate: value, low: value, high: value }, bounded: false, shown: figureText(figure(value)) }
}
