// A spinner shows a frame every tenth of a second while something takes some seconds. Does it go on turning?
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { computeNow, primeSteps } from './spinner-work.ts'
import { readArgument, emit, emitResult } from './trace.ts'

const FRAME_MS = 100

const { way, n, seconds } = readArgument({ way: 'inline', n: '5000111000222021', seconds: 3 })

const WAYS: Readonly<Record<string, () => unknown>> = {
  timer: () => setTimeout(seconds * 1000),
  sleep: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000),
  inline: () => computeNow({ n, seconds }),
  async: async () => computeNow({ n, seconds }),
  slices: async () => {
    let pauseAt = performance.now() + FRAME_MS / 4
    for (const _ of primeSteps({ n, seconds })) {
      if (performance.now() < pauseAt) continue
      await setImmediate()
      pauseAt = performance.now() + FRAME_MS / 4
    }
  },
  thread: () =>
    once(new Worker(new URL('./spinner-thread.js', import.meta.url), { workerData: { n, seconds } }), 'exit'),
  child: () => {
    const program = fileURLToPath(new URL('./spinner-child.js', import.meta.url))
    return once(spawn(process.execPath, [program, JSON.stringify({ n, seconds })], { stdio: 'ignore' }), 'exit')
  },
}

let frames = 0
const spinner = setInterval(() => {
  frames += 1
  emit('spinner', 'frame')
}, FRAME_MS)

await setTimeout(2.5 * FRAME_MS)
emit('work', 'start')
await WAYS[way]?.()
emit('work', 'end')
await setTimeout(2.5 * FRAME_MS)
clearInterval(spinner)
emitResult({ frames })
