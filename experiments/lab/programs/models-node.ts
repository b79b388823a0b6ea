// One word count, in seven models of concurrency. Every way must come to the counts of a plain loop.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { countInto, makeText, piecesOf, VOCABULARY, WORD_LENGTH } from './models-text.ts'
import type { ThreadTask } from './models-thread.ts'
import { endWithParent, nowMs, readArgument, emitResult } from './trace.ts'

const { way, words, items, threads } = readArgument({ way: 'actors', words: 40_000, items: 10, threads: 2 })

/** What a thread says in the end: its counts, and how long it was counting, in ms. */
interface Counted {
  readonly counts: Uint32Array
  readonly countMs: number
}

/** What a model came to. */
interface Total {
  readonly counts: Uint32Array
  /** Time in which words were counted and nothing else was done, the mean of the threads, in ms; null where it cannot be told. */
  readonly countMs: number | null
}

const WAYS: Readonly<Record<string, (text: string) => Promise<Total>>> = {
  /** A function without side effects for each piece, and one that adds two counts: nothing is ever changed. */
  'map-reduce': (text) => {
    let countMs = 0
    const countsOf = (piece: string): Uint32Array => {
      const from = nowMs()
      const table = new Uint32Array(VOCABULARY)
      countInto(table, piece)
      countMs += nowMs() - from
      return table
    }
    const counts = [...piecesOf(text, items)].map(countsOf).reduce((sum, table) => added([sum, table]))
    return Promise.resolve({ counts, countMs })
  },

  /** All threads add to one table, each with a lock around every addition. */
  locks: (text) => overSharedText(text, 'locks'),

  /** The counts so far are a snapshot that nobody changes; a thread makes the next one and swaps the two. */
  snapshots: (text) => overSharedText(text, 'snapshots'),

  /** The typed array is divided, each thread has a table of its own, and the tables are added in the end. */
  'data-parallel': (text) => overSharedText(text, 'data-parallel'),

  /** Each counter owns its table; pieces of text are messages to them, and nobody waits. */
  actors: async (text) => {
    const counters = await start('actors')
    let next = 0
    for (const piece of piecesOf(text, items)) counters[next++ % threads]?.postMessage(piece)
    return collect(counters)
  },

  /** Pieces go through a channel without a buffer: who sends goes on when a counter has taken the piece. */
  csp: async (text) => {
    const counters = await start('csp')
    const pieces = piecesOf(text, items)
    await Promise.all(
      counters.map(async (counter) => {
        for (const piece of pieces) {
          counter.postMessage(piece)
          await once(counter, 'message')
        }
      }),
    )
    return collect(counters)
  },

  /** A thread counts all that is old in one go (batch); what has just come is counted here as it comes (speed). */
  lambda: async (text) => {
    const old = Math.floor((words * 9) / 10) * WORD_LENGTH
    const [batch] = await start('actors', 1)
    if (batch === undefined) throw new Error('Expected a thread, got none.')
    batch.postMessage(text.slice(0, old))
    const recent = new Uint32Array(VOCABULARY)
    for (const piece of piecesOf(text.slice(old), items)) countInto(recent, piece)
    const { counts, countMs } = await collect([batch])
    // The answer to a question is both.
    return { counts: added([counts, recent]), countMs }
  },
}

endWithParent()
const text = makeText(words)
const expected = new Uint32Array(VOCABULARY)
countInto(expected, text)
let startedAt = nowMs()
const run = WAYS[way]
if (run === undefined) throw new Error(`Expected \`way\` to be one of ${Object.keys(WAYS).join(', ')}; got ${way}.`)
const { counts, countMs } = await run(text)
const tookMs = nowMs() - startedAt
emitResult({ tookMs, countMs, isRight: counts.every((count, id) => count === expected[id]) })
process.exit(0)

/** Starts threads; the time counts from the moment when all of them wait. */
async function start(task: ThreadTask['way'], count: number = threads, more: object = {}): Promise<Worker[]> {
  const workers = Array.from({ length: count }, (_, place) => {
    return new Worker(new URL('./models-thread.js', import.meta.url), {
      workerData: { way: task, place, threads: count, items, ...more },
    })
  })
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  startedAt = nowMs()
  return workers
}

/** Asks every thread for its counts and adds them. */
async function collect(workers: readonly Worker[]): Promise<Total> {
  const answers = workers.map((worker) => once(worker, 'message') as Promise<[Counted]>)
  for (const worker of workers) worker.postMessage('end')
  const counted = (await Promise.all(answers)).map(([answer]) => answer)
  return {
    counts: added(counted.map((each) => each.counts)),
    countMs: counted.reduce((sum, each) => sum + each.countMs, 0) / counted.length,
  }
}

/** Lays the text into memory that all threads see, and has them count it. */
async function overSharedText(from: string, task: 'locks' | 'snapshots' | 'data-parallel'): Promise<Total> {
  const batches = Math.ceil(words / items) + 2 * threads
  const shared = {
    text: new SharedArrayBuffer(from.length),
    table: new SharedArrayBuffer(4 * VOCABULARY),
    lock: new SharedArrayBuffer(4),
    // Each snapshot has a place of its own for ever, so that none is taken for another.
    snapshots: new SharedArrayBuffer(task === 'snapshots' ? 4 * VOCABULARY * (batches + 1) : 0),
  }
  const workers = await start(task, threads, shared)
  new Uint8Array(shared.text).set(new TextEncoder().encode(from))
  const total = await collect(workers)
  if (task === 'data-parallel') return total
  const table = new Uint32Array(shared.table)
  const current = Atomics.load(new Int32Array(shared.lock), 0) * VOCABULARY
  const snapshot =
    task === 'snapshots' ? new Uint32Array(shared.snapshots).subarray(current, current + VOCABULARY) : table
  return { counts: new Uint32Array(snapshot), countMs: task === 'locks' ? null : total.countMs }
}

function added(tables: readonly Uint32Array[]): Uint32Array {
  return new Uint32Array(VOCABULARY).map((_, id) => tables.reduce((sum, table) => sum + (table[id] ?? 0), 0))
}
