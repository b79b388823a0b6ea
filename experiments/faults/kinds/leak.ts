import { rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { switchFile } from '../../../cluster/faults/switch-file.ts'
import type { RunningServer } from '../../../cluster/model.ts'
import type { Fault, Scene } from '../fault.ts'
import { workersIn, workersOf } from '../target-worker.ts'

/** Seconds of growth. */
const GROWTH_S = 45

/** Seconds of growth in a measured run. */
const MEASURED_S = 12

/** Seconds after which a worker has answered as many requests as it is to, at its share of the rate. */
const LIFE_S = 4

/** Requests per second that the fault sends itself to a server that nobody else asks for anything. */
const OWN_RATE_PER_S = 100

/** How often memory is looked at, in milliseconds. */
const LOOK_MS = 500

const fault: Fault = {
  id: 'leak',
  title: 'Memory leaks',
  question: `Every request leaves 128 KiB behind; in a measured run workers are to be replaced after as many requests as come in about ${LIFE_S} s. Is memory bounded, and what does replacing cost?`,
  recoveryFrom: null,
  lastsS: GROWTH_S,
  watchS: MEASURED_S + 1,
  program: 'leak',
  offeredBy: ({ model: { runtime } }) =>
    runtime === undefined ? null : `the leak is planted in Node, and its workers run on ${runtime}`,
  environment: (scene) => {
    const maxRequests = maxRequestsOf(scene)
    if (maxRequests === null) return {}
    return {
      FORKWISE_MAX_REQUESTS: String(maxRequests),
      FORKWISE_MAX_REQUESTS_JITTER: String(Math.ceil(maxRequests / 4)),
    }
  },
  async inject(server, scene) {
    const born = new Set((await workersOf(server)).map(({ pid }) => pid))
    const file = switchFile(scene.dir, 'leak')
    writeFileSync(file, '')
    try {
      scene.injected()
      const own =
        scene.ratePerS === 0
          ? scene.drive(server, { kind: 'open', ratePerS: OWN_RATE_PER_S, durationS: scene.lastsS })
          : null
      // Awaited below, when the growth is over.
      own?.catch(() => undefined)
      const firstBytes = await largestWorker(server)
      let peakBytes = firstBytes
      let recycled = 0
      const endMs = performance.now() + scene.lastsS * 1000
      while (performance.now() < endMs && !scene.signal.aborted) {
        await sleep(LOOK_MS, undefined, { signal: scene.signal }).catch(() => undefined)
        peakBytes = Math.max(peakBytes, await largestWorker(server))
        for (const { pid } of await workersIn(server)) {
          if (!born.has(pid)) recycled += 1
          born.add(pid)
        }
      }
      await own
      const maxRequests = maxRequestsOf(scene)
      const memory = { firstBytes, peakBytes }
      return { facts: { recycled, ...(maxRequests === null ? {} : { maxRequests }), memory } }
    } finally {
      rmSync(file, { force: true })
    }
  },
}

function maxRequestsOf({ ratePerS, workers }: Pick<Scene, 'ratePerS' | 'workers'>): number | null {
  if (ratePerS === null || ratePerS === 0) return null
  return Math.max(20, Math.round((ratePerS / workers) * LIFE_S))
}

async function largestWorker(server: RunningServer): Promise<number> {
  const usage = await server.usage()
  return Math.max(0, ...usage.filter(({ role }) => role === 'worker').map(({ rssBytes }) => rssBytes))
}

export default fault
