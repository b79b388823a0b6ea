// Tests numbers for primality: one after the other, with Promise.all, or over threads or processes.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { handler, type PrimeAnswer } from '../../../server/handlers/cpu-prime.ts'
import { runToEnd } from '../../../server/slices.ts'
import { nowMs, readArgument, emit, emitResult } from './trace.ts'

const { way, numbers, workers } = readArgument({
  way: 'sequence',
  numbers: ['142702110479723', '299593572317531'],
  workers: 2,
})

/** What takes numbers and gives answers. */
interface PrimeWorker {
  postMessage(n: string): void
  onMessage(listener: (answer: PrimeAnswer | 'ready') => void): void
  end(): void
}

const WAYS: Readonly<Record<string, () => Promise<number>>> = {
  sequence: async () => {
    let primes = 0
    for (const n of numbers) primes += Number(await testHere('main', n))
    return primes
  },
  'promise-all': async () => {
    const answers = await Promise.all(numbers.map((n) => testHere('main', n)))
    return answers.filter(Boolean).length
  },
  threads: () => testOver(startThread),
  processes: () => testOver(startProcess),
}

// oxlint-disable-next-line require-await -- that `async` alone moves no work is what the lab shows
async function testHere(lane: string, n: string): Promise<boolean> {
  const from = nowMs()
  const { prime } = runToEnd(handler.run({ n }, undefined as never)) as PrimeAnswer
  emit(lane, 'job', { n, from, prime })
  return prime
}

/** Every worker takes the next number as soon as it is free. */
async function testOver(start: () => PrimeWorker): Promise<number> {
  const waiting = [...numbers]
  let primes = 0
  await Promise.all(
    Array.from({ length: workers }, (_, index) => {
      const lane = `worker ${index + 1}`
      const worker = start()
      let from = 0
      return new Promise<void>((resolve) => {
        worker.onMessage((answer) => {
          if (answer === 'ready') emit(lane, 'ready')
          else {
            emit(lane, 'job', { n: answer.n, from, prime: answer.prime })
            primes += Number(answer.prime)
          }
          const next = waiting.shift()
          from = nowMs()
          if (next !== undefined) return worker.postMessage(next)
          worker.end()
          resolve()
        })
      })
    }),
  )
  return primes
}

function startThread(): PrimeWorker {
  const thread = new Worker(new URL('./primes-thread.js', import.meta.url))
  return {
    postMessage: (n) => thread.postMessage(n),
    onMessage: (listener) => void thread.on('message', listener),
    end: () => void thread.terminate(),
  }
}

function startProcess(): PrimeWorker {
  const child = fork(fileURLToPath(new URL('./primes-child.js', import.meta.url)), { stdio: ['ignore', 2, 2, 'ipc'] })
  return {
    postMessage: (n) => void child.send(n),
    onMessage: (listener) => void child.on('message', listener as (message: unknown) => void),
    end: () => child.disconnect(),
  }
}

const startedMs = nowMs()
const primes = await WAYS[way]?.()
emitResult({ primes, tookMs: nowMs() - startedMs })
