import type { DrillStatus, Judgement } from '../../core/drill-record.ts'
import type { ExperimentEvent } from '../../experiments/events.ts'
import { actText, judgementLines } from '../../report/drill/wording.ts'
import { wrapText } from '../../report/table.ts'
import type { Terminal } from '../command.ts'

/** Seconds between two reports of the goal while nothing about it changes. */
const REPORT_S = 15

/**
 * What a drill says on the terminal that it was begun in: the page, the goal and the levers at first; what the trainee does;
 * and, once the trainee has seen that something is wrong, how far the goal is.
 */
export class DrillNarrator {
  readonly #terminal: Terminal
  readonly #revealed: boolean
  #hasSeen = false
  #reported = ''
  #reportedS = -Infinity

  constructor(terminal: Terminal, { revealed }: { readonly revealed: boolean }) {
    this.#terminal = terminal
    this.#revealed = revealed
  }

  /** Prints what an event of the run has to say. */
  take(event: ExperimentEvent): void {
    if (event.type === 'drill-ready') this.#begin(event.status)
    else if (event.type === 'drill-act') {
      const { act } = event
      if (act.kind === 'acknowledged' || act.kind === 'lever') this.#hasSeen = true
      if (act.kind !== 'healthy') this.#say(actText(act))
    } else if (event.type === 'drill-judged' && (this.#hasSeen || this.#revealed)) this.#judged(event.judgement)
  }

  #begin({ drill, title, page, goal, targets, levers }: DrillStatus): void {
    const style: Terminal['style'] = (kind, text) => this.#terminal.style(kind, text)
    const width = Math.max(...levers.map(({ id }) => id.length))
    this.#say(style('strong', `${drill}: ${title}`))
    this.#say(page)
    this.#say(`Goal: ${goal}`)
    this.#say(`The server: ${targets.join(' ')}`)
    this.#say('Levers, from a second terminal: npx forkwise drill do LEVER [VALUE]')
    for (const { id, help, value, now } of levers) {
      const may = value === '' ? '' : ` (${value}${now === null ? '' : `; now ${now}`})`
      this.#say(`  ${style('accent', id.padEnd(width))}  ${help}${may}`)
    }
    this.#say('There too: npx forkwise drill seen | status | diagnose | hint | give-up')
    this.#say('Nothing is wrong yet: see what normal looks like. Something will be, soon. Ctrl-C ends all of it.')
  }

  #judged(judgement: Judgement): void {
    const open = judgement.outcome === 'checker-failed' ? [] : judgement.clauses.filter(({ met }) => !met)
    const key = judgement.outcome === 'checker-failed' ? judgement.reason : open.map(({ id }) => id).join()
    const isDue = judgement.atS - this.#reportedS >= REPORT_S || (key !== this.#reported && open.length === 0)
    if (!isDue) return
    this.#reported = key
    this.#reportedS = judgement.atS
    const lines =
      judgement.outcome === 'solved' ? ['met'] : judgementLines(judgement).filter((line) => !line.startsWith('✓'))
    this.#say(`goal: ${lines.join('; ')}`)
  }

  #say(text: string): void {
    for (const line of wrapText(text, Math.min(100, this.#terminal.columns))) this.#terminal.note(line)
  }
}
