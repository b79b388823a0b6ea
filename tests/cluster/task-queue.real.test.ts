import { Overloaded } from '../../server/overloaded.ts'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { findModel } from '../../cluster/models.ts'
import type { OwnedLaunch } from '../../cluster/owned-launch.ts'
import { startRedis } from '../../cluster/redis.ts'
import { openSession, type Session } from '../../cluster/session.ts'
import { startServer } from '../../cluster/start.ts'
import { compiled, PACKAGE_ROOT } from '../../core/paths.ts'
import { LAUNCH_ENV } from '../../core/unit.ts'
import { definedHandlers } from '../../server/defined-handlers.ts'
import { type Executor } from '../../server/executor.ts'
import { createExecutor, type ExecutorOptions } from '../../server/executors.ts'
import type { Handler } from '../../server/handler.ts'
import { describeWith } from '../parts.ts'
import { executorOptions } from '../server/executor-options.ts'
import { idleContext } from '../server/idle-context.ts'

const APP = join(PACKAGE_ROOT, 'tests', 'fixtures', 'apps', 'pool-handlers.mjs')

let stateRoot = ''
let session: Session
beforeAll(async () => {
  stateRoot = mkdtempSync(join(os.tmpdir(), 'fw-'))
  session = await openSession({ stateRoot })
})
afterAll(async () => {
  await session.close()
  rmSync(stateRoot, { recursive: true, force: true })
})

describeWith(['redis-server'], 'a task queue with one worker', () => {
  let launch: OwnedLaunch
  let brokerUrl = ''
  const open: Executor[] = []

  beforeAll(async () => {
    await import(APP)
    launch = session.createLaunch('queue')
    brokerUrl = (await startRedis(launch)).url
    const worker = launch.spawn(
      { name: 'worker-1', role: 'worker' },
      process.execPath,
      [compiled('server/task-worker.js')],
      { env: { [LAUNCH_ENV.broker]: brokerUrl, [LAUNCH_ENV.app]: APP, [LAUNCH_ENV.metrics]: 'off' }, ipc: true },
    )
    await once(worker, 'message')
  })
  afterAll(() => launch.end())
  afterEach(async () => {
    for (const executor of open.splice(0)) await executor.close()
  })

  async function connect(changes: Partial<ExecutorOptions> = {}): Promise<Executor> {
    const executor = await createExecutor(
      'task-queue-reply',
      executorOptions({ brokerUrl, appModule: APP, poolSize: 1, poolQueue: 100, ...changes }),
    )
    open.push(executor)
    return executor
  }

  test('does what it is given elsewhere, in JSON, and carries errors over', async () => {
    const executor = await connect()
    const where = (await executor.run(handler('where'), undefined, idleContext())) as { pid: number }
    expect(where.pid).not.toBe(process.pid)
    const data = { text: 'é€😀', list: [1, null, { deep: true }] }
    expect(await executor.run(handler('echo'), data, idleContext())).toEqual(data)
    await expect(executor.run(handler('fail'), 'too far', idleContext())).rejects.toMatchObject({
      name: 'RangeError',
      message: 'too far',
    })
    const outputs = await Promise.all(
      Array.from({ length: 20 }, (_, i) => executor.run(handler('echo'), i, idleContext())),
    )
    expect(outputs).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect(executor.pool?.()).toMatchObject({ size: 1, inUse: 0, queueLength: 0, tasksTotal: 23, shedTotal: 0 })
  })

  test('sheds what its queue cannot hold, and reports how long each task waited', async () => {
    const waits: number[] = []
    const executor = await connect({ poolQueue: 2, onWait: (waitS) => waits.push(waitS) })
    const results = await Promise.allSettled(
      Array.from({ length: 6 }, () => executor.run(handler('spin'), { ms: 100 }, idleContext())),
    )
    expect(results.map(({ status }) => status)).toEqual([...Array(3).fill('fulfilled'), ...Array(3).fill('rejected')])
    for (const result of results.slice(3)) {
      expect(result.status === 'rejected' && result.reason).toBeInstanceOf(Overloaded)
    }
    expect(executor.pool?.().shedTotal).toBe(3)
    expect(waits).toHaveLength(3)
    expect(Math.max(...waits)).toBeGreaterThan(0.19)
  })

  test('a task that waits and is given up is taken out, and its place is free', async () => {
    const executor = await connect({ poolQueue: 1 })
    const running = executor.run(handler('spin'), { ms: 2000 }, idleContext())
    const given = new AbortController()
    const waiting = executor.run(handler('spin'), { ms: 60_000 }, idleContext({ signal: given.signal }))
    await sleep(100)
    given.abort(new Error('gone'))
    await expect(waiting).rejects.toThrow('gone')
    await expect.poll(() => executor.pool?.().queueLength).toBe(0)
    expect(await executor.run(handler('echo'), 2, idleContext())).toBe(2)
    await running
  })

  test('tasks that close() takes down are rejected as overload', async () => {
    const executor = await connect()
    const running = executor.run(handler('spin'), { ms: 300 }, idleContext())
    const settled = expect(running).rejects.toThrow(Overloaded)
    await sleep(50)
    await executor.close()
    await settled
    await expect(executor.run(handler('echo'), 1, idleContext())).rejects.toThrow(Overloaded)
  })
})

