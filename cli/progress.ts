import { resolvesQuantile } from '../core/resolved-quantiles.ts'
import { formatDuration, formatRate, significant } from '../core/quantities.ts'
import type { DriverProgress } from '../loadtest/driver-progress.ts'
import type { Terminal } from './command.ts'

const BAR_CELLS = 18
const SPARKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/**
 * The progress of a run of many steps: a bar with the time left and a live line on a terminal, plain lines elsewhere
 * (one for each group of steps, so that a log stays readable).
 */
export class Progress {
  readonly #terminal: Terminal
  readonly #total: number | null
  readonly #expectedS: number | null
  readonly #startedMs: number = performance.now()
  #done = 0
  #begun = false
  #label = ''
  #rates: number[] = []
  /** Seconds that were left at a moment, where the run said so. */
  #left: { readonly seconds: number; readonly atMs: number } | null = null
  #load: DriverProgress | null = null

  /** `total` is the number of steps, null where it cannot be known: then the time expected, if any, measures progress. */
  constructor(terminal: Terminal, total: number | null, expectedS: number | null) {
    this.#terminal = terminal
    this.#total = total
    this.#expectedS = expectedS
  }

  /** The next step begins; the one before it is finished. The time left follows the steps so far. */
  step(label: string): void {
    if (this.#begun) this.#done += 1
    this.#begun = true
    this.label(label)
  }

  /** Names what is being done now, within the same step. */
  label(label: string): void {
    this.#label = label
    this.#rates = []
    this.#load = null
    this.#draw()
  }

  /** The run itself knows how many seconds are left. */
  expect(seconds: number): void {
    this.#left = { seconds, atMs: performance.now() }
    this.#draw()
  }

  /** Shows the live figures of the load that runs. */
  load(progress: DriverProgress): void {
    this.#load = progress
    this.#rates = [...this.#rates, progress.ratePerS].slice(-12)
    this.#draw()
  }

  /** Writes a line that stays. */
  note(text: string): void {
    this.#terminal.note(text)
  }

  /** Takes the bar away. */
  finish(): void {
    this.#terminal.live('')
  }

  /** A bar and the time left, as far as they are known. */
  #headParts(): string[] {
    const elapsedS = (performance.now() - this.#startedMs) / 1000
    if (this.#total !== null) {
      const bar = `${barText(this.#done / Math.max(1, this.#total))} ${this.#done}/${this.#total}`
      return [bar, leftText(this.#leftOf(this.#total, elapsedS))]
    }
    if (this.#expectedS === null || this.#expectedS === 0) return []
    return [barText(elapsedS / this.#expectedS), leftText(this.#expectedS - elapsedS)]
  }

  /** Seconds left: as the run itself said, else by the steps so far. */
  #leftOf(total: number, elapsedS: number): number {
    if (this.#left !== null) return this.#left.seconds - (performance.now() - this.#left.atMs) / 1000
    const stepS = this.#done === 0 ? (this.#expectedS ?? 0) / Math.max(1, total) : elapsedS / this.#done
    return (total - this.#done) * stepS
  }

  #draw(): void {
    const { columns } = this.#terminal
    const head = [...this.#headParts(), this.#label].join(' · ')
    const text = this.#load === null ? head : `${head} · ${loadText(this.#load)} ${sparkline(this.#rates)}`
    this.#terminal.live(text.length < columns ? text : `${text.slice(0, Math.max(0, columns - 2))}…`)
  }
}

/** A bar that is full to this share. */
function barText(share: number): string {
  const filled = Math.round(Math.min(1, share) * BAR_CELLS)
  return `${'━'.repeat(filled)}${'─'.repeat(BAR_CELLS - filled)}`
}

function leftText(leftS: number): string {
  return `${formatDuration(Math.ceil(Math.max(0, leftS)))} left`
}

/** The live figures of a load in a few words. */
export function loadText(progress: DriverProgress): string {
  const latency = latencyText(progress)
  const failed = progress.failed === 0 ? '' : ` ${progress.failed} failed`
  return `${formatRate(progress.ratePerS)}${latency}${failed}`
}

/** The p99 of the last second where enough requests resolve it, else the median. */
function latencyText({ ratePerS, p50Ms, p99Ms }: DriverProgress): string {
  if (p99Ms !== null && resolvesQuantile(ratePerS, 0.01)) return ` p99 ${significant(p99Ms)} ms`
  return p50Ms !== null && resolvesQuantile(ratePerS, 0.5) ? ` p50 ${significant(p50Ms)} ms` : ''
}

/** A row of block characters, the largest value full height. */
export function sparkline(values: readonly number[]): string {
  const highest = Math.max(...values, 0)
  if (highest === 0) return ''
  return values.map((value) => SPARKS[Math.round((value / highest) * (SPARKS.length - 1))] ?? '').join('')
}
