import { Overloaded } from '../../server/overloaded.ts'
import { setMaxListeners } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { threadId } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import { definedHandlers } from '../../server/defined-handlers.ts'
import { type Executor, type ExecutorId } from '../../server/executor.ts'
import { createExecutor, loadExecutors, type ExecutorOptions } from '../../server/executors.ts'
import type { Handler } from '../../server/handler.ts'
import { loadHandlers } from '../../server/handlers.ts'
import { executorOptions } from './executor-options.ts'
import { idleContext } from './idle-context.ts'

/** Executors that another suite covers, with the reason. */
const ELSEWHERE: Partial<Record<ExecutorId, string>> = {
  'task-queue': 'needs a broker',
  'task-queue-reply': 'needs a broker',
}

/** Where the work of each executor runs, seen from the process that serves. */
const ISOLATION: Readonly<Record<ExecutorId, 'loop' | 'thread' | 'process'>> = {
  inline: 'loop',
  cooperative: 'loop',
  'worker-pool': 'thread',
  'thread-per-request': 'thread',
  'process-pool': 'process',
  'task-queue': 'process',
  'task-queue-reply': 'process',
}

/** Few, since a thread for each costs 40 ms. */
const TASKS = 12

const APP = join(PACKAGE_ROOT, 'tests', 'fixtures', 'apps', 'pool-handlers.mjs')
await import(APP)
const builtIn = await loadHandlers()
const open: Executor[] = []

/** A test of what only some executors promise. */
function onlyIf(applies: boolean, name: string, run: () => Promise<void>): void {
  if (applies) test(name, run)
}

afterEach(async () => {
  for (const executor of open.splice(0)) await executor.close()
})

async function make(id: ExecutorId, changes: Partial<ExecutorOptions> = {}): Promise<Executor> {
  const executor = await createExecutor(id, executorOptions({ appModule: APP, poolQueue: 100, ...changes }))
  open.push(executor)
  return executor
}

/** A handler of the fixture app, or a built-in one. */
function handler(id: string): Handler {
  const found = definedHandlers().handlers.get(id) ?? builtIn.get(id)
  if (found === undefined) throw new Error(`There is no handler ${id}.`)
  return found
}

/** Threads and child processes of this process. */
function descendants(): { threads: number; children: number } {
  const tasks = readdirSync('/proc/self/task')
  const children = tasks.flatMap((task) => readFileSync(`/proc/self/task/${task}/children`, 'utf8').match(/\d+/g) ?? [])
  return { threads: tasks.length, children: children.length }
}

