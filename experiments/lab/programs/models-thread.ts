// A thread of the lab: counts what it is given, by message or in shared memory, until it is told to end.
import { parentPort, workerData } from 'node:worker_threads'
import { countInto, idOf, VOCABULARY, WORD_LENGTH } from './models-text.ts'

/** What a thread is given when it starts; memory only where it shares some. */
export interface ThreadTask {
  readonly way: 'actors' | 'csp' | 'locks' | 'snapshots' | 'data-parallel'
  /** Which of the threads this is, from 0. */
  readonly place: number
  readonly threads: number
  /** Words that are counted at a time. */
  readonly items: number
  readonly text?: SharedArrayBuffer
  readonly table?: SharedArrayBuffer
  /** A lock, or the number of the current snapshot. */
  readonly lock?: SharedArrayBuffer
  readonly snapshots?: SharedArrayBuffer
}

const task = workerData as ThreadTask
const counts = new Uint32Array(VOCABULARY)
const text = new Uint8Array(task.text ?? new ArrayBuffer(0))
const lock = new Int32Array(task.lock ?? new ArrayBuffer(4))
let countMs = 0

parentPort?.on('message', (message: string) => {
  if (message !== 'end') {
    timed(() => countInto(counts, message))
    if (task.way === 'csp') parentPort?.postMessage('taken')
    return
  }
  if (task.way === 'data-parallel') timed(() => countOwnPart(counts))
  if (task.way === 'locks') addUnderLock(new Uint32Array(task.table ?? new ArrayBuffer(0)))
  if (task.way === 'snapshots') publishSnapshots(new Uint32Array(task.snapshots ?? new ArrayBuffer(0)))
  parentPort?.postMessage({ counts, countMs })
  parentPort?.close()
})
parentPort?.postMessage('ready')

/** Counts the words of this thread's part of the shared text, from one word to another. */
function countOwnPart(into: Uint32Array, [from, to] = ownPart()): void {
  for (let word = from; word < to; word++) {
    const id = idOf(text[word * WORD_LENGTH] ?? 0, text[word * WORD_LENGTH + 1] ?? 0)
    into[id] = (into[id] ?? 0) + 1
  }
}

function ownPart(): [from: number, to: number] {
  const words = text.length / WORD_LENGTH
  return [Math.floor((words * task.place) / task.threads), Math.floor((words * (task.place + 1)) / task.threads)]
}

/** Adds every word to the table of all, with the lock taken: 0 is free, 1 taken, 2 taken and somebody sleeps. */
function addUnderLock(table: Uint32Array): void {
  const [from, to] = ownPart()
  for (let word = from; word < to; word++) {
    let before = Atomics.compareExchange(lock, 0, 0, 1)
    while (before !== 0) {
      if (before === 2 || Atomics.compareExchange(lock, 0, 1, 2) !== 0) Atomics.wait(lock, 0, 2)
      before = Atomics.compareExchange(lock, 0, 0, 2)
    }
    countOwnPart(table, [word, word + 1])
    if (Atomics.exchange(lock, 0, 0) === 2) Atomics.notify(lock, 0, 1)
  }
}

/** Counts some words, copies the current snapshot, adds to the copy, and makes it the current one unless another did. */
function publishSnapshots(snapshots: Uint32Array): void {
  const [from, to] = ownPart()
  // Places of this thread are those of its number, then every `threads` further on; 0 is the empty snapshot.
  let place = 1 + task.place
  for (let word = from; word < to; word += task.items) {
    const own = new Uint32Array(VOCABULARY)
    timed(() => countOwnPart(own, [word, Math.min(to, word + task.items)]))
    for (;;) {
      const seen = Atomics.load(lock, 0)
      const [before, next] = [seen * VOCABULARY, place * VOCABULARY]
      for (let id = 0; id < VOCABULARY; id++) snapshots[next + id] = (snapshots[before + id] ?? 0) + (own[id] ?? 0)
      if (Atomics.compareExchange(lock, 0, seen, place) === seen) break
    }
    place += task.threads
  }
}

function timed(work: () => void): void {
  const from = performance.now()
  work()
  countMs += performance.now() - from
}
