import { ForkwiseError, ProblemList } from '../../../core/errors.ts'
import { parseRatePerS } from '../../../core/quantities.ts'
import { quoted } from '../../../core/quotes.ts'
import { readSlo, type Slo } from '../objective/slo.ts'

/** What a plan is to provide for. */
export interface PlanRequest {
  /** Requests per second today. */
  readonly ratePerS: number
  readonly slo: Slo
  /** Cores of each machine; null: as many as the machine that was measured on. */
  readonly cores: number | null
  readonly growth: Growth | null
  /** Share that is planned for on top of the rate. */
  readonly headroom: number
  readonly price: Price | null
}

/** Growth of the rate. */
export interface Growth {
  readonly ratio: number
  readonly per: 'week' | 'month' | 'quarter' | 'year'
}

/** Price of one core for one hour. */
export interface Price {
  readonly perCoreHour: number
  /** As it was written: `USD`, `EUR`, `$`. */
  readonly currency: string
}

/** The words of a plan's options, as a command line has them. */
export interface PlanOptions {
  readonly rate?: string | undefined
  readonly slo?: string | undefined
  readonly cores?: string | undefined
  readonly growth?: string | undefined
  readonly headroom?: string | undefined
  readonly price?: string | undefined
}

/** More growth than to this multiple of the rate within half a year is a slip. */
const MOST_GROWTH = 1000

/** Shown with every problem of a plan's options. */
export const PLAN_EXAMPLE =
  "forkwise plan --rate 900 --slo 'p99<200ms,errors<0.1%' --growth 30%/year --headroom 20% --price '0.04 USD/core-hour'"

const YEARS: Readonly<Record<Growth['per'], number>> = { week: 7 / 365.25, month: 1 / 12, quarter: 1 / 4, year: 1 }

/** Reads the options of a plan; throws one usage error with all that is wrong and an example. */
export function parsePlanRequest(options: PlanOptions): PlanRequest {
  const problems = new ProblemList()
  const request = readPlanRequest(options, problems)
  problems.throwIfAny()
  return request
}

/** As {@link parsePlanRequest}, but adds to a list of problems; the request is of use only when none were added. */
export function readPlanRequest(options: PlanOptions, problems: ProblemList): PlanRequest {
  return {
    ratePerS: readRate(options.rate, problems),
    slo: readRequiredSlo(options.slo, problems),
    cores: readCores(options.cores, problems),
    growth: readOptional(options.growth, '--growth', parseGrowth, problems),
    headroom: readHeadroom(options.headroom, problems),
    price: readOptional(options.price, '--price', parsePrice, problems),
  }
}

/** The rate after that many years of growth, without headroom. */
export function grownRatePerS(ratePerS: number, growth: Growth, years: number): number {
  return ratePerS * (1 + growth.ratio) ** (years / YEARS[growth.per])
}

function readRate(text: string | undefined, problems: ProblemList): number {
  if (text === undefined) {
    problems.add('Expected `--rate`, the requests per second to plan for, got none.', `For example: ${PLAN_EXAMPLE}`)
  }
  return readOptional(text, '--rate', parseRatePerS, problems) ?? Number.NaN
}

function readOptional<T>(
  text: string | undefined,
  option: string,
  parse: (text: string, option: string) => T,
  problems: ProblemList,
): T | null {
  if (text === undefined) return null
  try {
    return parse(text, option)
  } catch (error) {
    if (!(error instanceof ForkwiseError)) throw error
    for (const problem of error.problems) problems.add(problem.message, problem.hint)
    return null
  }
}

function readRequiredSlo(text: string | undefined, problems: ProblemList): Slo {
  if (text === undefined) {
    problems.add('Expected `--slo`, the objective to meet, got none.', `For example: ${PLAN_EXAMPLE}`)
    return { text: '', latency: [], errorRatio: null }
  }
  const before = problems.length
  const slo = readSlo(text, '--slo', problems)
  if (problems.length === before && slo.latency.length === 0) {
    problems.add(
      `Expected \`--slo\` to bound a latency, got ${quoted(text)}: errors alone do not say how many workers are needed.`,
      'Write it like p99<200ms,errors<0.1%.',
    )
  }
  return slo
}

function readCores(text: string | undefined, problems: ProblemList): number | null {
  if (text === undefined) return null
  const cores = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN
  if (cores >= 1 && cores <= 1024) return cores
  problems.add(`Expected \`--cores\` to be a whole number from 1 to 1024, got ${quoted(text)}.`)
  return null
}

/** Growth written like `30%/year`; throws a usage error that names the option. */
export function parseGrowth(text: string, option: string): Growth {
  const match = /^(-?\d+(?:\.\d+)?)\s*%\s*(?:\/|per)\s*(week|month|quarter|year)$/i.exec(text.trim())
  const ratio = match === null ? Number.NaN : Number(match[1]) / 100
  const growth = match === null ? null : { ratio, per: match[2]?.toLowerCase() as Growth['per'] }
  if (growth !== null && ratio > 0 && grownRatePerS(1, growth, 0.5) <= MOST_GROWTH) return growth
  if (growth !== null) {
    throw new ForkwiseError('USAGE', {
      message: `Expected \`${option}\` to be growth that can be planned for, got ${quoted(text)}: ${ratio > 0 ? `that is more than ${MOST_GROWTH} times the rate in half a year` : 'the rate does not grow'}.`,
      hint: ratio > 0 ? 'Write it like 30%/year or 2%/month.' : 'A plan for a lower rate is one with a lower `--rate`.',
    })
  }
  throw new ForkwiseError('USAGE', {
    message: `Expected \`${option}\` to be a percentage per week, month, quarter or year, got ${quoted(text)}.`,
    hint: 'Write it like 30%/year or 2%/month.',
  })
}

function readHeadroom(text: string | undefined, problems: ProblemList): number {
  if (text === undefined) return 0
  const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim())
  if (match !== null) return Number(match[1]) / 100
  problems.add(`Expected \`--headroom\` to be a percentage, got ${quoted(text)}.`, 'Write it like 20%.')
  return 0
}

/** A price written like `0.04 USD/core-hour`; throws a usage error that names the option. */
export function parsePrice(text: string, option: string): Price {
  const match = /^([$€£])?\s*(\d+(?:\.\d+)?)\s*([A-Za-z]{3})?\s*(?:\/\s*core[- ]?h(?:our)?)?$/.exec(text.trim())
  const currency = match?.[1] ?? match?.[3]?.toUpperCase()
  if (match !== null && currency !== undefined && /\/\s*core/i.test(text)) {
    return { perCoreHour: Number(match[2]), currency }
  }
  throw new ForkwiseError('USAGE', {
    message: `Expected \`${option}\` to be an amount with its currency and unit, per core-hour, got ${quoted(text)}.`,
    hint: "Write it like '0.04 USD/core-hour'.",
  })
}
