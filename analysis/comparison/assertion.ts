import { ForkwiseError, ProblemList } from '../../core/errors.ts'
import { nearestName, unknownName } from '../../core/names.ts'
import { quoted } from '../../core/quotes.ts'

/** A threshold on one figure of a result: `cluster/cpu throughput >= 1.5x single`. */
export interface Assertion {
  /** As it was written. */
  readonly text: string
  /** A model, or `*` for each. */
  readonly model: string
  /** A workload, or `*` for each. */
  readonly workload: string
  readonly metric: AssertedMetric
  readonly comparison: Comparison
  readonly bound: Bound
}

/**
 * What a figure is compared with: a value in the metric's base unit, a multiple of another model's figure, or a multiple of
 * the same figure in the first of several runs.
 */
export type Bound =
  | { readonly kind: 'absolute'; readonly value: number }
  | { readonly kind: 'relative'; readonly factor: number; readonly model: string }
  | { readonly kind: 'first-run'; readonly factor: number }

/** The four comparisons; equality of measured figures is never asserted. */
export type Comparison = '<' | '<=' | '>' | '>='

/** Thresholds for a result: what is asserted, and what becomes of it. */
export interface Thresholds {
  readonly assertions: readonly Assertion[]
  /** Whether an assertion that noise cannot decide counts as missed. */
  readonly undecided: 'fail' | 'warn'
  /** Absolute path of the JUnit file to write, or null. */
  readonly junit: string | null
}

/** No thresholds at all. */
export const NO_THRESHOLDS: Thresholds = { assertions: [], undecided: 'fail', junit: null }

/** What can be asserted, with the units it may be written in (the first one is the base unit, which may be left out). */
export const ASSERTED_METRICS: Readonly<Record<AssertedMetric, Readonly<Record<string, number>>>> = {
  throughput: { '/s': 1, rps: 1, '/min': 1 / 60 },
  cpu: { ms: 1, us: 1e-3, µs: 1e-3, s: 1000 },
  p50: { ms: 1, us: 1e-3, µs: 1e-3, s: 1000 },
  p95: { ms: 1, us: 1e-3, µs: 1e-3, s: 1000 },
  p99: { ms: 1, us: 1e-3, µs: 1e-3, s: 1000 },
  errors: { '': 1 },
  memory: { MiB: 1, KiB: 1 / 1024, GiB: 1024, MB: 1e6 / 2 ** 20, GB: 1e9 / 2 ** 20 },
  efficiency: { '': 1, '%': 0.01 },
  start: { s: 1, ms: 1e-3 },
}

/** A metric that can be asserted. */
export type AssertedMetric = 'throughput' | 'cpu' | 'p50' | 'p95' | 'p99' | 'errors' | 'memory' | 'efficiency' | 'start'

/** How an assertion is written, for help texts and errors. */
export const ASSERTION_GRAMMAR: string = `MODEL/WORKLOAD METRIC COMPARISON BOUND
  MODEL/WORKLOAD  as in a result; * stands for each: cluster/cpu, */io
  METRIC          ${Object.keys(ASSERTED_METRICS).join(', ')}
  COMPARISON      <, <=, >, >=
  BOUND           a value with its unit (80ms, 900/s, 120MiB), a multiple of another model (1.5x single), or,
                  in a report of several runs, of the first one (0.95x first run);
                  without a unit: /s, ms, MiB, and s for start`

