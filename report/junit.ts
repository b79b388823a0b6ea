import { escapedValue } from '../core/plain-text.ts'
import type { TrialRecord } from '../core/records.ts'
import type { AssertionOutcome } from './assertion-outcome.ts'

/** A run, and what became of the assertions about it. */
export interface JUnitSuite {
  readonly name: string
  readonly createdAt: string
  readonly outcomes: readonly AssertionOutcome[]
  /** What was measured: a case takes as long as the trials of its model under its workload, the suite as long as all. */
  readonly trials: readonly TrialRecord[]
}

/**
 * Outcomes of assertions as a JUnit file, a suite for each run, which every CI system shows. An undecided one is a failure or
 * is skipped, as asked; both say why.
 */
export function renderJUnit(suites: readonly JUnitSuite[], undecided: 'fail' | 'warn'): string {
  const all = suites.flatMap(({ outcomes }) => outcomes)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="forkwise" ${countsText(all, undecided)}>`,
    ...suites.flatMap((suite) => suiteLines(suite, undecided)),
    '</testsuites>',
    '',
  ].join('\n')
}

function suiteLines({ name, createdAt, outcomes, trials }: JUnitSuite, undecided: 'fail' | 'warn'): string[] {
  const cases = outcomes.map((each) => {
    const open = `    <testcase classname="${escapeXml(`${each.model}.${each.workload}`)}" name="${escapeXml(each.text)}" time="${secondsText(trialsOf(trials, each))}">`
    const message = escapeXml(each.because)
    const inside = isFailure(each, undecided)
      ? `<failure type="${each.outcome}" message="${message}"/>`
      : each.outcome === 'undecided'
        ? `<skipped message="${message}"/>`
        : `<system-out>${message}</system-out>`
    return `${open}\n      ${inside}\n    </testcase>`
  })
  return [
    `  <testsuite name="${escapeXml(name)}" timestamp="${escapeXml(createdAt.slice(0, 19))}" time="${secondsText(trials)}" ${countsText(outcomes, undecided)}>`,
    ...cases,
    '  </testsuite>',
  ]
}

/** Whether an outcome counts as a failure. */
function isFailure({ outcome }: AssertionOutcome, undecided: 'fail' | 'warn'): boolean {
  return outcome === 'failed' || (outcome === 'undecided' && undecided === 'fail')
}

function countsText(outcomes: readonly AssertionOutcome[], undecided: 'fail' | 'warn'): string {
  const failures = outcomes.filter((each) => isFailure(each, undecided)).length
  const skipped = outcomes.filter((each) => each.outcome === 'undecided' && !isFailure(each, undecided)).length
  return `tests="${outcomes.length}" failures="${failures}" errors="0" skipped="${skipped}"`
}

function trialsOf(trials: readonly TrialRecord[], { model, workload }: AssertionOutcome): TrialRecord[] {
  return trials.filter((trial) => trial.model === model && trial.workload === workload)
}

/** Seconds from the start of the server to the end of the last slice, summed over trials; a failed one has no times. */
function secondsText(trials: readonly TrialRecord[]): string {
  const seconds = trials.map((trial) =>
    trial.outcome === 'failed'
      ? 0
      : trial.startS +
        (trial.warmup?.tookS ?? 0) +
        trial.saturation.load.countedS +
        (trial.latency?.load.countedS ?? 0),
  )
  return seconds.reduce((sum, each) => sum + each, 0).toFixed(3)
}

/** Text for XML 1.0, which has no way to write most control characters, half characters and two others. */
export function escapeXml(text: string): string {
  return escapedValue(text, (plain) =>
    plain
      .replaceAll(/[\p{Cs}\uFFFE\uFFFF]/gu, '\uFFFD')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;'),
  )
}
