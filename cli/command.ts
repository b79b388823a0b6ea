import type { ExitCode } from '../core/errors.ts'

/** One option of a command, as `node:util` parseArgs takes it, with what `--help` needs. */
export interface OptionSpec {
  /** Long name without dashes. */
  readonly name: string
  readonly short?: string
  readonly type: 'string' | 'boolean'
  readonly multiple?: boolean
  /** Placeholder of the value in the usage text, e.g. `n`, `dir`. */
  readonly value?: string
  readonly help: string
}

/** What is known of a command without running it: plain data, which the build keeps beside the code. */
export interface CommandDescription {
  readonly name: string
  readonly summary: string
  /** Positional arguments as shown in the usage line, e.g. `MODEL` or `URL`; empty when there are none. */
  readonly positionals: string
  /** Least and most positional arguments. */
  readonly arity: readonly [min: number, max: number]
  /** What it does, in a paragraph or two. */
  readonly description: string
  readonly options: readonly OptionSpec[]
  readonly examples: readonly { readonly line: string; readonly meaning: string }[]
  /** True when `--json` prints a result on stdout. */
  readonly json: boolean
}

/** One command: one file in cli/commands/, its name the file's name. The frame gives every command --help and --json. */
export interface Command extends CommandDescription {
  /** What is said at an interruption by a command that ends nothing. */
  readonly interruptionNote?: string
  run(invocation: Invocation): Promise<ExitCode>
}

/** A command line that was understood. */
export interface Invocation {
  readonly positionals: readonly string[]
  /** Option values by long name; booleans are present when given. */
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>
  readonly json: boolean
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP; a second one ends the process at once. */
  readonly signal: AbortSignal
  readonly terminal: Terminal
  /** The words after `forkwise`, to say how to make a result again. */
  readonly line: readonly string[]
}

/** Where a command writes. Results go to stdout, everything else to stderr. */
export interface Terminal {
  /** Writes a result to stdout; a newline is added. */
  result(text: string): void
  /** Writes a plain line to stderr. */
  note(text: string): void
  /** Replaces the live lines on stderr (a TTY only; else nothing), which must fit into its rows. An empty string removes them. */
  live(text: string): void
  readonly columns: number
  /** Absent where it is not known. */
  readonly rows?: number
  readonly interactive: boolean
  /** Colours for stderr and for stdout; each gives its text back unchanged where colour is off. */
  style(kind: StyleKind, text: string): string
}

/** What a piece of text stands for; the terminal decides how that looks. */
export type StyleKind = 'strong' | 'faint' | 'good' | 'bad' | 'warn' | 'accent'