/** Reads an assertion; throws a USAGE error that points at the spot and shows the grammar. */
export function parseAssertion(text: string, option: string = '--assert'): Assertion {
  const scanner = new Scanner(text, option)
  const model = scanner.take(/[^\s/]+/y, 'a model, like `cluster`')
  scanner.take(/\//y, 'a slash between model and workload, like `cluster/cpu`', true)
  const workload = scanner.take(/[^\s/]+/y, 'a workload, like `cpu`', true)
  const metric = readMetric(scanner)
  const comparison = scanner.take(/[<>]=?(?!=)/y, 'one of <, <=, >, >=') as Comparison
  const bound = readBound(scanner, metric)
  scanner.end()
  return { text, model, workload, metric, comparison, bound }
}

/** Reads several assertions and reports the problems of all of them at once. */
export function parseAssertions(texts: readonly string[], option: string = '--assert'): Assertion[] {
  const problems = new ProblemList()
  const read = texts.flatMap((text) => {
    try {
      return [parseAssertion(text, option)]
    } catch (thrown) {
      if (!(thrown instanceof ForkwiseError)) throw thrown
      for (const problem of thrown.problems) problems.add(problem.message, problem.hint)
      return []
    }
  })
  problems.throwIfAny('USAGE')
  return read
}

/** Throws UNKNOWN_NAME when assertions name models or workloads that a run does not have, before it is started. */
export function requireAssertable(
  assertions: readonly Assertion[],
  known: { readonly models: readonly string[]; readonly workloads: readonly string[] },
): void {
  const problems = assertions.flatMap(({ text, model, workload, bound }) => {
    const named = [model, ...(bound.kind === 'relative' ? [bound.model] : [])]
    return [
      ...named
        .filter((name) => name !== '*' && !known.models.includes(name))
        .map((name) => unknownName(`a model in ${quoted(text)}`, name, known.models)),
      ...(workload === '*' || known.workloads.includes(workload)
        ? []
        : [unknownName(`a workload in ${quoted(text)}`, workload, known.workloads)]),
    ]
  })
  if (problems.length > 0) throw new ForkwiseError('UNKNOWN_NAME', problems)
}

/** Notes a problem for each assertion about the first of several runs, where there is only one. */
export function refuseFirstRun(assertions: readonly Assertion[], option: string, problems: ProblemList): void {
  for (const { text } of assertions.filter(({ bound }) => bound.kind === 'first-run')) {
    problems.add(
      `Expected \`${option}\` to compare within one run, got ${quoted(text)}.`,
      'Two runs are needed for that: forkwise report FIRST SECOND --assert …',
    )
  }
}

function readMetric(scanner: Scanner): AssertedMetric {
  const names = Object.keys(ASSERTED_METRICS) as AssertedMetric[]
  const start = scanner.spot
  const word = scanner.take(/[^\s<>=]+/y, `a metric (${names.join(', ')})`)
  const metric = names.find((name) => name === word)
  if (metric !== undefined) return metric
  const nearest = nearestName(word, names)
  throw scanner.wrong(start, `a metric (${names.join(', ')})${nearest === null ? '' : `; did you mean "${nearest}"?`}`)
}

function readBound(scanner: Scanner, metric: AssertedMetric): Bound {
  const value = Number(scanner.take(/\d+(?:\.\d+)?(?:e[+-]?\d+)?/iy, 'a number'))
  if (scanner.optional(/\s*[x×](?=\s)/y) !== null) {
    const model = scanner.take(/[^\s/]+/y, 'the model to compare with, like `single`, or `first run`')
    if (model === 'first' && scanner.optional(/\s+run(?=\s*$)/y) !== null) return { kind: 'first-run', factor: value }
    return { kind: 'relative', factor: value, model }
  }
  const units = ASSERTED_METRICS[metric]
  const start = scanner.spot
  const unit = scanner.optional(/\s*[^\s\d]+/y)?.trim() ?? ''
  const base = Object.keys(units)[0] ?? ''
  const factor = units[unit === '' ? base : unit]
  if (factor === undefined) {
    const known = Object.keys(units).filter((name) => name !== '')
    throw scanner.wrong(
      start,
      `${known.length === 0 ? `no unit after a value of \`${metric}\`` : `a unit of \`${metric}\` (${known.join(', ')})`}, or x and a model`,
    )
  }
  return { kind: 'absolute', value: value * factor }
}

/** Most characters of an assertion that a message shows. */
const EXCERPT_LENGTH = 80

/** Walks over the text; where it cannot go on, it says what it expected and points there. */
class Scanner {
  readonly #text: string
  readonly #option: string
  #at = 0

  constructor(text: string, option: string) {
    this.#text = text
    this.#option = option
  }

  /** Where the next piece begins. */
  get spot(): number {
    const space = /\s*/y
    space.lastIndex = this.#at
    return this.#at + (space.exec(this.#text)?.[0].length ?? 0)
  }

  /** The next piece; throws where it does not match. White space before it is skipped unless it must follow at once. */
  take(pattern: RegExp, expected: string, atOnce: boolean = false): string {
    const start = atOnce ? this.#at : this.spot
    pattern.lastIndex = start
    const found = pattern.exec(this.#text)?.[0]
    if (found === undefined) throw this.wrong(start, expected)
    this.#at = start + found.length
    return found
  }

  /** The next piece if it matches right here, else null. */
  optional(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0] ?? null
    if (found !== null) this.#at += found.length
    return found
  }

  /** Throws when something is left. */
  end(): void {
    if (this.spot < this.#text.length) throw this.wrong(this.spot, 'nothing more')
  }

  wrong(at: number, expected: string): ForkwiseError {
    const text = this.#text.replaceAll(/\p{Cc}/gu, ' ')
    const rest = text.slice(at).split(/\s/)[0] ?? ''
    const { excerpt, caret } = around(text, at)
    return new ForkwiseError('USAGE', {
      message: `Expected \`${this.#option}\` to have ${expected}, got ${rest === '' ? 'its end' : quoted(rest)}:\n  ${excerpt}\n  ${' '.repeat(caret)}^`,
      hint: `An assertion reads: ${ASSERTION_GRAMMAR}`,
    })
  }
}

/** What stands around a place of a text, on one line, and where the place is in it. */
function around(text: string, at: number): { readonly excerpt: string; readonly caret: number } {
  const from = text.length <= EXCERPT_LENGTH ? 0 : Math.max(0, at - EXCERPT_LENGTH / 2)
  const [before, after] = [from > 0 ? '…' : '', from + EXCERPT_LENGTH < text.length ? '…' : '']
  return { excerpt: before + text.slice(from, from + EXCERPT_LENGTH) + after, caret: before.length + at - from }
}
