import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BoundedPool, type RunningTask } from '../../server/bounded-pool.ts'
import { Overloaded } from '../../server/overloaded.ts'
import type { TaskOutcome, TaskRequest } from '../../server/task.ts'

/** Tasks under way, by name, ended by hand. */
const running = new Map<string, { finish: (outcome: TaskOutcome) => void; killed: boolean }>()
const started: string[] = []

beforeEach(() => {
  running.clear()
  started.length = 0
})

afterEach(() => {
  vi.useRealTimers()
})

function start({ handler }: TaskRequest): RunningTask {
  started.push(handler)
  let reject: (reason: unknown) => void = () => undefined
  const outcome = new Promise<TaskOutcome>((resolve, rejectOutcome) => {
    reject = rejectOutcome
    running.set(handler, { finish: resolve, killed: false })
  })
  const kill = (): void => {
    const task = running.get(handler)
    if (task) task.killed = true
    reject(new Error('killed'))
  }
  return { outcome, kill }
}

function task(handler: string): TaskRequest {
  return { handler, input: null, upstreamUrl: '', filesDir: '' }
}

async function finish(name: string): Promise<void> {
  running.get(name)?.finish({ output: name, startedS: 0 })
  await new Promise((resolve) => process.nextTick(resolve))
}

const never = new AbortController().signal

test('tasks start in the order in which they came, no more at once than there are places', async () => {
  const pool = new BoundedPool({ size: 2, maxQueue: 10, start, onWait: undefined })
  const outputs = ['a', 'b', 'c', 'd'].map((name) => pool.run(task(name), never))
  expect(started).toEqual(['a', 'b'])
  expect(pool.figures()).toMatchObject({ size: 2, inUse: 2, queueLength: 2 })
  await finish('b')
  expect(started).toEqual(['a', 'b', 'c'])
  for (const name of ['a', 'c', 'd']) await finish(name)
  expect(await Promise.all(outputs)).toEqual(['a', 'b', 'c', 'd'])
  expect(pool.figures()).toMatchObject({ inUse: 0, queueLength: 0, tasksTotal: 4, shedTotal: 0 })
})

test('a full queue sheds at once, and what waits is not disturbed', async () => {
  const pool = new BoundedPool({ size: 1, maxQueue: 1, start, onWait: undefined })
  const kept = [pool.run(task('a'), never), pool.run(task('b'), never)]
  await expect(pool.run(task('c'), never)).rejects.toThrow(Overloaded)
  await finish('a')
  await finish('b')
  expect(await Promise.all(kept)).toEqual(['a', 'b'])
  expect(pool.figures()).toMatchObject({ tasksTotal: 2, shedTotal: 1 })
})

test('a task that waits and is given up never starts', async () => {
  const pool = new BoundedPool({ size: 1, maxQueue: 2, start, onWait: undefined })
  const given = new AbortController()
  const first = pool.run(task('a'), never)
  const second = pool.run(task('b'), given.signal)
  const third = pool.run(task('c'), never)
  given.abort(new Error('gone'))
  await expect(second).rejects.toThrow('gone')
  await finish('a')
  await finish('c')
  await Promise.all([first, third])
  expect(started).toEqual(['a', 'c'])
})

test('a running task that is given up rejects at once, and is killed only when it goes on for 100 ms', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const pool = new BoundedPool({ size: 2, maxQueue: 0, start, onWait: undefined })
  const given = new AbortController()
  const short = pool.run(task('short'), given.signal)
  const long = pool.run(task('long'), given.signal)
  given.abort(new Error('gone'))
  await expect(short).rejects.toThrow('gone')
  await expect(long).rejects.toThrow('gone')
  await finish('short')
  vi.advanceTimersByTime(99)
  expect(running.get('long')?.killed).toBe(false)
  vi.advanceTimersByTime(1)
  expect(running.get('long')?.killed).toBe(true)
  expect(running.get('short')?.killed).toBe(false)
})

test('a request that was given up before it came takes no place', async () => {
  const pool = new BoundedPool({ size: 1, maxQueue: 0, start, onWait: undefined })
  await expect(pool.run(task('a'), AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
  expect(started).toEqual([])
})

test('a closed pool sheds what waits and what comes', async () => {
  const pool = new BoundedPool({ size: 1, maxQueue: 5, start, onWait: undefined })
  const under = pool.run(task('a'), never)
  const waiting = pool.run(task('b'), never)
  pool.close()
  await expect(waiting).rejects.toThrow('closing')
  await expect(pool.run(task('c'), never)).rejects.toThrow('closing')
  await finish('a')
  expect(await under).toBe('a')
  expect(started).toEqual(['a'])
})