describe.each([...(await loadExecutors()).values()].filter(({ id }) => ELSEWHERE[id] === undefined))(
  '$id',
  ({ id }) => {
    const isolated = ISOLATION[id] !== 'loop'
    const standing = id === 'worker-pool' || id === 'process-pool'

    test('gives the answer that the handler gives', async () => {
      const executor = await make(id, { appModule: null })
      const inputs = ['2', '97', '999983', '9999999999999999']
      const answers = await Promise.all(inputs.map((n) => executor.run(handler('cpu-prime'), { n }, idleContext())))
      expect(JSON.stringify(answers)).toBe(
        '[{"n":"2","prime":true},{"n":"97","prime":true},{"n":"999983","prime":true},{"n":"9999999999999999","prime":false}]',
      )
      expect(await executor.run(handler('cpu-fib'), { n: 25 }, idleContext())).toEqual({ n: 25, fib: 75_025 })
      expect(await executor.run(handler('io-sleep'), { ms: 1 }, idleContext())).toEqual({ ms: 1 })
      const compute = <In, Out>(work: Handler<In, Out>, input: In): Promise<Out> =>
        executor.run(work, input, idleContext()) as Promise<Out>
      const mixed = await executor.run(handler('mixed'), { ms: 1, n: '97' }, idleContext({ compute }))
      expect(mixed).toEqual({ ms: 1, n: '97', prime: true })
    })

    test('runs the work where it says, and passes plain data there and back unchanged', async () => {
      const executor = await make(id)
      const where = (await executor.run(handler('where'), undefined, idleContext())) as {
        pid: number
        threadId: number
      }
      expect(where.pid === process.pid).toBe(ISOLATION[id] !== 'process')
      expect(where.pid === process.pid && where.threadId === threadId).toBe(ISOLATION[id] === 'loop')
      const data = { text: 'é€😀', list: [1, null, { deep: true }], big: 2n ** 60n, none: undefined }
      expect(await executor.run(handler('echo'), data, idleContext())).toEqual(data)
    })

    test('carries errors over, and goes on', async () => {
      const executor = await make(id)
      await expect(executor.run(handler('fail'), 'too far', idleContext())).rejects.toMatchObject({
        name: 'RangeError',
        message: 'too far',
        stack: expect.stringContaining('pool-handlers.mjs') as string,
      })
      expect(await executor.run(handler('echo'), 1, idleContext())).toBe(1)
    })

    test('does everything that it is given at once', async () => {
      const executor = await make(id, { poolSize: 2 })
      const inputs = Array.from({ length: TASKS }, (_, i) => i)
      const outputs = await Promise.all(inputs.map((i) => executor.run(handler('echo'), i, idleContext())))
      expect(outputs).toEqual(inputs)
      const figures = executor.pool?.()
      if (figures) expect(figures).toMatchObject({ inUse: 0, queueLength: 0, shedTotal: 0 })
      if (isolated) expect(figures?.tasksTotal).toBe(TASKS)
    })

    test('is closed twice without harm, and leaves neither threads nor processes', async () => {
      const before = descendants()
      const executor = await make(id, { poolSize: 2 })
      await executor.run(handler('echo'), 1, idleContext())
      if (isolated) executor.run(handler('spin'), { ms: 60_000 }, idleContext()).catch(() => undefined)
      await sleep(20)
      await executor.close()
      await executor.close()
      await expect.poll(() => descendants().threads).toBeLessThanOrEqual(before.threads)
      expect(descendants().children).toBe(before.children)
    })

    onlyIf(isolated, 'rejects the tasks that close() takes down', async () => {
      const executor = await make(id)
      const running = executor.run(handler('spin'), { ms: 60_000 }, idleContext())
      const settled = expect(running).rejects.toThrow()
      await sleep(50)
      await executor.close()
      await settled
      await expect(executor.run(handler('echo'), 1, idleContext())).rejects.toThrow(Overloaded)
    })

    onlyIf(isolated, 'leaves the event loop free while it computes', async () => {
      const executor = await make(id)
      await executor.run(handler('echo'), 1, idleContext())
      let computes = true
      const ended = executor
        .run(handler('spin'), { ms: 60_000 }, idleContext())
        .catch(() => {})
        .finally(() => {
          computes = false
        })
      for (let turn = 0; turn < 20; turn++) await sleep(5)
      expect(computes).toBe(true)
      await executor.close()
      await ended
    })

    onlyIf(standing, 'sheds what its queue cannot hold', async () => {
      const executor = await make(id, { poolSize: 1, poolQueue: 2 })
      const results = await Promise.allSettled(
        Array.from({ length: 6 }, () => executor.run(handler('spin'), { ms: 100 }, idleContext())),
      )
      expect(results.map(({ status }) => status)).toEqual([...Array(3).fill('fulfilled'), ...Array(3).fill('rejected')])
      for (const result of results.slice(3)) {
        expect(result.status === 'rejected' && result.reason).toBeInstanceOf(Overloaded)
      }
      expect(executor.pool?.()).toMatchObject({ size: 1, inUse: 0, queueLength: 0, tasksTotal: 3, shedTotal: 3 })
    })

    onlyIf(standing, 'frees the place of a task that waits and is given up', async () => {
      const executor = await make(id, { poolSize: 1, poolQueue: 1 })
      const running = executor.run(handler('spin'), { ms: 200 }, idleContext())
      const given = new AbortController()
      const waiting = executor.run(handler('echo'), 1, idleContext({ signal: given.signal }))
      given.abort(new Error('gone'))
      await expect(waiting).rejects.toThrow('gone')
      expect(executor.pool?.().queueLength).toBe(0)
      expect(await executor.run(handler('echo'), 2, idleContext())).toBe(2)
      await running
    })

    // Inline work is over before anyone can give it up.
    onlyIf(id !== 'inline', 'frees the place of a task that runs and is given up', async () => {
      const executor = await make(id, { poolSize: 1 })
      const given = new AbortController()
      const running = executor.run(handler('spin'), { ms: 60_000 }, idleContext({ signal: given.signal }))
      const settled = expect(running).rejects.toThrow('gone')
      await sleep(isolated ? 100 : 20)
      given.abort(new Error('gone'))
      await settled
      expect(await executor.run(handler('echo'), 3, idleContext())).toBe(3)
    })

    onlyIf(isolated, 'survives work that ends its thread or process', async () => {
      const executor = await make(id)
      await expect(executor.run(handler('leave'), 3, idleContext())).rejects.toThrow()
      expect(await executor.run(handler('echo'), 4, idleContext())).toBe(4)
    })

    onlyIf(isolated, 'reports how long each task waited', async () => {
      const waits: number[] = []
      const executor = await make(id, { onWait: (waitS) => waits.push(waitS) })
      await Promise.all([1, 2].map(() => executor.run(handler('spin'), { ms: 80 }, idleContext())))
      expect(waits).toHaveLength(2)
      if (id !== 'thread-per-request') expect(Math.max(...waits)).toBeGreaterThan(0.07)
      expect(executor.pool?.().waitSecondsTotal).toBeCloseTo(
        waits.reduce((sum, waitS) => sum + waitS),
        6,
      )
    })
  },
)

test('threads and tasks that wait are bounded by the size of a pool, and a flood leaves none of them', async () => {
  const executor = await make('thread-per-request', { poolSize: 1, poolQueue: 1000 })
  const before = descendants().threads
  const leaving = new AbortController()
  setMaxListeners(0, leaving.signal)
  const flood = Array.from({ length: 300 }, () =>
    executor.run(handler('spin'), { ms: 60_000 }, idleContext({ signal: leaving.signal })),
  )
  expect(executor.pool?.()).toMatchObject({ size: 4, inUse: 4, queueLength: 50, shedTotal: 246 })
  // Each thread of Node's may have some helpers.
  await expect.poll(() => descendants().threads).toBeGreaterThan(before)
  leaving.abort(new Error('gone'))
  const ends = await Promise.allSettled(flood)
  expect(ends.filter(({ status }) => status === 'fulfilled')).toEqual([])
  expect(ends.filter((end) => end.status === 'rejected' && end.reason instanceof Overloaded)).toHaveLength(246)
  expect(await executor.run(handler('echo'), 1, idleContext())).toBe(1)
  await expect.poll(() => descendants().threads).toBeLessThanOrEqual(before)
})
