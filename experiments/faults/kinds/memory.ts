import { setTimeout as sleep } from 'node:timers/promises'
import { preloading } from '../../../cluster/faults/preload.ts'
import type { RunningServer } from '../../../cluster/model.ts'
import { PYTHON_RUNTIME } from '../../../cluster/python-interpreter.ts'
import type { Fault, Scene } from '../fault.ts'
import { workersOf } from '../victim.ts'

/** Seconds of growth that are watched. */
const GROWTH_S = 12

/** Seconds after which a worker has answered as many requests as it is to, at its share of the rate. */
const LIFE_S = 4

/** How often memory is looked at, in milliseconds. */
const LOOK_MS = 500

const fault: Fault = {
  id: 'memory',
  title: 'Memory grows',
  question: `Every request leaves 128 KiB behind; workers are replaced after so many requests as come in about ${LIFE_S} s. Is memory bounded, and what does replacing cost?`,
  recoveryFrom: null,
  watchS: GROWTH_S + 1,
  offeredBy: ({ runtime, supervision }) => {
    if (runtime === PYTHON_RUNTIME) return 'the leak is planted in Node, and its workers are Python'
    if (supervision?.recycles === true) return null
    return supervision === undefined
      ? 'nobody counts its requests, so that memory grows until the kernel kills it'
      : `${supervision.by} does not replace workers after a number of requests here`
  },
  environment: (scene) => ({
    ...preloading('leak'),
    FORKWISE_MAX_REQUESTS: String(maxRequests(scene)),
    FORKWISE_MAX_REQUESTS_JITTER: String(Math.ceil(maxRequests(scene) / 4)),
  }),
  async strike(server, scene) {
    scene.struck()
    const born = new Set((await workersOf(server)).map(({ pid }) => pid))
    const firstBytes = await largestWorker(server)
    let peakBytes = firstBytes
    let recycled = 0
    const endMs = performance.now() + GROWTH_S * 1000
    while (performance.now() < endMs && !scene.signal.aborted) {
      await sleep(LOOK_MS)
      peakBytes = Math.max(peakBytes, await largestWorker(server))
      for (const { pid } of await workersOf(server)) {
        if (!born.has(pid)) recycled += 1
        born.add(pid)
      }
    }
    return { facts: { recycled, maxRequests: maxRequests(scene), memory: { firstBytes, peakBytes } } }
  },
}

function maxRequests({ ratePerS, workers }: Scene): number {
  return Math.max(20, Math.round((ratePerS / workers) * LIFE_S))
}

async function largestWorker(server: RunningServer): Promise<number> {
  const usage = await server.usage()
  return Math.max(0, ...usage.filter(({ role }) => role === 'worker').map(({ rssBytes }) => rssBytes))
}

export default fault
