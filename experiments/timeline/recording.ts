import { readProcess } from '../../cluster/proc.ts'
import { ForkwiseError, messageOf } from '../../core/errors.ts'
import type { TimelineItem } from '../../core/timeline.ts'
import { TIMELINE, TimelineWriter } from '../../store/timeline-file.ts'
import type { Emit, ExperimentEvent } from '../events.ts'
import { happenedAtMs, type Run, startRun } from '../run.ts'
import { EventItems } from './event-items.ts'

/** Time between two writings, in ms: a run that is killed loses no more than this. */
const WRITE_MS = 1000

/** Most items that wait for a folder to be written to. */
const MOST_WAITING = 10_000

/**
 * Starts an experiment, as `startRun` does, and keeps its timeline in its results folder, from which it can be watched
 * while it lasts and replayed afterwards (`forkwise watch DIR`). A timeline that cannot be written costs the run nothing:
 * a note says so once.
 */
export function startRecordedRun<T>(body: (emit: Emit) => Promise<T>): Run<T> {
  return startRun(async (emit) => {
    const recording = new Recording(emit)
    const take = (event: ExperimentEvent): void => {
      emit(event)
      recording.take(event)
    }
    try {
      const result = await body(Object.assign(take, { isWatched: () => emit.isWatched?.() ?? false }))
      take({ type: 'run-ended', text: 'The run is over.', failed: false })
      return result
    } catch (thrown) {
      take({ type: 'run-ended', text: messageOf(thrown), failed: true })
      throw thrown
    } finally {
      recording.close()
    }
  })
}

class Recording {
  readonly #emit: Emit
  readonly #items = new EventItems()
  readonly #timer: NodeJS.Timeout
  #waiting: TimelineItem[] = []
  /** Null before there is a folder, and once it cannot be written to. */
  #writer: TimelineWriter | null = null

  constructor(emit: Emit) {
    this.#emit = emit
    this.#timer = setInterval(() => this.#write(), WRITE_MS).unref()
  }

  take(event: ExperimentEvent): void {
    if ((event.type === 'run-started' || event.type === 'folder-made') && event.dir !== null) {
      this.#writer = new TimelineWriter(event.dir)
    }
    for (const item of this.#items.of(event, happenedAtMs(event))) {
      if (item.kind !== 'beats' || item.kept) this.#keep(item.kind === 'run' ? begun(item) : item)
    }
    if (event.type === 'run-started' || event.type === 'folder-made') this.#write()
  }

  /** Writes what is not written yet; nothing more is taken. */
  close(): void {
    clearInterval(this.#timer)
    this.#write()
  }

  #keep(item: TimelineItem): void {
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(item)
  }

  #write(): void {
    if (this.#writer === null) return
    const items = this.#waiting
    this.#waiting = []
    try {
      this.#writer.append(items)
    } catch (thrown) {
      this.#writer = null
      clearInterval(this.#timer)
      const why = thrown instanceof ForkwiseError ? thrown.message : messageOf(thrown)
      this.#emit({
        type: 'note',
        level: 'warning',
        text: `What happens from here on cannot be watched again, since ${TIMELINE.name} cannot be written: ${why} Nothing that is measured hangs on it.`,
      })
    }
  }
}

/** The first item of a run, by which others see whether they can read it and whether it still goes on. */
function begun(item: Extract<TimelineItem, { readonly kind: 'run' }>): TimelineItem {
  const { pid } = process
  const birth = readProcess(pid)?.birth
  return { ...item, schema: 'forkwise/timeline@1', process: birth === undefined ? null : { pid, birth } }
}
