import { once } from 'node:events'
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { findModel } from '../cluster/models.ts'
import type { Load } from '../core/load.ts'
import { formatBytes } from '../core/quantities.ts'
import type { TimelineItem } from '../core/timeline.ts'
import { startRun } from '../experiments/run.ts'
import { trialSettings, withWorld } from '../experiments/world.ts'
import { LiveJournal } from '../live/journal.ts'
import { openLivePage } from '../live/live-page.ts'
import { serveLive } from '../live/server.ts'
import type { TrialContext } from '../loadtest/trial-context.ts'
import { measureSlice, withServer } from '../loadtest/trial.ts'
import { findWorkload } from '../loadtest/workloads.ts'
import type { BenchRow } from './bench.ts'

/** How many workers a viewer is told of, for how long, in seconds, and what it may be sent of them in a second, in bytes. */
const WORKERS = 8
const SENT_S = 15
const MOST_SENT_PER_S = 2000

/**
 * How long a viewer does not read, in seconds, and how many units it is sent ten times a second: more than the kernel's
 * own buffers hold.
 */
const UNREAD_S = 60
const UNITS = 160

/** Most bytes that may be held for a viewer that does not read: one message, and the buffer of a stream. */
const MOST_HELD = 64 * 1024

/** What one viewer is sent in a second while eight workers answer. */
export async function bytesRow(signal: AbortSignal, say: (text: string) => void): Promise<BenchRow> {
  say(`what a viewer is sent of ${WORKERS} workers`)
  const page = await openLivePage(0)
  try {
    const settings = trialSettings({ workers: WORKERS, seed: 1 })
    const run = startRun((emit) => withWorld(settings, { signal, emit }, (context) => sentPerS(page.address, context)))
    page.follow(run)
    const perS = await run
    return {
      what: `sent to one viewer of ${WORKERS} workers under load`,
      measured: `${perS.toFixed(0)} bytes/s`,
      goal: `at most ${MOST_SENT_PER_S} bytes/s`,
      met: perS <= MOST_SENT_PER_S,
    }
  } finally {
    await page.close()
  }
}

async function sentPerS(address: string, context: TrialContext): Promise<number> {
  const [model, workload] = [await findModel('cluster'), await findWorkload('io')]
  const load: Load = {
    kind: 'open',
    ratePerS: 100,
    arrivals: 'poisson',
    maxConnections: 512,
    durationS: SENT_S,
    timeoutS: context.settings.timeoutS,
    seed: 1,
    warmupS: 1,
  }
  const launch = { model: model.id, workload: workload.id, trial: 'live' }
  return withServer(model, launch, context, async (server) => {
    const stream = await openStream(address)
    let bytes = 0
    stream.on('data', (chunk: Buffer) => (bytes += chunk.length))
    try {
      // What it is told of the time before it came does not count, nor that its units begin to tell.
      await sleep(2000, undefined, { signal: context.signal })
      const [beganMs, before] = [performance.now(), bytes]
      await measureSlice(server, workload, load, context)
      return (bytes - before) / ((performance.now() - beganMs) / 1000)
    } finally {
      stream.destroy()
    }
  })
}

/** What is held for one viewer that does not read for a minute. */
export async function unreadRow(signal: AbortSignal, say: (text: string) => void): Promise<BenchRow> {
  say(`a viewer that does not read for ${UNREAD_S} s`)
  const journal = new LiveJournal()
  const server = await serveLive(journal, { port: 0 })
  const stream = await openStream(server.address)
  stream.socket.pause()
  const held: number[] = []
  let sentBytes = 0
  for (let beat = 0; beat < 10 * UNREAD_S && !signal.aborted; beat++) {
    for (const item of itemsOf(beat)) {
      journal.push(item)
      sentBytes += JSON.stringify(item).length
    }
    server.sendNow()
    if (beat % 10 === 9) held.push(server.heldBytes)
    await sleep(100, undefined, { signal }).catch(() => undefined)
  }
  stream.destroy()
  await server.close()
  const most = Math.max(...held)
  return {
    what: `held for a viewer that does not read for ${UNREAD_S} s`,
    measured: `${formatBytes(most)} at most, ${formatBytes(held.at(-1) ?? 0)} at the end, of ${formatBytes(sentBytes)} that were sent`,
    goal: `at most ${formatBytes(MOST_HELD)}`,
    met: most <= MOST_HELD,
  }
}

/** Opens the stream of a page as a browser would. */
async function openStream(address: string): Promise<http.IncomingMessage> {
  const [exchange] = (await once(http.get(address), 'response')) as [http.IncomingMessage]
  exchange.resume()
  const cookie = exchange.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  const request = http.get(new URL('/events', address), { headers: { cookie }, agent: false })
  const [stream] = (await once(request, 'response')) as [http.IncomingMessage]
  return stream.on('error', () => undefined)
}

/** What watched units report in a tenth of a second, all of it to be kept. */
function itemsOf(beat: number): TimelineItem[] {
  const keys = Array.from({ length: UNITS }, (_, place) => `worker-${place + 1} ${1000 + place}`)
  const beats = Object.fromEntries(
    keys.map((key) => [key, { process: 'running', turnedAtS: beat / 10, ageS: 0.02, draining: false } as const]),
  )
  return [{ kind: 'beats', atMs: 100 * beat, kept: true, beats }]
}
