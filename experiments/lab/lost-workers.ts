import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ForkwiseError } from '../../core/errors.ts'
import { LAUNCH_ENV } from '../../core/unit.ts'
import { TASK_JOURNAL_VARIABLE } from '../../server/task-journal.ts'
import { journalEntries, readJournal } from '../resilience/task-ledger.ts'
import { withServer } from './lab-server.ts'
import type { LabContext } from './lab.ts'

/** How often a job was begun, and how often its work was done. */
export interface JobRuns {
  readonly begun: number
  readonly done: number
}

/** What became of the jobs of workers that were lost in the middle of them. */
export interface LostWorkers {
  /** Of the worker that was killed. */
  readonly killed: JobRuns
  /** Of the worker that stood still until its job had been given to another, and then went on. */
  readonly frozen: JobRuns
}

/** A worker that is silent for so long loses its job to another, in s: longer than a job takes, on a busy machine too. */
const LOCK_S = 2

/** How often the journal is read, in ms: a small part of what a job takes. */
const LOOK_MS = 5

/** Longest wait for something to be noted in the journal, in ms. */
const PATIENCE_MS = 15_000

interface Entry {
  readonly event: string
  readonly id: string
  readonly pid: number
}

/**
 * Three workers of a task queue with a job each: one is killed in the middle of its job, one stopped until its job has been
 * done by another and then continued, one lives. `submit` hands three jobs to the server at that address and waits for
 * their results. Throws TRIAL_FAILED when a job was over before its worker could be lost.
 */
export async function loseWorkers(
  context: LabContext,
  submit: (url: URL, jobs: number) => Promise<unknown>,
): Promise<LostWorkers> {
  const launch = context.session.createLaunch('lab queue-202')
  const journal = join(launch.dir, 'tasks')
  const env = { [TASK_JOURNAL_VARIABLE]: journal, [LAUNCH_ENV.taskLock]: `${LOCK_S}` }
  try {
    return await withServer(context, 'task-queue', { workers: 3, env }, async ({ targets: [url] }) => {
      if (url === undefined) throw new Error('Expected the address of a server, got none.')
      const submitted = submit(url, 3)
      // Whoever waits for it below hears of a failure; until then it must not be a rejection that nobody handles.
      submitted.catch(() => undefined)
      const frozen = await nthBegun(context, journal, 1)
      process.kill(frozen.pid, 'SIGSTOP')
      try {
        const killed = await nthBegun(context, journal, 2)
        process.kill(killed.pid, 'SIGKILL')
        requireUnderWay(readEntries(journal), [frozen.id, killed.id])
        await submitted
        process.kill(frozen.pid, 'SIGCONT')
        const entries = await untilNoted(context, journal, (all) =>
          ofEvent(all, 'done').some(({ id, pid }) => id === frozen.id && pid === frozen.pid),
        )
        return { killed: runsOf(entries, killed.id), frozen: runsOf(entries, frozen.id) }
      } finally {
        process.kill(frozen.pid, 'SIGCONT')
      }
    })
  } finally {
    await launch.end()
  }
}

/** Waits for the n-th job that a worker begins with; n counts from 1. */
async function nthBegun(context: LabContext, journal: string, n: number): Promise<Entry> {
  const entries = await untilNoted(context, journal, (all) => ofEvent(all, 'started').length >= n)
  const begun = ofEvent(entries, 'started')[n - 1]
  if (begun === undefined) throw new Error(`Expected ${n} jobs that had begun, got fewer.`)
  return begun
}

/** How often a job was begun and done, by the journal. */
function runsOf(entries: readonly Entry[], job: string): JobRuns {
  const count = (event: string): number => ofEvent(entries, event).filter(({ id }) => id === job).length
  return { begun: count('started'), done: count('done') }
}

/** A worker that is lost between two jobs would show nothing. */
function requireUnderWay(entries: readonly Entry[], jobs: readonly string[]): void {
  const over = ofEvent(entries, 'done').filter(({ id }) => jobs.includes(id))
  if (over.length === 0) return
  throw new ForkwiseError('TRIAL_FAILED', {
    message: `Expected jobs that were under way when their workers were lost; ${over.length} had been done already.`,
  })
}

/** Waits until the journal is as wanted, or no longer than it can take, and gives it. */
async function untilNoted(
  { signal }: Pick<LabContext, 'signal'>,
  journal: string,
  isWanted: (entries: readonly Entry[]) => boolean,
): Promise<readonly Entry[]> {
  const endAt = performance.now() + PATIENCE_MS
  for (;;) {
    signal.throwIfAborted()
    const entries = readEntries(journal)
    if (isWanted(entries)) return entries
    if (performance.now() > endAt) {
      throw new ForkwiseError('TRIAL_FAILED', {
        message: `Expected the workers to take up and finish their jobs within ${PATIENCE_MS / 1000} s; they did not.`,
      })
    }
    await sleep(LOOK_MS)
  }
}

function readEntries(journal: string): Entry[] {
  return journalEntries(readJournal(journal)).flatMap(({ event, id, pid }) =>
    pid === null ? [] : [{ event, id, pid }],
  )
}

function ofEvent(entries: readonly Entry[], event: string): Entry[] {
  return entries.filter((entry) => entry.event === event)
}
