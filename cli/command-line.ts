import { forkwiseVersion } from '../core/version.ts'
import { EXIT, type ExitCode, ForkwiseError } from '../core/errors.ts'
import { unknownName } from '../core/names.ts'
import { parseArguments } from './arguments.ts'
import type { Command, CommandDescription, Terminal } from './command.ts'
import { commandNames, describeCommands, loadCommand } from './commands.ts'
import { reportFailure } from './failure.ts'
import { commandText, overviewText } from './help.ts'
import { watchParents } from './parent-watch.ts'
import { processTerminal } from './terminal.ts'

/**
 * Understands a command line, runs it and gives its exit code. The first SIGINT, SIGTERM or SIGHUP asks the command to
 * finish, a second one ends the process at once (what it started is ended by the session's exit hook). So does the end
 * of the npm that started it.
 */
export async function runCommandLine(words: readonly string[]): Promise<ExitCode> {
  const terminal = processTerminal()
  const interruption = new AbortController()
  let note = 'Interrupted: ending what runs (once more to end at once) …'
  const ended = listenForSignals(interruption, terminal, () => note)
  process.stdout.on('error', leaveOnBrokenPipe)
  process.stderr.on('error', ignoreLostReader)
  const beforeRun = ({ interruptionNote }: Command): void => {
    note = interruptionNote ?? note
    watchParents(() => interrupt(interruption, terminal, 'What started this has ended: ending what runs …'))
  }
  return ended(await performCommand(words, terminal, interruption.signal, beforeRun))
}

/**
 * Understands a command line and runs it, and does nothing else to this process. Gives its exit code, also where it
 * fails, which the terminal is told. `beforeRun` is called once it is clear which command is to run.
 */
export async function performCommand(
  words: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
  beforeRun: (command: Command) => void = () => undefined,
): Promise<ExitCode> {
  try {
    return await dispatch(words, terminal, signal, beforeRun)
  } catch (thrown) {
    return reportFailure(thrown, terminal, words.includes('--json'), signal)
  }
}

async function dispatch(
  words: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
  beforeRun: (command: Command) => void,
): Promise<ExitCode> {
  const [name, ...rest] = words
  if (name === '--version' || name === '-v' || name === 'version') {
    terminal.result(forkwiseVersion())
    return EXIT.ok
  }
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    terminal.result(
      rest[0] === undefined
        ? overviewText(await describeCommands(), terminal, forkwiseVersion())
        : commandText(await describeCommand(rest[0]), terminal),
    )
    return name === undefined ? EXIT.usage : EXIT.ok
  }
  const description = await describeCommand(name)
  const { values, positionals } = parseArguments(description, rest)
  if (values['help'] === true) {
    terminal.result(commandText(description, terminal))
    return EXIT.ok
  }
  const command = await loadCommand(name)
  beforeRun(command)
  return command.run({ positionals, values, json: values['json'] === true, signal, terminal, line: words })
}

async function describeCommand(name: string): Promise<CommandDescription> {
  const description = (await describeCommands()).find((candidate) => candidate.name === name)
  if (description !== undefined) return description
  throw new ForkwiseError('UNKNOWN_NAME', unknownName('a command', name, commandNames()))
}

/**
 * Listens for the rest of the process's life: without a listener, a signal in the moments between the command's end and
 * the process's would kill it, and its exit code would be lost.
 */
function listenForSignals(
  interruption: AbortController,
  terminal: Terminal,
  note: () => string,
): (exitCode: ExitCode) => ExitCode {
  let exitCode: ExitCode | undefined
  const listener = (): void => {
    if (exitCode !== undefined) process.exit(exitCode)
    if (interruption.signal.aborted) process.exit(EXIT.interrupted)
    interrupt(interruption, terminal, note())
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, listener)
  return (code) => (exitCode = code)
}

function interrupt(interruption: AbortController, terminal: Terminal, note: string): void {
  if (interruption.signal.aborted) return
  terminal.live('')
  terminal.note(note)
  interruption.abort(new ForkwiseError('INTERRUPTED', { message: 'Interrupted.' }))
}

function leaveOnBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(EXIT.ok)
  if (error.code === 'EIO') return
  process.stderr.write(`forkwise: Expected to be able to write the result, got: ${error.message}\n`)
  process.exit(EXIT.machine)
}

/** A terminal that is gone (EIO) sends SIGHUP as well, and what runs has to be ended in order then. */
function ignoreLostReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
}
