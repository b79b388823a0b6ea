// Threads, or tasks of one thread, count together; every increment should be in the end value. Eight ways to do it.
import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { MessageChannel, type MessagePort, Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'
import { nowMs, readArgument, emit, emitResult } from './trace.ts'

interface Shared {
  readonly way: string
  readonly threads: number
  /** Increments of each thread. */
  readonly increments: number
  /** See {@link CELL}. */
  readonly memory: SharedArrayBuffer
  /** Which of the threads this is, from 0. */
  readonly place: number
  readonly port: MessagePort
}

/** What the memory holds: the counter, a lock, how many threads are ready, the current snapshot, and the snapshots. */
const CELL = { counter: 0, lock: 1, ready: 2, current: 3, snapshots: 8 } as const

/** Longest time until all messages have arrived. */
const LIMIT_MS = 20_000

/** What a thread does to add one, by way. Those that send give a promise of the answer. */
const INCREMENT: Readonly<Record<string, (cells: Int32Array, shared: Shared) => () => unknown>> = {
  /** Read, add, write: three steps, and another thread may write in between. */
  plain: (cells) => () => {
    cells[CELL.counter] = (cells[CELL.counter] ?? 0) + 1
  },

  /** The processor does the three steps as one. */
  atomics: (cells) => () => Atomics.add(cells, CELL.counter, 1),

  /** The three steps, with a lock around them: 0 is free, 1 taken, 2 taken and somebody sleeps (Drepper 2011). */
  mutex: (cells) => () => {
    let before = Atomics.compareExchange(cells, CELL.lock, 0, 1)
    while (before !== 0) {
      if (before === 2 || Atomics.compareExchange(cells, CELL.lock, 1, 2) !== 0) Atomics.wait(cells, CELL.lock, 2)
      before = Atomics.compareExchange(cells, CELL.lock, 0, 2)
    }
    cells[CELL.counter] = (cells[CELL.counter] ?? 0) + 1
    if (Atomics.exchange(cells, CELL.lock, 0) === 2) Atomics.notify(cells, CELL.lock, 1)
  },

  /**
   * A snapshot is never changed: a thread writes the next one beside it and swaps the two if nobody was faster. `current`
   * holds a version, so that a snapshot is never taken for an older one in the same place. Each thread has two places.
   */
  'compare-exchange': (cells, { threads, place }) => {
    const places = 2 * threads
    return () => {
      for (;;) {
        const seen = Atomics.load(cells, CELL.current)
        const next = seen % places === 2 * place ? 2 * place + 1 : 2 * place
        cells[CELL.snapshots + next] = (cells[CELL.snapshots + (seen % places)] ?? 0) + 1
        const version = Math.floor(seen / places) + 1
        if (Atomics.compareExchange(cells, CELL.current, seen, version * places + next) === seen) return
      }
    }
  },

  /** A message to the one who owns the counter; nobody waits for it. */
  actor:
    (_, { port }) =>
    () =>
      port.postMessage(1),

  /** A channel without a buffer: who sends goes on once the other side has taken it. */
  channel: (_, { port }) => {
    let taken: () => void = () => undefined
    port.on('message', () => taken())
    return () =>
      new Promise<void>((resolve) => {
        taken = resolve
        port.postMessage(1)
      })
  },
}

if (isMainThread) await main()
else await countInThread(workerData as Shared)

async function main(): Promise<void> {
  const { way, threads, increments } = readArgument({ way: 'plain', threads: 2, increments: 30_000_000 })
  const expected = threads * increments
  const startedAt = nowMs()
  const inOneThread = way === 'await' || way === 'await-atomic'
  const { final, tookMs } = inOneThread
    ? await countInOneThread(way === 'await', threads, increments)
    : await countInThreads(way, threads, increments)
  emit(way, 'counted', { expected, final, lost: expected - final, ms: nowMs() - startedAt })
  emitResult({ expected, final, lost: expected - final, nsPerIncrement: (tookMs * 1e6) / expected })
}

/** Two tasks of one thread. With `across` each writes what it read before an await, otherwise at once. */
async function countInOneThread(
  across: boolean,
  tasks: number,
  increments: number,
): Promise<{ final: number; tookMs: number }> {
  let counter = 0
  const count = async (): Promise<void> => {
    for (let i = 0; i < increments; i++) {
      const read = counter
      if (across) await Promise.resolve()
      counter = read + 1
      if (!across) await Promise.resolve()
    }
  }
  const startedAt = nowMs()
  await Promise.all(Array.from({ length: tasks }, count))
  return { final: counter, tookMs: nowMs() - startedAt }
}

async function countInThreads(
  way: string,
  threads: number,
  increments: number,
): Promise<{ final: number; tookMs: number }> {
  const memory = new SharedArrayBuffer(4 * 64)
  const cells = new Int32Array(memory)
  const byMessage = way === 'actor' || way === 'channel'
  /** What the owner of the counter has. */
  let owned = 0
  const arrived = new EventEmitter()
  const workers = Array.from({ length: threads }, (_, place) => {
    const { port1, port2 } = new MessageChannel()
    port1.on('message', () => {
      owned += 1
      if (way === 'channel') port1.postMessage('taken')
      if (owned === threads * increments) arrived.emit('all')
    })
    const shared: Shared = { way, threads, increments, memory, place, port: port2 }
    const worker = new Worker(new URL(import.meta.url), { workerData: shared, transferList: [port2] })
    return { port1, done: new Promise<void>((resolve) => worker.once('message', () => resolve())), worker }
  })
  while (Atomics.load(cells, CELL.ready) < threads) await sleep(1)
  const startedAt = nowMs()
  const allArrived = byMessage ? once(arrived, 'all', { signal: AbortSignal.timeout(LIMIT_MS) }) : null
  Atomics.store(cells, CELL.ready, threads + 1)
  await Promise.all([allArrived, ...workers.map(({ done }) => done)])
  const tookMs = nowMs() - startedAt
  for (const { port1 } of workers) port1.close()
  await Promise.all(workers.map(({ worker }) => worker.terminate()))
  const snapshot = cells[CELL.snapshots + ((cells[CELL.current] ?? 0) % (2 * threads))] ?? 0
  const counted = way === 'compare-exchange' ? snapshot : (cells[CELL.counter] ?? 0)
  return { final: byMessage ? owned : counted, tookMs }
}

/** What each thread does: waits for the others, then counts. */
async function countInThread(shared: Shared): Promise<void> {
  const { way, threads, increments, memory, port } = shared
  const cells = new Int32Array(memory)
  const increment = INCREMENT[way]?.(cells, shared)
  if (increment === undefined)
    throw new Error(`Expected \`way\` to be one of ${Object.keys(INCREMENT).join(', ')}; got ${way}.`)
  Atomics.add(cells, CELL.ready, 1)
  // Nobody sleeps here, so that all begin at once.
  while (Atomics.load(cells, CELL.ready) <= threads);
  if (way === 'channel') for (let i = 0; i < increments; i++) await increment()
  else for (let i = 0; i < increments; i++) increment()
  port.unref()
  parentPort?.postMessage('done')
}
