import { formatCount, formatDuration, formatRate } from '../core/quantities.ts'
import { longestWarmupS } from '../loadtest/generator.ts'
import type { GeneratorJob } from '../loadtest/generator-protocol.ts'
import { targetText, type TargetPattern } from './targets.ts'

/** Most arrivals of a schedule that is planned beforehand: their instants alone take 160 MB. */
const MOST_ARRIVALS = 20_000_000

/** What an agent does at most, whoever asks: set where it was started, never over the wire. */
export interface AgentLimits {
  /** Where load may go. */
  readonly targets: readonly TargetPattern[]
  /** Requests a second in an open loop. */
  readonly ratePerS: number
  /** Open connections at once. */
  readonly connections: number
  /** Seconds of a load, warm-up included. */
  readonly durationS: number
  /** Generator processes at once. */
  readonly processes: number
}

/** Why targets are not loaded or asked from here; null when they may be. */
export function refusedTarget(targets: readonly string[], limits: AgentLimits): string | null {
  const foreign = targets.find((target) => !limits.targets.some((pattern) => pattern.allows(target)))
  if (foreign === undefined) return null
  return `a load of ${targetText(foreign)}, which is not among what it may load (${limits.targets.map(String).join(', ')})`
}

/** Why jobs are not done here, in words that follow "refused"; null when they may be. */
export function refusedJobs(jobs: readonly GeneratorJob[], limits: AgentLimits): string | null {
  const more = (what: string, asked: string, most: string): string => `${what} ${asked}, more than its limit of ${most}`
  if (jobs.length > limits.processes) {
    return more('a load from', `${jobs.length} processes`, `${limits.processes}`)
  }
  const target = refusedTarget(
    jobs.flatMap(({ targets }) => targets),
    limits,
  )
  if (target !== null) return target
  const ratePerS = sum(jobs, ({ load, share }) => (load.kind === 'open' ? load.ratePerS / share.of : 0))
  if (ratePerS > limits.ratePerS) return more('a load of', formatRate(ratePerS), formatRate(limits.ratePerS))
  const connections = sum(jobs, ({ load, share }) =>
    load.kind === 'open' ? Math.ceil(load.maxConnections / share.of) : load.connections,
  )
  if (connections > limits.connections) {
    return more('a load over', `${formatCount(connections)} connections`, formatCount(limits.connections))
  }
  const longestS = Math.max(...jobs.map(({ load }) => load.durationS + longestWarmupS(load)))
  if (longestS > limits.durationS) return more('a load of', formatDuration(longestS), formatDuration(limits.durationS))
  const arrivals = Math.max(
    ...jobs.map(({ load }) => (load.kind === 'open' ? load.ratePerS * (load.durationS + longestWarmupS(load)) : 0)),
  )
  return arrivals > MOST_ARRIVALS
    ? more('a load of', `${formatCount(Math.round(arrivals))} requests in all`, formatCount(MOST_ARRIVALS))
    : null
}

function sum(jobs: readonly GeneratorJob[], value: (job: GeneratorJob) => number): number {
  return jobs.reduce((total, job) => total + value(job), 0)
}
