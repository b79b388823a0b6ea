import { escapedValue } from '../core/plain-text.ts'
import type { Result, TrialRecord } from '../core/records.ts'
import type { AssertionOutcome } from './assertion-outcome.ts'

/** The run that outcomes belong to. */
export interface JUnitRun extends Pick<Result, 'id'> {
  readonly createdAt: string
  readonly undecided: 'fail' | 'warn'
  /** What was measured: a case takes as long as the trials of its model under its workload, the suite as long as all. */
  readonly trials: readonly TrialRecord[]
}

/**
 * Outcomes of assertions as a JUnit file, which every CI system shows. An undecided one is a failure or is skipped, as
 * asked; both say why.
 */
export function renderJUnit(outcomes: readonly AssertionOutcome[], run: JUnitRun): string {
  const fails = ({ outcome }: AssertionOutcome): boolean =>
    outcome === 'failed' || (outcome === 'undecided' && run.undecided === 'fail')
  const counts = {
    tests: outcomes.length,
    failures: outcomes.filter(fails).length,
    errors: 0,
    skipped: outcomes.filter((each) => each.outcome === 'undecided' && !fails(each)).length,
  }
  const numbers = Object.entries(counts).map(([name, count]) => `${name}="${count}"`)
  const cases = outcomes.map((each) => {
    const open = `    <testcase classname="${escapeXml(`${each.model}.${each.workload}`)}" name="${escapeXml(each.text)}" time="${secondsText(trialsOf(run.trials, each))}">`
    const message = escapeXml(each.because)
    const inside = fails(each)
      ? `<failure type="${each.outcome}" message="${message}"/>`
      : each.outcome === 'undecided'
        ? `<skipped message="${message}"/>`
        : `<system-out>${message}</system-out>`
    return `${open}\n      ${inside}\n    </testcase>`
  })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="forkwise" ${numbers.join(' ')}>`,
    `  <testsuite name="${escapeXml(run.id)}" timestamp="${escapeXml(run.createdAt.slice(0, 19))}" time="${secondsText(run.trials)}" ${numbers.join(' ')}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
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
