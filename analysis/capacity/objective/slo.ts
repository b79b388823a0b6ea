import { ForkwiseError, ProblemList } from '../../../core/errors.ts'
import { formatDuration, parseDurationS } from '../../../core/quantities.ts'
import { quoted } from '../../../core/quotes.ts'

/** A bound on one statistic of the latency. */
export interface LatencyGoal {
  /** As it is written: `p99`, `p99.9`, `mean`, `max`. */
  readonly name: string
  /** Share of the requests that must be below the limit; null for the mean, 1 for the maximum. */
  readonly quantile: number | null
  readonly limitS: number
}

/** A service level objective: every goal must be met. */
export interface Slo {
  readonly text: string
  readonly latency: readonly LatencyGoal[]
  /** Highest share of requests that may fail; null when nothing is said about errors. */
  readonly errorRatio: number | null
}

/** What was observed, to hold against an objective. */
export interface SloObservation {
  /** Latency in seconds of a goal's statistic; null where there were too few answers to determine it. */
  latencyS(goal: LatencyGoal): number | null
  /** Failed (unexpected status, timeout, connection error, never sent) over all that were due. */
  readonly errorRatio: number
}

/** Whether an objective was met, and in words what was missed. */
export interface SloJudgement {
  readonly met: boolean
  readonly missed: readonly string[]
}

/** Shown wherever an objective is asked for. */
export const SLO_EXAMPLE = 'p99<200ms,errors<0.1%'

/** Reads an objective like `p99<200ms,errors<0.1%`; throws a usage error with all that is wrong with it. */
export function parseSlo(text: string, option: string = '--slo'): Slo {
  const problems = new ProblemList()
  const slo = readSlo(text, option, problems)
  problems.throwIfAny()
  return slo
}

/** As {@link parseSlo}, but adds to a list of problems; what could not be read is left out. */
export function readSlo(text: string, option: string, problems: ProblemList): Slo {
  const latency: LatencyGoal[] = []
  let errorRatio: number | null = null
  const decimal = /\d+,\d+/.exec(text)
  if (decimal !== null) {
    problems.add(
      `Expected \`${option}\` to have a point before decimals, got ${quoted(decimal[0])}.`,
      `Write ${text.trim().replaceAll(/(\d),(\d)/g, '$1.$2')}: a comma stands between two goals.`,
    )
    return { text: text.trim(), latency, errorRatio }
  }
  for (const term of text.split(/[,;]/).map((part) => part.trim())) {
    const match = /^([a-z][a-z0-9.]*)\s*(?:<=?|≤)\s*(\S.*)$/i.exec(term)
    const name = match?.[1]?.toLowerCase() ?? ''
    const value = match?.[2] ?? ''
    if (match === null) {
      problems.add(
        `Expected each part of \`${option}\` to be a statistic, < and a limit, got ${quoted(term)}.`,
        `Write it like ${SLO_EXAMPLE}.`,
      )
    } else if (name === 'errors') {
      if (errorRatio !== null) problems.add(`Expected errors once in \`${option}\`, got it twice.`)
      errorRatio = readRatio(value, option, problems) ?? errorRatio
    } else {
      const goal = readGoal(name, value, option, problems)
      if (goal === null) continue
      if (latency.some((other) => other.name === goal.name)) {
        problems.add(`Expected ${goal.name} once in \`${option}\`, got it twice.`)
      } else latency.push(goal)
    }
  }
  return { text: text.trim(), latency, errorRatio }
}

/** Checks an observation against an objective. A statistic that cannot be determined counts as missed. */
export function judgeSlo(slo: Slo, observed: SloObservation): SloJudgement {
  const missed: string[] = []
  for (const goal of slo.latency) {
    const latencyS = observed.latencyS(goal)
    if (latencyS === null) missed.push(`too few answers to determine ${goal.name}`)
    else if (!(latencyS < goal.limitS)) {
      missed.push(`${goal.name} ${formatDuration(latencyS)}, wanted below ${formatDuration(goal.limitS)}`)
    }
  }
  if (slo.errorRatio !== null && !(observed.errorRatio <= slo.errorRatio)) {
    missed.push(`errors ${percent(observed.errorRatio)}, wanted at most ${percent(slo.errorRatio)}`)
  }
  return { met: missed.length === 0, missed }
}

/** A share as a percentage for people: `0.1 %`. */
export function percent(ratio: number): string {
  return `${Number((ratio * 100).toPrecision(3))} %`
}

function readGoal(name: string, value: string, option: string, problems: ProblemList): LatencyGoal | null {
  const quantile = readQuantile(name)
  if (quantile === undefined) {
    problems.add(
      `Expected \`${option}\` to bound p50, p90, p95, p99, p99.9, mean, max or errors, got ${quoted(name)}.`,
      `Write it like ${SLO_EXAMPLE}.`,
    )
  }
  try {
    const limitS = parseDurationS(value, option)
    return quantile === undefined ? null : { name: nameOf(quantile), quantile, limitS }
  } catch (error) {
    if (!(error instanceof ForkwiseError)) throw error
    for (const problem of error.problems) problems.add(problem.message, problem.hint)
    return null
  }
}

/** The share a statistic stands for: p99 → 0.99, p999 and p99.9 → 0.999; undefined when it is no statistic. */
function readQuantile(name: string): number | null | undefined {
  if (name === 'mean') return null
  if (name === 'max') return 1
  const match = /^p(\d{1,2})(?:\.(\d+))?$/.exec(name) ?? /^p(99)(9+)$/.exec(name)
  if (match === null) return undefined
  const quantile = Number(`${match[1]}.${match[2] ?? '0'}`) / 100
  return quantile > 0 && quantile < 1 ? Number(quantile.toPrecision(12)) : undefined
}

function nameOf(quantile: number | null): string {
  if (quantile === null) return 'mean'
  return quantile === 1 ? 'max' : `p${Number((quantile * 100).toPrecision(12))}`
}

function readRatio(text: string, option: string, problems: ProblemList): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*(%)?$/.exec(text)
  const ratio = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1)
  if (ratio >= 0 && ratio < 1) return ratio
  problems.add(
    `Expected errors in \`${option}\` to be a share below 100 %, got ${quoted(text)}.`,
    'Write it like errors<0.1% or errors<0.001.',
  )
  return null
}
