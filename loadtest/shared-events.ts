import { addLedgers } from '../core/ledger.ts'
import type { DriverProgress } from './driver-progress.ts'
import type { DriverEvents } from './driver.ts'
import type { FromGenerator } from './generator-protocol.ts'
import { addTotals } from './load-totals.ts'

/** Passes on the events of several sources of one load, processes or machines, as those of one. */
export class SharedEvents {
  readonly #options: DriverEvents
  readonly #progress: (DriverProgress | undefined)[]
  #counting = 0
  #counted = 0

  /** `options` hears of all of them. */
  constructor(sources: number, options: DriverEvents) {
    this.#options = options
    this.#progress = Array.from({ length: sources }, () => undefined)
  }

  /** Takes a message of the source at `index`. */
  take(index: number, message: FromGenerator): void {
    if (message.kind === 'counting' && this.#counting++ === 0) this.#options.onCounting?.()
    if (message.kind === 'counted' && ++this.#counted === this.#progress.length) this.#options.onCounted?.()
    if (message.kind !== 'progress') return
    this.#progress[index] = message.progress
    const known = this.#progress.filter((progress) => progress !== undefined)
    if (known.length === this.#progress.length) {
      this.#progress.fill(undefined)
      this.#options.onProgress?.(togetherOf(message.progress, known))
    }
  }
}

/** Rates, failures and totals add up; of the rest, which does not, the largest is shown. */
function togetherOf(last: DriverProgress, all: readonly DriverProgress[]): DriverProgress {
  const largest = (values: readonly (number | null)[]): number | null => {
    const numbers = values.filter((value) => value !== null)
    return numbers.length === 0 ? null : Math.max(...numbers)
  }
  return {
    ...last,
    ratePerS: all.reduce((sum, { ratePerS }) => sum + ratePerS, 0),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
    p50Ms: largest(all.map(({ p50Ms }) => p50Ms)),
    p99Ms: largest(all.map(({ p99Ms }) => p99Ms)),
    ...defined('offeredRatePerS', sumOf(all.map(({ offeredRatePerS }) => offeredRatePerS))),
    ...defined('eventLoopUtilization', largest(all.map(({ eventLoopUtilization }) => eventLoopUtilization ?? null))),
    ...defined('latenessP99Ms', largest(all.map(({ latenessP99Ms }) => latenessP99Ms ?? null))),
    ...defined('totals', addTotals(all.flatMap(({ totals }) => totals ?? []))),
    ...(last.ledger === undefined ? {} : { ledger: addLedgers(all.flatMap(({ ledger }) => ledger ?? [])) }),
  }
}

function defined<Key extends string, T>(key: Key, value: T | null): { [name in Key]?: T } {
  return value === null ? {} : ({ [key]: value } as { [name in Key]: T })
}

function sumOf(values: readonly (number | undefined)[]): number | null {
  const numbers = values.filter((value) => value !== undefined)
  return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0)
}