describeWith(['redis-server'], 'the model task-queue', () => {
  test('answers 202 with a job at once; its result is what the others answer', async () => {
    const server = await startServer(await findModel('task-queue'), {
      session,
      size: { workers: 1, threads: 1 },
      app: {},
      metrics: true,
      upstreamUrl: '',
      signal: AbortSignal.timeout(300_000),
      startTimeoutS: 240,
    })
    const get = (path: string): Promise<Response> =>
      fetch(new URL(path, server.targets[0]), { headers: { connection: 'close' } })

    // The last prime waits behind five that take a second and more each.
    const [first, ...more] = await Promise.all(Array.from({ length: 5 }, () => get('/cpu/prime?n=9999999999999917')))
    expect(more.map(({ status }) => status)).toEqual([202, 202, 202, 202])
    const second = await get('/cpu/prime?n=97')
    expect([first?.status, second.status]).toEqual([202, 202])
    const place = second.headers.get('location') ?? ''
    expect(await second.json()).toEqual({ job: place.replace('/jobs/', ''), state: 'waiting' })
    expect((await get(place)).status).toBe(202)
    await expect.poll(async () => (await get(place)).status).toBe(200)
    expect(await (await get(place)).text()).toBe('{"n":"97","prime":true}')
    expect(await (await get(first?.headers.get('location') ?? '')).json()).toEqual({
      n: '9999999999999917',
      prime: true,
    })

    expect((await get('/jobs/never')).status).toBe(404)
    expect((await get('/cpu/prime?n=x')).status).toBe(400)
    expect(await (await get('/mixed?ms=1&n=97')).text()).toBe('{"ms":1,"n":"97","prime":true}')

    const worker = (await server.units()).find(({ name }) => name === 'worker-1')
    const metrics = await (await fetch(worker?.metricsUrl ?? '')).text()
    expect(metrics).toContain('tasks_total{queue="tasks",outcome="ok"} 7\n')
    expect(metrics).toContain('task_duration_seconds_count{queue="tasks"} 7\n')
    const web = (await server.units()).find(({ name }) => name === 'web')
    const backlog = async (): Promise<string> => (await fetch(web?.metricsUrl ?? '')).text()
    await expect.poll(backlog).toContain('task_queue_length{queue="tasks"} 0\n')
    await server.stop(5)
  })
})

test('without a broker the executor says what to set', async () => {
  await expect(createExecutor('task-queue', executorOptions())).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining('FORKWISE_BROKER') as string,
  })
})

function handler(id: string): Handler {
  const found = definedHandlers().handlers.get(id)
  if (found === undefined) throw new Error(`There is no handler ${id}.`)
  return found
}
