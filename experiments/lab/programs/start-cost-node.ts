// What it takes to start and end a process, a thread or a promise, and to keep some of them.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import { readArgument, emit, emitResult } from './trace.ts'

/** Kept by those that wait for ever: ends when its input does. */
const STAYING = 'process.stdout.write("here"); process.stdin.resume()'

const { what, times, keep } = readArgument({
  /** `process`, `thread` or `promise`. */
  what: 'thread',
  /** How many are started and ended, one after the other. */
  times: 5,
  /** How many are kept at once. */
  keep: 5,
})

const KINDS: Readonly<Record<string, { startAndEnd(): Promise<unknown>; keepBytes(): Promise<number> }>> = {
  process: {
    startAndEnd: () => once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit'),
    async keepBytes() {
      const children = Array.from({ length: keep }, () =>
        spawn(process.execPath, ['-e', STAYING], { stdio: ['pipe', 'pipe', 'ignore'] }),
      )
      await Promise.all(children.map((child) => once(child.stdout, 'data')))
      const bytes = children.reduce((sum, { pid }) => sum + memoryOf(String(pid)), 0)
      await Promise.all(
        children.map((child) => {
          child.stdin.end()
          return once(child, 'exit')
        }),
      )
      return bytes
    },
  },

  thread: {
    startAndEnd: () => once(new Worker('0', { eval: true }), 'exit'),
    async keepBytes() {
      const before = memoryOf('self')
      const code =
        'const { parentPort } = require("node:worker_threads"); parentPort.on("message", () => 0); parentPort.postMessage("here")'
      const threads = Array.from({ length: keep }, () => new Worker(code, { eval: true }))
      await Promise.all(threads.map((thread) => once(thread, 'message')))
      const bytes = memoryOf('self') - before
      await Promise.all(threads.map((thread) => thread.terminate()))
      return bytes
    },
  },

  promise: {
    startAndEnd: () => finished(),
    async keepBytes() {
      globalThis.gc?.()
      const before = process.memoryUsage().heapUsed
      let finish: (value: unknown) => void = () => undefined
      const end = new Promise((resolve) => (finish = resolve))
      const kept = Array.from({ length: keep }, () => waitFor(end))
      globalThis.gc?.()
      const bytes = process.memoryUsage().heapUsed - before
      finish(null)
      await Promise.all(kept)
      return bytes
    },
  },
}

const kind = KINDS[what]
if (kind === undefined) throw new Error(`Expected \`what\` to be one of ${Object.keys(KINDS).join(', ')}; got ${what}.`)
const startedAt = performance.now()
for (let time = 0; time < times; time++) await kind.startAndEnd()
const us = (1000 * (performance.now() - startedAt)) / times
const bytes = (await kind.keepBytes()) / keep
emit(what, 'measured', { us, bytes })
emitResult({ us, bytes })
process.exit()

async function finished(): Promise<void> {
  // Nothing to do.
}

async function waitFor(end: Promise<unknown>): Promise<void> {
  await end
}

/** Memory of a process in bytes, what it shares with others counted in part (Linux); NaN where the kernel does not report it. */
function memoryOf(pid: string): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    return 1024 * Number(/^Pss:\s+(\d+)/m.exec(text)?.[1])
  } catch {
    return Number.NaN
  }
}
