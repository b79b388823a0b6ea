import type { Thresholds } from '../analysis/comparison/assertion.ts'
import { compareResults } from '../analysis/comparison/result-comparison.ts'
import { resultJson } from '../core/estimate.ts'
import { EXIT, type ExitCode, ForkwiseError, ProblemList } from '../core/errors.ts'
import { analyseRun } from '../experiments/comparison/comparison.ts'
import { addProblems } from '../experiments/resolution/problems.ts'
import type { AssertionOutcome } from '../report/assertion-outcome.ts'
import { renderRunsCsv } from '../report/runs/csv.ts'
import { renderRunsHtml } from '../report/runs/html.ts'
import { renderRunsMarkdown } from '../report/runs/markdown.ts'
import { evaluatePairAssertions } from '../report/runs/pair-outcomes.ts'
import { type RunName, runNames, type RunPair } from '../report/runs/pair.ts'
import { renderRunsText } from '../report/runs/text.ts'
import { settle } from '../report/thresholds.ts'
import { readRun, type StoredRun } from '../store/comparison-folder.ts'
import type { Terminal } from './command.ts'

/** How several runs can be printed, beside text and JSON. */
export const PAIR_FORMATS: Readonly<Record<string, (pairs: readonly RunPair[]) => string>> = {
  md: renderRunsMarkdown,
  html: renderRunsHtml,
  csv: renderRunsCsv,
}

interface NamedRun extends StoredRun {
  readonly called: RunName
}

/**
 * Prints each further run against the first one and holds it against the thresholds; gives the exit code: 2 where runs cannot
 * be compared, 5 where a threshold is missed. Throws RESULT_INVALID and FOLDER_UNWRITABLE.
 */
export function reportPairs(
  dirs: readonly string[],
  format: string,
  terminal: Terminal,
  thresholds: Thresholds,
): ExitCode {
  const [first, ...others] = readRuns(dirs)
  if (first === undefined) throw new ForkwiseError('USAGE', { message: 'Expected a results folder, got none.' })
  const judged = others.map((second) => ({ second, pair: pairOf(first, second, thresholds) }))
  const pairs = judged.map(({ pair }) => pair)
  const missed = settle(
    thresholds,
    judged.map(({ second: { trials }, pair: { first, second, outcomes } }) => ({
      name: `${second.name} against ${first.name}`,
      createdAt: second.createdAt,
      outcomes,
      trials,
    })),
  )
  if (format === 'json') terminal.result(resultJson({ schema: 'forkwise/runs@1', pairs: pairs.map(jsonOf) }, 2))
  else if (format === 'text') {
    const style: Terminal['style'] = (kind, text) => terminal.style(kind, text)
    terminal.result(renderRunsText(pairs, { columns: terminal.columns, style }))
  } else terminal.result((PAIR_FORMATS[format]?.(pairs) ?? '').trimEnd())
  if (pairs.some(({ comparison }) => !comparison.comparable)) return EXIT.usage
  return missed ? EXIT.threshold : EXIT.ok
}

function pairOf(first: NamedRun, second: NamedRun, { assertions }: Thresholds): RunPair {
  const comparison = compareResults(first, second)
  const outcomes: AssertionOutcome[] =
    assertions.length === 0
      ? []
      : evaluatePairAssertions(assertions, { first: analyseRun(first), second: analyseRun(second), comparison })
  return { first: first.called, second: second.called, comparison, outcomes }
}

function jsonOf({ first, second, comparison, outcomes }: RunPair): object {
  return {
    first: first.id,
    second: second.id,
    ...comparison,
    ...(outcomes.length === 0 ? {} : { assertions: outcomes }),
  }
}

/** Reads comparisons; throws one RESULT_INVALID error for all that cannot be read. */
function readRuns(dirs: readonly string[]): NamedRun[] {
  const problems = new ProblemList()
  const names = runNames(dirs)
  const runs = dirs.flatMap((dir, place) => {
    const run = addProblems(problems, () => readRun(dir))
    if (run === null) return []
    const { id, createdAt } = run.manifest
    return [{ ...run, called: { id, createdAt, name: names[place] ?? dir } }]
  })
  problems.throwIfAny('RESULT_INVALID')
  return runs
}
