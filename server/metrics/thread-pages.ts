import { METRICS } from '../../core/metrics.ts'
import { renderExposition } from '../../core/registry.ts'
import { monotonicS } from '../clock.ts'
import type { ThreadBoard, ThreadFigures } from '../thread-board.ts'
import { memberName } from '../unit-names.ts'

/** How often utilisation is taken, in ms. */
const SAMPLE_MS = 1000

interface Reading {
  readonly atS: number
  readonly busyS: number
  readonly utilization: number
}

/**
 * The metrics of each thread of a pool, read from its board. Utilisation is the share of the last second in which the
 * thread had a task: a thread of Piscina waits for work on a lock, which Node's own figure takes for working.
 */
export class ThreadPages {
  readonly #board: ThreadBoard
  readonly #unitName: string
  /** Last reading of each thread, by thread id. */
  readonly #readings = new Map<number, Reading>()

  constructor(board: ThreadBoard, unitName: string) {
    this.#board = board
    this.#unitName = unitName
    setInterval(() => this.#sample(), SAMPLE_MS).unref()
    this.#sample()
  }

  /** The exposition of the thread of that name; null when there is none. */
  page(name: string): Promise<string> | null {
    const figures = this.#board.threads().find(({ place }) => memberName(this.#unitName, 'thread', place) === name)
    return figures === undefined ? null : this.#render(figures)
  }

  #render({ thread, tasks, busyS }: ThreadFigures): Promise<string> {
    return renderExposition([
      { spec: METRICS.workerUp, labels: { state: 'ready' }, value: 1 },
      { spec: METRICS.eventLoopUtilization, value: this.#readings.get(thread)?.utilization ?? 0 },
      { spec: METRICS.poolMemberTasks, value: tasks },
      { spec: METRICS.poolMemberBusy, value: busyS },
    ])
  }

  #sample(): void {
    const atS = monotonicS()
    const threads = this.#board.threads()
    for (const thread of this.#readings.keys()) {
      if (!threads.some((figures) => figures.thread === thread)) this.#readings.delete(thread)
    }
    for (const { thread, busyS } of threads) {
      const before = this.#readings.get(thread)
      const utilization = before === undefined ? 0 : (busyS - before.busyS) / (atS - before.atS)
      this.#readings.set(thread, { atS, busyS, utilization: Math.min(1, Math.max(0, utilization)) })
    }
  }
}
