// Work goes wrong in some place. Is whoever wanted it told, does the process die, or does nobody notice?
import { spawn, type ChildProcess } from 'node:child_process'
import cluster from 'node:cluster'
import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Handler } from '../../../server/handler.ts'
import { fail, FAULTS, type Fault } from './errors-fault.ts'
import { endWithParent, readArgument, tell, tellResult } from './trace.ts'

/** Without a fault, each of them is tried in a process of its own. */
const { place, fault } = readArgument<{ place: string; fault: Fault | '' }>({ place: 'awaited', fault: '' })

/** Nobody was told when nothing has been heard for so long after the work has gone wrong. */
const SILENCE_MS = 400

/** Longest wait for the work to go wrong. */
const LIMIT_MS = 20_000

const ELSEWHERE = new URL('./errors-elsewhere.js', import.meta.url)

const heard = new EventEmitter()

const PLACES: Readonly<Record<string, () => unknown>> = {
  awaited: async () => {
    try {
      await work()
    } catch {
      tellCaller('rejection')
    }
  },

  forgotten: () => {
    try {
      void work()
    } catch {
      tellCaller('exception')
    }
    return sleep(SILENCE_MS)
  },

  listener: () => {
    const events = new EventEmitter().on('work', () => goWrong())
    try {
      events.emit('work')
    } catch {
      tellCaller('exception')
    }
    return sleep(SILENCE_MS)
  },

  timer: () => {
    try {
      setTimeout(() => goWrong(), 10)
    } catch {
      tellCaller('exception')
    }
    return sleep(SILENCE_MS)
  },

  thread: () => {
    const thread = new Worker(ELSEWHERE, { workerData: fault })
    thread.once('error', () => tellCaller('error event'))
    thread.once('exit', () => tellCaller('exit event'))
    return untilHeard()
  },

  'thread-unwatched': async () => {
    const thread = new Worker(ELSEWHERE, { workerData: fault })
    while (thread.threadId !== -1) await sleep(20)
    await sleep(SILENCE_MS)
  },

  piscina: async () => {
    const { createExecutor } = await import('../../../server/executors.ts')
    const { hereContext } = await import('../../../server/here-context.ts')
    const appModule = fileURLToPath(new URL('./errors-handlers.js', import.meta.url))
    const options = { unitName: 'lab', launchDir: null, poolSize: 1, poolQueue: 10, brokerUrl: '', appModule }
    const pool = await createExecutor('worker-pool', options)
    try {
      await pool.run({ id: 'go-wrong', kind: 'cpu' } as Handler, fault, hereContext())
    } catch {
      tellCaller('rejection')
    }
    await pool.close()
  },

  child: () => {
    const child = startChild()
    child.once('exit', () => tellCaller('exit event'))
    return untilHeard()
  },

  'child-unwatched': async () => {
    const child = startChild()
    while (child.exitCode === null && child.signalCode === null) await sleep(20)
    await sleep(SILENCE_MS)
  },

  cluster: async () => {
    cluster.setupPrimary({ exec: fileURLToPath(new URL('./errors-server.js', import.meta.url)), silent: true })
    const worker = cluster.fork()
    const [{ port }] = (await once(worker, 'listening')) as [{ port: number }]
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/${fault}`, { signal: AbortSignal.timeout(LIMIT_MS) })
      tellCaller(`status ${answer.status}`)
    } catch {
      tellCaller('connection closed')
    }
    worker.kill()
  },
}

endWithParent()
const attempt = PLACES[place]
if (attempt === undefined)
  throw new Error(`Expected \`place\` to be one of ${Object.keys(PLACES).join(', ')}; got ${place}.`)
if (fault === '') await Promise.all(FAULTS.map(tryInProcess))
else await attempt()
if (fault === '') tellResult({})
process.exit()

async function tryInProcess(fault: Fault): Promise<void> {
  const argument = JSON.stringify({ place, fault })
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), argument], {
    stdio: ['ignore', 'inherit', 'ignore'],
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  tell(fault, 'ended', { well: code === 0, how: signal ?? `code ${code}` })
}

function goWrong(): unknown {
  return fault === '' ? undefined : fail(fault)
}

async function work(): Promise<unknown> {
  return goWrong()
}

function startChild(): ChildProcess {
  return spawn(process.execPath, [fileURLToPath(ELSEWHERE), fault], { stdio: 'ignore' })
}

function tellCaller(how: string): void {
  tell(fault, 'told', { how })
  heard.emit('told')
}

function untilHeard(): Promise<unknown> {
  return once(heard, 'told', { signal: AbortSignal.timeout(LIMIT_MS) })
}
