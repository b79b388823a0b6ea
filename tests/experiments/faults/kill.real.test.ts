import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { workInHand } from '../../../analysis/resilience/work-in-hand.ts'
import { findModel } from '../../../cluster/models.ts'
import type { HeldTask } from '../../../core/resilience-record.ts'
import { openSession } from '../../../cluster/session.ts'
import { startServer } from '../../../cluster/start.ts'
import { faultIds, loadFaults } from '../../../experiments/faults/faults.ts'
import { injectFault } from '../../../experiments/faults/inject.ts'
import { countTasks, hasTaskQueue, heldTask, readJournal } from '../../../experiments/resilience/task-ledger.ts'
import { TRAFFIC } from '../../../experiments/resilience/traffic.ts'
import { REAL_INSTRUMENT } from '../../../loadtest/instrument.ts'
import { TASK_JOURNAL_VARIABLE } from '../../../server/task-journal.ts'
import { partTest } from '../../parts.ts'

// Without any other load the worker that is killed has the long request, whatever the machine is busy with.

const kill = (await loadFaults())[faultIds().indexOf('kill')]
const { signal } = new AbortController()

/** Kills the worker of a model that has the long request in hand, and gives what became of that once its task was begun so often. */
async function killed(id: string, begun = 0): Promise<string | null> {
  if (kill === undefined) throw new Error('Expected a fault `kill`.')
  const dir = mkdtempSync(join(os.tmpdir(), 'fw-'))
  const journal = join(dir, 'tasks')
  const session = await openSession({ stateRoot: join(dir, 'state') })
  try {
    const model = await findModel(id)
    const server = await startServer(model, {
      session,
      size: { workers: 1, threads: 1 },
      app: {},
      metrics: false,
      upstreamUrl: 'http://127.0.0.1:9',
      env: { [TASK_JOURNAL_VARIABLE]: journal },
      signal,
      startTimeoutS: 120,
    })
    const { injection } = await injectFault(
      kill,
      server,
      {
        model,
        workers: 1,
        ratePerS: 0,
        capacityPerS: null,
        dir,
        signal,
        mayAsk: true,
        instrument: REAL_INSTRUMENT,
        workload: TRAFFIC,
        timeoutS: 1,
        seed: 1,
      },
      { fault: () => undefined },
    )
    expect(injection.facts.computing).toBe(true)
    const asked = await injection.later?.()
    const held = (): HeldTask | null => heldTask(readJournal(journal), injection.notedAs ?? 0)
    if (begun > 0) await expect.poll(() => held()?.begun).toBe(begun)
    const task = held()
    await server.stop(1)
    const tasks = hasTaskQueue(model) ? { tasks: countTasks(readJournal(journal)) } : {}
    return workInHand({ ...injection.facts, ...asked, ...tasks, ...(task === null ? {} : { heldTask: task }) })
  } finally {
    await session.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

describe('a worker that is killed with work in hand', () => {
  partTest(['uvicorn'], 'Uvicorn: the client is cut off', async () => {
    expect(await killed('uvicorn')).toBe('cut off')
  })

  partTest(['nginx', 'gunicorn'], 'Gunicorn behind NGINX: the client is told by NGINX', async () => {
    expect(await killed('nginx-gunicorn')).toBe('failed')
  })

  partTest(['rq', 'redis-server'], 'RQ: the task is lost', async () => {
    expect(await killed('rq-reply', 1)).toBe('lost')
  })

  partTest(['gunicorn', 'redis-server'], 'Celery that acknowledges late: the task is run again', async () => {
    expect(['run again', 'begun again']).toContain(await killed('celery-late-reply', 2))
  })
})
