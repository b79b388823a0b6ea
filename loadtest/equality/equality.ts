import type { Answer } from './answers.ts'
import { differencesOf, namesOf, type EqualityLevel } from './differences.ts'
import { NO_NOISE, withoutNoise, type Noise } from './noise.ts'

/** Outcome of comparing one model's answers with the baseline's. */
export interface Equality {
  /** Differences that make the comparison unfair: the model is refused. */
  readonly faults: readonly string[]
  /** Differences that are a trait of the model: reported beside its figures. */
  readonly traits: readonly string[]
}

/** Differences of one request that are named; what else differs is counted. */
const NAMED = 1

/**
 * Compares a model's answers with the baseline's first ones; both were collected over the same workloads. What is noise is
 * left out; each request that differs is named with its first difference and both values.
 */
export function compareAnswers(
  baseline: readonly Answer[],
  candidate: readonly Answer[],
  level: EqualityLevel = 'body',
  noise: Noise = NO_NOISE,
): Equality {
  const faults = new Map<string, string>()
  const traits = new Set<string>()
  const expected = new Map(baseline.toReversed().map((answer) => [answer.key, answer]))
  for (const got of candidate) {
    const wanted = expected.get(got.key)
    if (wanted === undefined) continue
    const left = withoutNoise(got, differencesOf(wanted, got, level), noise)
    if (left.length > 0 && !faults.has(got.key)) faults.set(got.key, `${got.request}: ${describe(left)}`)
    for (const trait of traitsOf(wanted, got)) traits.add(trait)
  }
  return { faults: [...faults.values()], traits: [...traits] }
}

/** Faults of the baseline by itself: an answer with another status than the workload expects. */
export function unexpectedStatuses(answers: readonly Answer[]): string[] {
  const wrong = answers.filter(({ status, expectStatus }) => status !== expectStatus)
  return [...new Set(wrong.map((a) => `${a.request}: expected status ${a.expectStatus}, got ${a.status}`))]
}

function describe(differences: ReturnType<typeof differencesOf>): string {
  const named = differences.slice(0, NAMED).map(({ place, wanted, got }) => `${place} expected ${wanted}, got ${got}`)
  const more = differences.length - NAMED
  return `${named.join('; ')}${more > 0 ? `, and ${more} more differences` : ''}`
}

function traitsOf(wanted: Answer, got: Answer): string[] {
  const traits: string[] = []
  if (wanted.keepsAlive && !got.keepsAlive) traits.push('closes the connection after every answer')
  if (wanted.framing !== got.framing)
    traits.push(`frames bodies by ${got.framing} where the baseline uses ${wanted.framing}`)
  const names = namesOf(wanted, got)
  const extra = names.filter((name) => wanted.headers[name] === undefined)
  const missing = names.filter((name) => got.headers[name] === undefined)
  if (extra.length > 0) traits.push(`sends more headers: ${extra.join(', ')}`)
  if (missing.length > 0) traits.push(`sends fewer headers: ${missing.join(', ')}`)
  return traits
}
