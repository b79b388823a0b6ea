// Jobs in a pool of two workers. One job may go wrong: does the pool end, and what is lost?
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { createExecutor } from '../../../server/executors.ts'
import type { Handler } from '../../../server/handler.ts'
import { hereContext } from '../../../server/here-context.ts'
import type { Job } from './pool-jobs.ts'
import { endWithParent, nowMs, readArgument, emit, emitResult } from './trace.ts'

interface Argument {
  /** `threads` and `processes` are home-made, `piscina` and `process-pool` are those of the app. */
  readonly pool: string
  readonly fault: Job['fault']
  readonly jobs: number
  readonly workers: number
  /** A pool in which nothing has happened for so long hangs. */
  readonly silenceMs: number
}

const {
  pool,
  fault,
  jobs: count,
  workers: size,
  silenceMs,
} = readArgument<Argument>({ pool: 'threads', fault: 'none', jobs: 12, workers: 2, silenceMs: 1500 })

/** The first number takes long, so that the second worker is ahead of the first. */
const jobs: readonly Job[] = Array.from({ length: count }, (_, index) => ({
  id: index + 1,
  n: index === 0 ? '142702110479723' : '1000000000039',
  fault: index === Math.floor(count / 3) ? fault : 'none',
}))

interface FromWorker {
  readonly take?: true
  readonly ended?: true
  readonly id?: number
}

interface PoolWorker {
  send(message: unknown): void
  end(): unknown
}

/** When something last happened, and the workers that have begun. */
let lastAt = Infinity
const atWork = new Set<number>()

const done: number[] = []
const rejected: number[] = []

endWithParent()
const startedAt = nowMs()
const hung = pool === 'threads' || pool === 'processes' ? await runNaive() : await runOfApp()
const lost = jobs.filter(({ id }) => !done.includes(id) && !rejected.includes(id))
for (const { id } of lost) emit('pool', 'lost', { job: id })
emitResult({
  hung,
  done: done.length,
  rejected: rejected.length,
  lost: lost.length,
  outOfOrder: done.some((id, index) => index > 0 && id < (done[index - 1] ?? 0)),
  tookMs: nowMs() - startedAt,
})
process.exit()

/** The pool as one writes it first: a queue of jobs with a pill for each worker at its end, and all results counted. */
async function runNaive(): Promise<boolean> {
  const queue: (Job | 'pill')[] = [...jobs, ...Array.from({ length: size }, () => 'pill' as const)]
  let ended = 0
  const workers: PoolWorker[] = []
  const allEnded = new Promise<false>((resolve) => {
    for (let place = 1; place <= size; place++) {
      const worker = startWorker((message) => {
        lastAt = nowMs()
        atWork.add(place)
        if (message.take) give(worker, `worker ${place}`)
        if (message.id !== undefined) finish(message.id, `worker ${place}`)
        if (message.ended) ended += 1
        if (ended === size) resolve(false)
      })
      workers.push(worker)
    }
  })
  const hung = await Promise.race([allEnded, untilSilent()])
  await Promise.all(workers.map((worker) => worker.end()))
  return hung

  function give(worker: PoolWorker, lane: string): void {
    const job = queue.shift()
    if (job === undefined) return
    if (job !== 'pill') emit(lane, 'taken', { job: job.id })
    worker.send(job)
  }
}

/** The pool of the app: a library's threads or processes behind its queue. */
async function runOfApp(): Promise<boolean> {
  const appModule = fileURLToPath(new URL('./pool-jobs.js', import.meta.url))
  const options = { unitName: 'lab', launchDir: null, poolSize: size, poolQueue: count, brokerUrl: '', appModule }
  const executor = await createExecutor(pool === 'piscina' ? 'worker-pool' : 'process-pool', options)
  const settled = jobs.map(async (job) => {
    try {
      await executor.run({ id: 'lab-job', kind: 'cpu' } as Handler, job, hereContext())
      finish(job.id, 'pool')
    } catch {
      lastAt = nowMs()
      rejected.push(job.id)
      emit('pool', 'rejected', { job: job.id })
    }
  })
  const hung = await Promise.race([Promise.all(settled).then(() => false), untilSilent()])
  await executor.close()
  return hung
}

async function untilSilent(): Promise<true> {
  while (!isSilent()) await sleep(50)
  return true
}

/** A worker that has not begun yet is no silence. */
function isSilent(): boolean {
  const allBegan = pool === 'piscina' || pool === 'process-pool' || atWork.size === size
  return allBegan && nowMs() - lastAt >= silenceMs
}

function finish(id: number, lane: string): void {
  lastAt = nowMs()
  done.push(id)
  emit(lane, 'done', { job: id })
}

/** A thread or a process; what it prints when it goes wrong is printed, and nothing else happens. */
function startWorker(onMessage: (message: FromWorker) => void): PoolWorker {
  const program = new URL('./pool-worker.js', import.meta.url)
  if (pool === 'threads') {
    const thread = new Worker(program)
    thread.on('message', onMessage)
    thread.on('error', (error: Error) => process.stderr.write(`${error.message}\n`))
    return { send: (message) => thread.postMessage(message), end: () => thread.terminate() }
  }
  const child = fork(fileURLToPath(program), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  child.on('message', onMessage)
  return {
    send: (message) => void child.send(message as object),
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}
