import type { TimelineItem } from '../core/timeline.ts'
import { endsWithinSecond } from '../analysis/timeline/current-figures.ts'
import { verdictLine } from '../report/verdict-texts.ts'
import { clockText, loadTexts } from '../report/timeline-texts.ts'
import type { Terminal } from './command.ts'

/** Seconds of a load between two lines about it. */
const LOAD_LINE_S = 10

/** Prints a timeline in lines, for a log: its steps, what happened, the load now and then, the final verdicts. */
export class TimelineLines {
  readonly #terminal: Pick<Terminal, 'result'>
  /** What was said last of the units, so that it is said again only when it changes. */
  #units = ''

  constructor(terminal: Pick<Terminal, 'result'>) {
    this.#terminal = terminal
  }

  /** Writes the lines of an item, where it has any; `startMs`: when its run began. */
  print(item: TimelineItem, startMs: number): void {
    const texts = linesOf(item)
    if (item.kind === 'units') {
      if (texts[0] === this.#units) return
      this.#units = texts[0] ?? ''
    }
    for (const text of texts) this.#terminal.result(`${clockText(item.atMs - startMs).padStart(6)}  ${text}`)
  }
}

function linesOf(item: TimelineItem): readonly string[] {
  switch (item.kind) {
    case 'run':
      return [`${item.experiment} ${item.id} begins`]
    case 'step':
      return [item.label]
    case 'units':
      return [
        item.units.length === 0
          ? `${item.launch} is asked to stop`
          : `${item.launch}: ${item.units.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ')}`,
      ]
    case 'load':
      return item.second.elapsedS % LOAD_LINE_S === 0 || endsWithinSecond(item.second)
        ? [
            loadTexts(item.second)
              .map(([name, figure]) => `${name} ${figure}`)
              .join(', '),
          ]
        : []
    case 'verdicts':
      return item.final ? item.verdicts.map(verdictLine) : []
    case 'mark':
    case 'end':
      return [item.text]
    default:
      return []
  }
}
