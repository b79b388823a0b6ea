import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { PACKAGE_ROOT } from '../../../core/paths.ts'

/** A command as the command line would run it. */
export interface CommandCall {
  readonly name: string
  readonly positionals: readonly string[]
  readonly values: Readonly<Record<string, string | boolean>>
  /** When it is interrupted, in ms; without it, after a minute. */
  readonly interruptAfterMs?: number
}

/** How it ended; null: it did not within three minutes. */
export interface CommandEnd {
  readonly exitCode: number | null
  /** What it printed on stdout, or the error. */
  readonly result: string
  /** True when it threw. */
  readonly refused?: true
}

const LONGEST_MS = 180_000

/** A process that runs commands one after the other, as they come; one that hangs is ended with it, and the next call starts another. */
export class CommandChild {
  readonly #cwd: string
  #child: ChildProcess | null = null
  #last: Promise<unknown> = Promise.resolve()

  constructor(cwd: string) {
    this.#cwd = cwd
  }

  run(call: CommandCall): Promise<CommandEnd> {
    const end = this.#last.then(() => this.#run(call))
    this.#last = end
    return end
  }

  #run(call: CommandCall): Promise<CommandEnd> {
    const child = (this.#child ??= fork(join(PACKAGE_ROOT, 'tests/fixtures/command-child.mjs'), { cwd: this.#cwd }))
    return new Promise((resolve) => {
      const settle = (end: CommandEnd): void => {
        clearTimeout(timer)
        child.removeAllListeners()
        resolve(end)
      }
      const replace = (result: string): void => {
        this.end()
        settle({ exitCode: null, result })
      }
      const timer = setTimeout(() => replace('it hung'), LONGEST_MS)
      child.once('message', (end) => settle(end as CommandEnd))
      child.once('exit', (code, signal) => replace(`the process ended (${code ?? signal})`))
      child.send(call)
    })
  }

  end(): void {
    this.#child?.kill('SIGKILL')
    this.#child = null
  }
}
