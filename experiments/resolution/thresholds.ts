import {
  type Assertion,
  refuseFirstRun,
  requireAssertable,
  type Thresholds,
} from '../../analysis/comparison/assertion.ts'
import type { ProblemList } from '../../core/errors.ts'
import { quoted } from '../../core/quotes.ts'
import { whyUnwritable } from '../../store/output-file.ts'
import type { GivenOptions } from '../options/given.ts'
import type { SettingsOf } from '../options/option.ts'
import type { THRESHOLDS } from '../options/sets/thresholds.ts'
import { addProblems } from './problems.ts'

/** What thresholds may name. */
export interface AssertableNames {
  readonly models: readonly string[]
  readonly workloads: readonly string[]
}

/** Thresholds, and what is to be said about those that were left out. */
export interface ResolvedThresholds {
  readonly thresholds: Thresholds
  readonly notes: readonly string[]
}

/** Thresholds as they were given, whatever they name; every problem is noted. */
export function thresholdsOf(
  { assert, undecided, junit }: SettingsOf<typeof THRESHOLDS>,
  given: GivenOptions,
  problems: ProblemList,
): Thresholds {
  const why = junit === undefined ? null : whyUnwritable(junit)
  if (why !== null) {
    problems.add(
      `Expected \`${given.name('junit')}\` to name a file that can be written, got ${quoted(junit)}: ${why}.`,
    )
  }
  for (const key of ['undecided', 'junit']) {
    if (given.has(key) && given.source(key).kind !== 'file' && !given.has('assert')) {
      problems.add(`Expected \`${given.name(key)}\` together with \`${given.name('assert')}\`, got it alone.`)
    }
  }
  return { assertions: assert, undecided, junit: junit ?? null }
}

/**
 * Thresholds of a run of the models and workloads in `run`. Those of a configuration hold for many runs: where one names a
 * model or workload that exists (`known`) but is not run now, it is left out with a note. Every problem is noted.
 */
export function resolveThresholds(
  settings: SettingsOf<typeof THRESHOLDS>,
  run: AssertableNames,
  known: AssertableNames,
  given: GivenOptions,
  problems: ProblemList,
): ResolvedThresholds {
  const thresholds = thresholdsOf(settings, given, problems)
  refuseFirstRun(thresholds.assertions, given.name('assert'), problems)
  const configured = given.source('assert').kind === 'file'
  // Where no name of the run was right, what exists is what can be meant.
  const nameable = {
    models: run.models.length === 0 ? known.models : run.models,
    workloads: run.workloads.length === 0 ? known.workloads : run.workloads,
  }
  addProblems(problems, () => requireAssertable(thresholds.assertions, configured ? known : nameable))
  if (!configured) return { thresholds, notes: [] }
  const assertions = thresholds.assertions.filter((assertion) => isWithin(assertion, run))
  const notes = thresholds.assertions
    .filter((assertion) => !assertions.includes(assertion))
    .map(({ text }) => `The threshold "${text}" is left out: it names what is not compared now.`)
  return { thresholds: { ...thresholds, assertions }, notes }
}

function isWithin({ model, workload, bound }: Assertion, { models, workloads }: AssertableNames): boolean {
  const named = [model, ...(bound.kind === 'relative' ? [bound.model] : [])]
  return (
    named.every((name) => name === '*' || models.includes(name)) && (workload === '*' || workloads.includes(workload))
  )
}
