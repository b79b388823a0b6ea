import { type ProblemList, ForkwiseError } from '../core/errors.ts'
import type { Invocation } from './command.ts'

/** Reads a command's options, noting every problem instead of stopping at the first. */
export class OptionReader {
  readonly #values: Invocation['values']
  readonly #problems: ProblemList
  readonly #label: (option: string) => string

  /** `label` says how an option is named in messages, where it does not come from the command line. */
  constructor(
    values: Invocation['values'],
    problems: ProblemList,
    label: (option: string) => string = (option) => `--${option}`,
  ) {
    this.#values = values
    this.#problems = problems
    this.#label = label
  }

  /** True when a flag was given. */
  flag(name: string): boolean {
    return this.#values[name] === true
  }

  /** The text of an option, or undefined when it was not given. */
  text(name: string): string | undefined {
    const value = this.#values[name]
    return typeof value === 'string' ? value : undefined
  }

  /** The texts of an option that may be given several times. */
  texts(name: string): string[] {
    const value = this.#values[name]
    return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
  }

  /** The comma-separated words of an option, without repetitions; undefined when it was not given. */
  list(name: string): string[] | undefined {
    const words = this.text(name)
      ?.split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '')
    return words === undefined ? undefined : [...new Set(words)]
  }

  /** An option read by one of the parsers of core/quantities; its error is noted and the fallback given. */
  read<T>(name: string, parse: (text: string, option: string) => T, fallback: T): T {
    const text = this.text(name)
    if (text === undefined) return fallback
    try {
      return parse(text, this.#label(name))
    } catch (thrown) {
      if (!(thrown instanceof ForkwiseError)) throw thrown
      for (const problem of thrown.problems) this.#problems.add(problem.message, problem.hint)
      return fallback
    }
  }

  /** Notes a problem when more than one of these options was given. */
  atMostOne(names: readonly string[]): void {
    const given = names.filter((name) => this.#values[name] !== undefined)
    if (given.length > 1) {
      this.#problems.add(
        `Expected at most one of ${names.map((name) => `\`--${name}\``).join(', ')}, got ${given.map((name) => `\`${this.#label(name)}\``).join(' and ')}.`,
      )
    }
  }
}
