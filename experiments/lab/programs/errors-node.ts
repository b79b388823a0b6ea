// Work goes wrong in some place. Does whoever wanted it hear of it, does the process die, or does nobody notice?
import { spawn, type ChildProcess } from 'node:child_process'
import cluster from 'node:cluster'
import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Handler } from '../../../server/handler.ts'
import { fail, FAULTS, type Fault } from './errors-fault.ts'
import { endWithParent, readArgument, emit, emitResult } from './trace.ts'

/** Without a fault, each of them is tried in a process of its own. */
const { place, fault } = readArgument<{ place: string; fault: Fault | '' }>({ place: 'awaited', fault: '' })

/** Nobody hears of it when nothing came for so long after the work went wrong. */
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
      reportToCaller('rejection')
    }
  },

  forgotten: () => {
    try {
      void work()
    } catch {
      reportToCaller('exception')
    }
    return sleep(SILENCE_MS)
  },

  listener: () => {
    const events = new EventEmitter().on('work', () => goWrong())
    try {
      events.emit('work')
    } catch {
      reportToCaller('exception')
    }
    return sleep(SILENCE_MS)
  },

  timer: () => {
    try {
      setTimeout(() => goWrong(), 10)
    } catch {
      reportToCaller('exception')
    }
    return sleep(SILENCE_MS)
  },

  thread: () => {
    const thread = new Worker(ELSEWHERE, { workerData: fault })
    thread.once('error', () => reportToCaller('error event'))
    thread.once('exit', () => reportToCaller('exit event'))
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
      reportToCaller('rejection')
    }
    await pool.close()
  },

  child: () => {
    const child = startChild()
    child.once('exit', () => reportToCaller('exit event'))
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
      reportToCaller(`status ${answer.status}`)
    } catch {
      reportToCaller('connection closed')
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
if (fault === '') emitResult({})
process.exit()

async function tryInProcess(fault: Fault): Promise<void> {
  const argument = JSON.stringify({ place, fault })
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), argument], {
    stdio: ['ignore', 'inherit', 'ignore'],
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  emit(fault, 'ended', { well: code === 0, how: signal ?? `code ${code}` })
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

function reportToCaller(how: string): void {
  emit(fault, 'heard', { how })
  heard.emit('heard')
}

function untilHeard(): Promise<unknown> {
  return once(heard, 'heard', { signal: AbortSignal.timeout(LIMIT_MS) })
}
