import { cellName } from '../analysis/wording.ts'
import type { PilotRecord, TrialRecord } from '../core/records.ts'
import { formatRate } from '../core/quantities.ts'
import type { ExperimentEvent, RunEvent } from '../experiments/events.ts'
import type { Run } from '../experiments/run.ts'
import type { Terminal } from './command.ts'
import { LiveServer } from './live-server.ts'
import { Progress } from './progress.ts'

/** The event with which a run begins. */
type RunStarted = Extract<RunEvent, { type: 'run-started' }>

/** What a command adds to the narration of its run. */
export interface NarrationOptions {
  /** Called once everything was checked and the run begins. */
  readonly onStarted?: (started: RunStarted) => void
  /** Called with every event, before the narration prints it. */
  readonly onEvent?: (event: ExperimentEvent) => void
}

/**
 * Reads the events of a run and prints them on the terminal: a bar with the time left and the live figures of the load,
 * and a line for whatever stays of interest. Resolves with the run's result, and rejects as it does.
 */
export async function narrate<T>(run: Run<T>, terminal: Terminal, options: NarrationOptions = {}): Promise<T> {
  const narration = new Narration(terminal, options)
  try {
    for await (const event of run) {
      options.onEvent?.(event)
      narration.print(event)
    }
    return await run
  } finally {
    narration.end()
  }
}

class Narration {
  readonly #terminal: Terminal
  readonly #options: NarrationOptions
  #progress: Progress
  /** Of a run without steps. */
  #live: LiveServer | null = null
  #group = ''

  constructor(terminal: Terminal, options: NarrationOptions) {
    this.#terminal = terminal
    this.#options = options
    this.#progress = new Progress(terminal, null, null)
  }

  print(event: ExperimentEvent): void {
    switch (event.type) {
      case 'run-started':
        this.#progress = new Progress(this.#terminal, event.steps, event.expectedS)
        this.#live = event.steps === null ? new LiveServer(this.#terminal, event) : null
        this.#options.onStarted?.(event)
        return
      case 'step-started':
        this.#step(event.label)
        return
      case 'load':
        if (this.#live === null) this.#progress.load(event.progress)
        else this.#live.load(event.progress)
        return
      case 'units':
      case 'server-ready':
      case 'fault':
        for (const line of this.#live?.linesOf(event) ?? []) this.#progress.note(line)
        return
      case 'activity':
        this.#progress.label(event.text)
        return
      case 'time-left':
        this.#progress.expect(event.seconds)
        return
      case 'waiting':
        this.#progress.label(`waiting for other programs to use less CPU (${event.foreignCores.toFixed(1)} cores busy)`)
        return
      case 'computing':
        this.#progress.label(event.what)
        return
      default: {
        const line = lineOf(event)
        if (line === null) return
        this.#progress.note(line.warning ? this.#terminal.style('warn', line.text) : line.text)
      }
    }
  }

  end(): void {
    this.#progress.finish()
  }

  /** Without a live line, one line for each group of steps keeps a log readable. */
  #step(label: string): void {
    const group = label.split(': ')[0] ?? label
    if (group !== this.#group && !this.#terminal.interactive) this.#progress.note(group)
    this.#group = group
    this.#progress.step(label)
  }
}

/** The line that an event leaves on the terminal, or null when it leaves none. */
function lineOf(event: ExperimentEvent): { readonly text: string; readonly warning: boolean } | null {
  switch (event.type) {
    case 'note':
      return { text: event.text, warning: event.level === 'warning' }
    case 'leftovers-ended':
      return plain(`Cleaned up after ${event.sessions} dead run(s): ${event.processes} process(es) ended.`)
    case 'part-died':
      return warning(
        `The ${event.part} process ${event.how}${event.restarted ? '; it is started again, and what was measured during that time is dropped' : ''}.`,
      )
    case 'unsettled':
      return plain(`The machine's speed varies (${event.found}): waiting ${event.pauseS} s for it to settle.`)
    case 'model-refused':
      return warning(`${cellName(event)} is left out: ${event.reason}`)
    case 'pilot-finished':
      return plain(`Rates for the latency slices: ${commonRatesText(event.pilot)}.`)
    case 'trial-finished':
      return troubleOf(event.trial)
    case 'block-dropped': {
      const { block, workload, reasons } = event.block
      return warning(`block ${block}, ${workload} is dropped and replaced: ${reasons[0] ?? ''}`)
    }
    case 'rates-found':
      return plain(`The load: ${formatRate(event.rates.ratePerS)} for every model.`)
    case 'cell-finished':
      return event.cell.outcome === 'failed'
        ? warning(`${event.cell.model} under ${event.cell.fault} failed: ${event.cell.error.message}`)
        : null
    case 'lab-trial-finished':
      return event.trial.failure === null
        ? null
        : warning(`${event.trial.case} could not be measured: ${event.trial.failure}`)
    case 'stopping-early':
      return plain(`Stopping early: ${event.because}`)
    default:
      return null
  }
}

function plain(text: string): { text: string; warning: boolean } {
  return { text, warning: false }
}

function warning(text: string): { text: string; warning: boolean } {
  return { text, warning: true }
}

function commonRatesText({ commonRates }: PilotRecord): string {
  return Object.entries(commonRates)
    .map(([workload, rate]) => `${workload} ${formatRate(rate)}`)
    .join(', ')
}

function troubleOf(trial: TrialRecord): { text: string; warning: boolean } | null {
  if (trial.outcome === 'failed') return warning(`${trial.id} failed: ${trial.error.message}`)
  return trial.outcome === 'invalid' ? warning(`${trial.id} is invalid: ${trial.reasons.join('; ')}`) : null
}
