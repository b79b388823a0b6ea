// What does a call keep busy while it is under way: the event loop, the four threads of libuv, a core?
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { readArgument, emit, emitResult } from './trace.ts'
import { makeCalls } from './what-blocks-calls.ts'

const { call: name, runs } = readArgument({ call: 'crypto.pbkdf2', runs: 3 })

/** What takes less than this is done several times over, since it would be lost in noise. */
const LEAST_MS = 25
const MOST_TIMES = 2 ** 18

/** Runs at most, where other programs leave it open whether the loop stood or a core was busy. */
const MOST_RUNS = 12

function isUnclear(): boolean {
  return (stoodShare > 0.3 && stoodShare < 0.9) || (cpuShare > 0.2 && cpuShare < 0.5)
}

/** How long a call may take while all threads of libuv are held, in ms, and as a multiple of its usual time. */
const HELD = { leastMs: 400, times: 6 } as const

/** Longest time until it ends once the threads are free again. */
const LIMIT_MS = 20_000

const folder = fs.mkdtempSync(join(tmpdir(), 'forkwise-lab-'))
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }))

const call = makeCalls(folder)[name]
if (call === undefined) throw new Error(`Expected \`call\` to be the name of a call, got ${name}.`)

let n = 1
let usualMs = await quickest()
while (usualMs < LEAST_MS && n < MOST_TIMES) {
  n *= usualMs < LEAST_MS / 16 ? 8 : 2
  usualMs = await quickest()
}
// Other programs make standstills longer and shares of a core smaller: the best run says what the call does.
let [tookMs, stoodShare, cpuShare] = [Infinity, 1, 0]
for (let run = 1; run <= runs || (run <= MOST_RUNS && isUnclear()); run++) {
  const one = await measure()
  emit(name, 'run', { ...one })
  tookMs = Math.min(tookMs, one.tookMs)
  stoodShare = Math.min(stoodShare, one.stoodMs / one.tookMs)
  cpuShare = Math.max(cpuShare, one.cpuMs / one.tookMs)
}
emitResult({ n, tookMs, stoodShare, cpuShare, needsThreads: await needsThreads() })
process.exit()

/** The quicker of two runs, in ms: the slower one may have been disturbed, or the first of all. */
async function quickest(): Promise<number> {
  const { tookMs } = await measure()
  return tookMs < LEAST_MS ? tookMs : Math.min(tookMs, (await measure()).tookMs)
}

/** Does the call beside a timer that ticks every millisecond: how long did the timer stand still, who had a core? */
async function measure(): Promise<{ tookMs: number; stoodMs: number; cpuMs: number }> {
  await sleep(5)
  let lastTick = performance.now()
  let stoodMs = 0
  const tick = (): void => {
    stoodMs = Math.max(stoodMs, performance.now() - lastTick)
    lastTick = performance.now()
  }
  const ticking = setInterval(tick, 1)
  const before = process.cpuUsage()
  const startedAt = performance.now()
  await call?.(n)
  const tookMs = performance.now() - startedAt
  const { user, system } = process.cpuUsage(before)
  tick()
  clearInterval(ticking)
  return { tookMs, stoodMs, cpuMs: (user + system) / 1000 }
}

/** Holds every thread of libuv: does the call end all the same, or only once they are free again? */
async function needsThreads(): Promise<boolean> {
  const pipe = join(folder, 'pipe')
  if (spawnSync('mkfifo', [pipe]).status !== 0) throw new Error('Expected mkfifo to make a named pipe; it failed.')
  // To open a pipe for reading blocks a thread until somebody opens it for writing.
  const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4)
  const held = Array.from({ length: threads }, () => fs.promises.open(pipe, 'r'))
  await sleep(20)
  let ended = false
  const work = Promise.resolve(call?.(n)).then(() => (ended = true))
  await Promise.race([work, sleep(Math.max(HELD.leastMs, HELD.times * usualMs))])
  const endedWhileHeld = ended
  const writer = fs.openSync(pipe, fs.constants.O_RDWR)
  for (const reader of await Promise.all(held)) await reader.close()
  fs.closeSync(writer)
  await Promise.race([work, sleep(LIMIT_MS)])
  if (!ended) throw new Error(`Expected ${name} to end within ${LIMIT_MS / 1000} s; it did not.`)
  return !endedWhileHeld
}
