// is_prime that takes a nap after every slice of its work, so that others on the event loop get a turn. What does a nap
// cost, and how long do the others wait for their turn? Each slice length is tried twice: alone, for the cost, and beside
// a bystander that takes every turn it gets, for the gaps between them.
import { performance } from 'node:perf_hooks'
import { scheduler } from 'node:timers/promises'
import { readArgument, emit, emitResult } from './trace.ts'

const NAPS: Readonly<Record<string, () => unknown>> = {
  setImmediate: () => new Promise((wake) => setImmediate(wake)),
  setTimeout: () => new Promise((wake) => setTimeout(wake, 0)),
  promise: () => Promise.resolve(),
  'scheduler.yield': () => scheduler.yield(),
}

/** How long each slice and each nap took, in ms. */
interface Work {
  readonly slicesMs: readonly number[]
  readonly napsMs: readonly number[]
}

const { number, nap, slicesUs, forMs } = readArgument({
  number: 5000111000222021,
  nap: 'setImmediate',
  slicesUs: [10, 100, 1000, 10_000, 100_000],
  /** Time for each slice length; two slices if that is longer. */
  forMs: 40,
})
const takeNap = NAPS[nap]
if (takeNap === undefined) throw new Error(`Expected \`nap\` to be one of ${Object.keys(NAPS).join(', ')}; got ${nap}.`)

const divisorsPerUs = await measureSpeed()
for (const sliceUs of slicesUs) {
  const limitMs = Math.max(forMs, (2 * sliceUs) / 1000)
  const perSlice = Math.max(1, Math.round(sliceUs * divisorsPerUs))
  const alone = await isPrime(number, perSlice, takeNap, limitMs)
  const bystander = startBystander()
  const beside = await isPrime(number, perSlice, takeNap, limitMs)
  const gapsMs = bystander.stop()
  emit(nap, 'slice', {
    sliceUs,
    napUs: median(alone.napsMs) * 1000,
    slowdown: 1 + sum(alone.napsMs) / sum(alone.slicesMs),
    workMs: sum(beside.slicesMs) + sum(beside.napsMs),
    turns: gapsMs.length - 1,
    medianGapMs: median(gapsMs),
    longestGapMs: Math.max(...gapsMs),
  })
}
emitResult({})

/** Tries divisors until the number is decided or the time is over, with a nap after every `perSlice` of them. */
async function isPrime(n: number, perSlice: number, takeNap: () => unknown, limitMs: number): Promise<Work> {
  const root = Math.floor(Math.sqrt(n))
  const endAt = performance.now() + limitMs
  const [slicesMs, napsMs]: [number[], number[]] = [[], []]
  let divisible = false
  for (let divisor = 3; divisor <= root && !divisible && performance.now() < endAt;) {
    const sliceAt = performance.now()
    const end = Math.min(root + 1, divisor + 2 * perSlice)
    for (; divisor < end && !divisible; divisor += 2) divisible = n % divisor === 0
    const napAt = performance.now()
    await takeNap()
    slicesMs.push(napAt - sliceAt)
    napsMs.push(performance.now() - napAt)
  }
  return { slicesMs, napsMs }
}

/** Divisors tried in a microsecond when nothing else has the core: those of the fastest of many slices. */
async function measureSpeed(): Promise<number> {
  const perSlice = 5000
  const { slicesMs } = await isPrime(number, perSlice, () => undefined, 100)
  return perSlice / (1000 * Math.min(...slicesMs))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}

/** Takes every turn of the event loop, and notes the time between two of them, in ms. */
function startBystander(): { stop(): readonly number[] } {
  const gapsMs: number[] = []
  let lastTurn = performance.now()
  let next = setImmediate(take)
  return {
    stop() {
      clearImmediate(next)
      noteGap()
      return gapsMs
    },
  }

  function take(): void {
    noteGap()
    next = setImmediate(take)
  }

  function noteGap(): void {
    const now = performance.now()
    gapsMs.push(now - lastTurn)
    lastTurn = now
  }
}
