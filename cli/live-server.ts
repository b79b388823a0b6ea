import { countText } from '../analysis/wording.ts'
import { formatDuration } from '../core/quantities.ts'
import type { Unit } from '../core/unit.ts'
import type { ExperimentEvent } from '../experiments/events.ts'
import type { DriverProgress } from '../loadtest/driver-progress.ts'
import type { Terminal } from './command.ts'
import { loadText, sparkline } from './progress.ts'

const PHASES = { warmup: 'warming up', counting: 'loading', draining: 'waiting for the last answers' } as const

/** Rates that the live line draws. */
const RATES = 12

/** Events that a run without steps prints in lines of their own. */
type LineEvent = Extract<ExperimentEvent, { readonly type: 'units' | 'server-ready' | 'fault' }>

/**
 * What a run without steps shows: a live line with the figures of its load, and a line for each unit that comes or goes
 * and each fault that begins or ends while the server is in service.
 */
export class LiveServer {
  readonly #terminal: Terminal
  readonly #durationS: number | null
  /** Units by name and pid; null before the server is ready and once it is stopped. */
  #units: ReadonlyMap<string, Unit> | null = null
  #rates: number[] = []
  /** Requests of the load that have failed so far; null while none runs. */
  #failed: number | null = null
  /** How many had failed when each fault that is going on was injected. */
  readonly #failedBefore = new Map<string, number>()

  /** `expectedS` is how long the load is going to last; null when that is not known. */
  constructor(terminal: Terminal, { expectedS }: { readonly expectedS: number | null }) {
    this.#terminal = terminal
    this.#durationS = expectedS
  }

  /** Shows the figures of the load. */
  load(progress: DriverProgress): void {
    this.#rates = [...this.#rates, progress.ratePerS].slice(-RATES)
    this.#failed = progress.failed
    const left =
      progress.phase === 'counting' && this.#durationS !== null ? ` of ${formatDuration(this.#durationS)}` : ''
    const elapsed = `${formatDuration(Math.round(progress.elapsedS))}${left}`
    this.#terminal.live(
      `${PHASES[progress.phase]}, ${elapsed} · ${loadText(progress)}${this.#workersText()} ${sparkline(this.#rates)}`,
    )
  }

  /** The lines that an event leaves on the terminal. */
  linesOf(event: LineEvent): readonly string[] {
    if (event.type === 'fault') return [this.#faultText(event)]
    if (event.type === 'server-ready') {
      this.#units = unitsByKey(event.units)
      return []
    }
    if (this.#units === null) return []
    if (event.units.length === 0) {
      this.#units = null
      return []
    }
    const [before, now] = [this.#units, unitsByKey(event.units)]
    this.#units = now
    const gone = [...before].filter(([key]) => !now.has(key))
    const come = [...now].filter(([key]) => !before.has(key))
    return [
      ...gone.map(([, unit]) => `${unitText(unit)} is gone.`),
      ...come.map(([, unit]) => `${unitText(unit)} is in service${addressText(unit)}.`),
    ]
  }

  #faultText({ fault, active }: Extract<LineEvent, { readonly type: 'fault' }>): string {
    const before = this.#failedBefore.get(fault) ?? 0
    if (active) {
      this.#failedBefore.set(fault, this.#failed ?? 0)
      return `${fault} is injected.`
    }
    return this.#failed === null
      ? `${fault} is over.`
      : `${fault} is over: ${countText(this.#failed - before, 'request')} failed meanwhile.`
  }

  #workersText(): string {
    if (this.#units === null) return ''
    const workers = [...this.#units.values()].filter(({ role }) => role === 'worker').length
    return ` · ${workers} ${workers === 1 ? 'worker' : 'workers'}`
  }
}

function unitsByKey(units: readonly Unit[]): ReadonlyMap<string, Unit> {
  return new Map(units.map((unit) => [`${unit.name} ${unit.pid}`, unit]))
}

function unitText({ name, pid }: Unit): string {
  return `${name} (pid ${pid})`
}

function addressText({ url, metricsUrl }: Unit): string {
  return `${url === undefined ? '' : ` at ${url}`}${metricsUrl === undefined ? '' : `, metrics at ${metricsUrl}`}`
}
