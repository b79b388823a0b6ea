import { Timeline } from '../analysis/timeline/state.ts'
import { happenedAtMs, type Run } from '../experiments/run.ts'
import { EventItems } from '../experiments/timeline/event-items.ts'
import { screenOf } from '../live/screen.ts'
import type { Terminal } from './command.ts'

/** Time between two pictures, in ms. */
const DRAW_MS = 250

/** Shows a run that is going on in the terminal, redrawn in place, with what its page shows. Nothing without a TTY. */
export class LiveScreen {
  /** The terminal for everything else that the run prints: its live line would be where the picture is. */
  readonly besides: Terminal
  readonly #terminal: Terminal
  #timer: NodeJS.Timeout | null = null

  constructor(terminal: Terminal) {
    this.#terminal = terminal
    this.besides = terminal.interactive
      ? (Object.create(terminal, { live: { value: () => undefined } }) as Terminal)
      : terminal
  }

  /** Shows a run from its first event on. */
  follow(run: Run<unknown>): void {
    if (!this.#terminal.interactive) return
    const timeline = new Timeline()
    void read(run, timeline)
    this.#timer = setInterval(() => this.#draw(timeline), DRAW_MS).unref()
  }

  /** Takes the picture away. */
  close(): void {
    if (this.#timer === null) return
    clearInterval(this.#timer)
    this.#terminal.live('')
  }

  #draw(timeline: Timeline): void {
    if (timeline.end === null && timeline.startedAtMs !== null) timeline.passUntil(Date.now())
    const { columns, rows = 24 } = this.#terminal
    const style: Terminal['style'] = (kind, text) => this.#terminal.style(kind, text)
    this.#terminal.live(screenOf(timeline, { columns, rows: rows - 1, style }).join('\n'))
  }
}

async function read(run: Run<unknown>, timeline: Timeline): Promise<void> {
  const items = new EventItems()
  try {
    for await (const event of run) for (const item of items.of(event, happenedAtMs(event))) timeline.apply(item)
  } catch {
    // Whoever awaits the run reports how it ended.
  }
}
