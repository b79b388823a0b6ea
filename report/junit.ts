import type { AssertionOutcome } from './assertion-outcome.ts'

/**
 * Outcomes of assertions as a JUnit file, which every CI system shows. An undecided one is a failure or is skipped, as
 * asked; both say why.
 */
export function renderJUnit(
  outcomes: readonly AssertionOutcome[],
  run: { readonly id: string; readonly createdAt: string; readonly undecided: 'fail' | 'warn' },
): string {
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
    const open = `    <testcase classname="${escapeXml(`${each.model}.${each.workload}`)}" name="${escapeXml(each.text)}" time="0">`
    const message = escapeXml(each.because)
    const inside = fails(each)
      ? `<failure type="${each.outcome}" message="${message}">${message}</failure>`
      : each.outcome === 'undecided'
        ? `<skipped message="${message}"/>`
        : `<system-out>${message}</system-out>`
    return `${open}\n      ${inside}\n    </testcase>`
  })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="forkwise" ${numbers.join(' ')}>`,
    `  <testsuite name="${escapeXml(run.id)}" timestamp="${escapeXml(run.createdAt.slice(0, 19))}" time="0" ${numbers.join(' ')}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

/** Text for XML 1.0, which has no way to write most control characters. */
export function escapeXml(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex
      .replaceAll(/[^\u0009\u000A\u000D\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll('\n', '&#10;')
  )
}
