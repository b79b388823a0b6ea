import { EXIT, type ExitCode, ForkwiseError, messageOf, type Problem } from '../core/errors.ts'
import type { Terminal } from './command.ts'

/** Tells why a command failed, all problems of it, and gives its exit code; `signal` says whether it was interrupted. */
export function reportFailure(thrown: unknown, terminal: Terminal, json: boolean, signal: AbortSignal): ExitCode {
  terminal.live('')
  const error = thrown instanceof ForkwiseError ? thrown : undefined
  const interrupted = signal.aborted && (error === undefined || error.code === 'INTERRUPTED')
  const exitCode = interrupted ? EXIT.interrupted : (error?.exitCode ?? EXIT.fault)
  const problems: readonly Problem[] = error?.problems ?? [{ message: messageOf(thrown) }]
  if (interrupted && error === undefined) terminal.note('forkwise: interrupted.')
  else for (const problem of problems) terminal.note(problemText(problem, terminal))
  if (exitCode === EXIT.fault && thrown instanceof Error && thrown.stack !== undefined) {
    terminal.note(terminal.style('faint', thrown.stack))
    terminal.note('Internal error: this is a bug in Forkwise. Please report it with the lines above.')
  }
  if (json) {
    const code = interrupted ? 'INTERRUPTED' : (error?.code ?? 'INTERNAL')
    terminal.result(JSON.stringify({ schema: 'forkwise/error@1', code, exitCode, problems }, null, 2))
  }
  return exitCode
}

function problemText(problem: Problem, terminal: Terminal): string {
  const hint = problem.hint === undefined ? '' : `\n  ${problem.hint.replaceAll('\n', '\n  ')}`
  return `${terminal.style('bad', 'forkwise:')} ${problem.message}${hint}`
}
