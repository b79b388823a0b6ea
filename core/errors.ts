/** Exit codes of the command line; scripts rely on them. */
export const EXIT = {
  ok: 0,
  fault: 1,
  usage: 2,
  machine: 3,
  trial: 4,
  threshold: 5,
  interrupted: 130,
} as const

/** One of the documented exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Every error a user can meet, with the exit code it ends the command with. docs/ERRORS.md is made from this table. */
export const ERROR_CODES: Readonly<Record<ErrorCode, { exitCode: ExitCode; meaning: string }>> = {
  USAGE: { exitCode: EXIT.usage, meaning: 'The command line or the configuration is not what was expected.' },
  UNKNOWN_NAME: { exitCode: EXIT.usage, meaning: 'A model, workload, metric or command of that name does not exist.' },
  APP_INVALID: { exitCode: EXIT.usage, meaning: 'The app under test cannot be loaded or exports nothing usable.' },
  RESULT_INVALID: {
    exitCode: EXIT.usage,
    meaning: 'A results folder is empty, damaged, foreign or from another version.',
  },
  PORT_TAKEN: { exitCode: EXIT.machine, meaning: 'Another process listens on the port that was asked for.' },
  PART_MISSING: { exitCode: EXIT.machine, meaning: 'A program that the model or command needs is not installed.' },
  MACHINE_UNFIT: { exitCode: EXIT.machine, meaning: 'The machine is too noisy or too small for what was asked.' },
  FOLDER_UNWRITABLE: {
    exitCode: EXIT.machine,
    meaning: 'A folder that results or state must go to cannot be written.',
  },
  START_FAILED: { exitCode: EXIT.trial, meaning: 'A server did not become ready.' },
  TRIAL_FAILED: { exitCode: EXIT.trial, meaning: 'A trial ended without a usable measurement.' },
  AGENT_UNAVAILABLE: {
    exitCode: EXIT.machine,
    meaning: 'A load agent cannot be reached, or refuses what it is asked.',
  },
  TARGET_UNREACHABLE: { exitCode: EXIT.trial, meaning: 'The address to load does not answer as an HTTP server.' },
  INTERRUPTED: { exitCode: EXIT.interrupted, meaning: 'The command was ended by a signal; what was finished is kept.' },
  INTERNAL: { exitCode: EXIT.fault, meaning: 'Internal error: a bug in Forkwise.' },
}

/** Stable code of an error, for scripts and for the documentation. */
export type ErrorCode =
  | 'USAGE'
  | 'UNKNOWN_NAME'
  | 'APP_INVALID'
  | 'RESULT_INVALID'
  | 'PORT_TAKEN'
  | 'PART_MISSING'
  | 'MACHINE_UNFIT'
  | 'FOLDER_UNWRITABLE'
  | 'START_FAILED'
  | 'TRIAL_FAILED'
  | 'AGENT_UNAVAILABLE'
  | 'TARGET_UNREACHABLE'
  | 'INTERRUPTED'
  | 'INTERNAL'

/** What a problem consists of: what is wrong (with what was expected and what came), and what to do about it. */
export interface Problem {
  readonly message: string
  readonly hint?: string
}

/** An error made for people: a stable code, one or more problems at once, a hint for each. */
export class ForkwiseError extends Error {
  readonly code: ErrorCode
  readonly problems: readonly Problem[]

  constructor(code: ErrorCode, problems: Problem | readonly Problem[], options?: { cause?: unknown }) {
    const list: readonly Problem[] = 'message' in problems ? [problems] : problems
    super(list.map((problem) => problem.message).join('\n'), options)
    this.name = 'ForkwiseError'
    this.code = code
    this.problems = list
  }

  /** The exit code the command line ends with for this error. */
  get exitCode(): ExitCode {
    return ERROR_CODES[this.code].exitCode
  }
}

/**
 * A process of a run ended although nobody asked it to: what was measured with it is void, and the same may succeed when
 * it is tried again.
 */
export class PartEndedError extends ForkwiseError {}

/** Collects problems so that all of them are reported at once; `throwIfAny` throws them as one error. */
export class ProblemList {
  readonly #problems: Problem[] = []

  /** Notes one problem. */
  add(message: string, hint?: string): void {
    this.#problems.push(hint === undefined ? { message } : { message, hint })
  }

  /** How many problems were noted. */
  get length(): number {
    return this.#problems.length
  }

  /** Throws a {@link ForkwiseError} with every problem noted so far, or returns when there is none. */
  throwIfAny(code: ErrorCode = 'USAGE'): void {
    if (this.#problems.length > 0) throw new ForkwiseError(code, this.#problems)
  }
}

/** The text of anything thrown, for messages. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
