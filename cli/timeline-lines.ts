import type { TimelineItem } from '../core/timeline.ts'
import { endsWithinSecond } from '../analysis/timeline/current-figures.ts'
import { Timeline } from '../analysis/timeline/state.ts'
import { verdictLine } from '../report/verdict-texts.ts'
import { clockText, loadTexts, spanText } from '../report/timeline-texts.ts'
import type { Terminal } from './command.ts'

/** Prints a timeline in lines, for a log: its steps, the events of its page, each second of load, the final verdicts. */
export class TimelineLines {
  readonly #terminal: Pick<Terminal, 'result'>
  readonly #timeline = new Timeline()
  /** The launch whose units were named last. */
  #named = 0

  constructor(terminal: Pick<Terminal, 'result'>) {
    this.#terminal = terminal
  }

  /** Writes the lines of an item, where it has any; `startMs`: when its run began. */
  print(item: TimelineItem, startMs: number): void {
    const events = this.#timeline.apply(item).map(({ atMs, text }) => [atMs, text] as const)
    const lines = [...events, ...this.#textsOf(item).map((text) => [item.atMs, text] as const)]
    for (const [atMs, text] of lines) this.#terminal.result(`${clockText(atMs - startMs).padStart(6)}  ${text}`)
  }

  #textsOf(item: TimelineItem): readonly string[] {
    switch (item.kind) {
      case 'run':
        return [`${item.experiment} ${item.id} begins`]
      case 'step':
        return [item.label]
      case 'units': {
        const { launchNumber } = this.#timeline
        // Who comes and goes within a launch are events.
        if (item.units.length === 0 || launchNumber === this.#named) return []
        this.#named = launchNumber
        return [`${item.launch}: ${item.units.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ')}`]
      }
      case 'load': {
        const figures = loadTexts(item.second).map(([name, figure]) => `${name} ${figure}`)
        return [`${endsWithinSecond(item.second) ? `the last ${spanText(item.second)}: ` : ''}${figures.join(', ')}`]
      }
      case 'verdicts':
        return item.final ? item.verdicts.map(verdictLine) : []
      case 'end':
        return [item.text]
      default:
        return []
    }
  }
}
