import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node'

/**
 * A reporter for the end of a run: names the tests that were tried again, since none should need it, and closes with
 * `N passed, N failed, N skipped` on a line of its own. A file that fails outside of its tests counts as one failed test,
 * and so does an error that belongs to no file.
 */
export default class Tally implements Reporter {
  /** Prints the lines. */
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const count = (state: string): number => tests.filter((test) => test.result().state === state).length
    const broken = modules.filter((module) => module.state() === 'failed' && !hasFailedTest(module))
    const retried = tests.filter((test) => (test.diagnostic()?.retryCount ?? 0) > 0)
    const failed = count('failed') + broken.length + unhandledErrors.length
    const lines = [
      `retried: ${retried.length}`,
      ...retried.map(nameOf),
      `${count('passed')} passed, ${failed} failed, ${count('skipped')} skipped`,
    ]
    process.stdout.write(`\n${lines.join('\n')}\n`)
  }
}

function hasFailedTest(module: TestModule): boolean {
  return [...module.children.allTests('failed')].length > 0
}

function nameOf(test: TestCase): string {
  return `  ${test.module.relativeModuleId} > ${test.fullName} (${test.result().state})`
}
