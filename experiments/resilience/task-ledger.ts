import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerModel } from '../../cluster/model.ts'
import type { HeldTask, TaskLedger } from '../../core/resilience-record.ts'

/**
 * Longest wait for tasks that were begun and not done, in seconds: BullMQ gives a task whose worker is silent to another
 * after 20 s, and looks for such every 5 s.
 */
const PATIENCE_S = 30

/** How often the journal is read, in milliseconds. */
const LOOK_MS = 250

/** True for models whose work waits in a queue outside of the process that answers. */
export function hasTaskQueue({ executor }: Pick<ServerModel, 'executor'>): boolean {
  return executor === 'task-queue' || executor === 'task-queue-reply'
}

/** Waits until every task that was accepted is done, or no longer than it can take, and counts what became of them. */
export async function settleTasks(journal: string, signal: AbortSignal): Promise<TaskLedger> {
  const deadline = performance.now() + PATIENCE_S * 1000
  for (;;) {
    signal.throwIfAborted()
    const ledger = countTasks(readJournal(journal))
    if (ledger.done === ledger.accepted || performance.now() >= deadline) return ledger
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined)
  }
}

/**
 * What became of the task that a process had in hand when it was killed: of the first that it began and never finished,
 * or one that it forked. Null when there is none.
 */
export function heldTask(journal: string, pid: number): HeldTask | null {
  const lines = journalEntries(journal)
  const by = (event: string): string[] =>
    lines.filter((line) => line.event === event && line.pid === pid).map(({ id }) => id)
  const finished = new Set(by('done'))
  const held = by('started').find((id) => !finished.has(id))
  if (held === undefined) return null
  const own = lines.filter(({ id }) => id === held)
  return {
    begun: own.filter(({ event }) => event === 'started').length,
    done: own.some(({ event }) => event === 'done'),
  }
}

/** What became of the tasks of a journal (server/task-journal.ts): lines of an event, a task's id and a process. */
export function countTasks(journal: string): TaskLedger {
  const accepted = new Set<string>()
  const done = new Set<string>()
  const starts = new Map<string, number>()
  for (const { event, id } of journalEntries(journal)) {
    if (event === 'accepted') accepted.add(id)
    if (event === 'done') done.add(id)
    if (event === 'started') starts.set(id, (starts.get(id) ?? 0) + 1)
  }
  // A worker can begin before it is noted that the task was accepted.
  for (const id of starts.keys()) accepted.add(id)
  const unfinished = [...accepted].filter((id) => !done.has(id))
  return {
    accepted: accepted.size,
    done: done.size,
    repeated: [...starts.values()].filter((count) => count > 1).length,
    lost: unfinished.filter((id) => starts.has(id)).length,
    waiting: unfinished.filter((id) => !starts.has(id)).length,
  }
}

/** The lines of a journal's text; no process where none was noted. */
export function journalEntries(journal: string): { event: string; id: string; pid: number | null }[] {
  return journal.split('\n').flatMap((line) => {
    const [event, id, pid] = line.split(' ')
    return event === undefined || id === undefined ? [] : [{ event, id, pid: pid === undefined ? null : Number(pid) }]
  })
}

/** The text of a journal; empty as long as nothing was noted. */
export function readJournal(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
