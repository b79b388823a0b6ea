import { spawn } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { decide } from '../../analysis/comparison/verdict.ts'
import { pairedLogRatio } from '../../analysis/statistics/interval.ts'
import type { ServerModel } from '../../cluster/model.ts'
import { loadModels } from '../../cluster/models.ts'
import { ForkwiseError } from '../../core/errors.ts'
import { formatBytes } from '../../core/quantities.ts'
import { compiled } from '../../core/paths.ts'
import type { Load, Workload } from '../../core/load.ts'
import { deriveSeed, seededRandom, shuffled } from '../../core/random.ts'
import type { VerdictMetric } from '../../core/records.ts'
import type { TimelineItem } from '../../core/timeline.ts'
import { type Run, startRun } from '../../experiments/run.ts'
import { trialSettings, withWorld } from '../../experiments/world.ts'
import { LiveJournal } from '../../live/journal.ts'
import { openLivePage } from '../../live/live-page.ts'
import { serveLive } from '../../live/server.ts'
import { measureSlice, withServer } from '../../loadtest/trial.ts'
import { findWorkload } from '../../loadtest/workloads.ts'
import type { Bench, BenchRow } from '../bench.ts'

const BLOCKS = 8
const VIEWERS = [0, 1, 20] as const
const SLICE_S = 3
const RATE_PER_S = 300
const SEED = 20_261_127

/**
 * Share of a core that twenty viewers may cost the run: CPU time of the process that runs the experiment and serves the
 * page, with twenty minus with none, by the wall time of the slice. Reading heartbeats more often is part of it; the
 * viewers themselves are another process.
 */
const MOST_CORES = 0.01

/**
 * How long a viewer does not read, in seconds, and how many units it is sent ten times a second: more than the kernel's
 * own buffers hold.
 */
const UNREAD_S = 60
const UNITS = 160

/** Most bytes that may be held for a viewer that does not read: one message, and the buffer of a stream. */
const MOST_HELD = 64 * 1024

interface Slice {
  readonly cpuMsPerRequest: number
  readonly p99Ms: number
  /** CPU of the process that runs the experiment and serves the page, in cores. */
  readonly ownCores: number
}

/** What it costs a run that its page is open, and what a viewer that does not read costs. */
export const bench: Bench = {
  name: 'live',
  summary: 'the same load with no viewer of its live page, one and twenty, in blocks; and a viewer that does not read',
  onRequest: true,
  async run({ signal, say }) {
    const slices = await measureAll(signal, say)
    const cores = slices.get(20)?.map((slice, block) => slice.ownCores - (slices.get(0)?.[block]?.ownCores ?? 0)) ?? []
    const mean = cores.reduce((sum, each) => sum + each, 0) / cores.length
    return [
      ...([1, 20] as const).flatMap((viewers) => [
        compared(slices, viewers, 'cpu-per-request', ({ cpuMsPerRequest }) => cpuMsPerRequest),
        compared(slices, viewers, 'latency-p99', ({ p99Ms }) => p99Ms),
      ]),
      {
        what: 'CPU of the process that runs and serves the page, 20 viewers − none, ÷ wall time',
        measured: `${(100 * mean).toFixed(2)} % of a core (${cores.map((each) => (100 * each).toFixed(1)).join(', ')})`,
        goal: `below ${100 * MOST_CORES} %`,
        met: mean < MOST_CORES,
      },
      await unreadRow(signal, say),
    ]
  },
}

async function measureAll(signal: AbortSignal, say: (text: string) => void): Promise<Map<number, Slice[]>> {
  const model = (await loadModels()).find(({ id }) => id === 'cluster')
  if (model === undefined) throw new ForkwiseError('INTERNAL', { message: 'Expected a model `cluster`.' })
  const workload = await findWorkload('io')
  const slices = new Map<number, Slice[]>(VIEWERS.map((viewers) => [viewers, []]))
  say('a slice that does not count, in which everything is compiled')
  await watchedSlice(model, workload, { viewers: 20, block: 0, signal })
  for (let block = 1; block <= BLOCKS; block++) {
    for (const viewers of shuffled(VIEWERS, seededRandom(deriveSeed(SEED, block)))) {
      say(`block ${block} of ${BLOCKS}: ${viewers} viewers`)
      slices.get(viewers)?.push(await watchedSlice(model, workload, { viewers, block, signal }))
    }
  }
  return slices
}

/** How a slice is watched. */
interface Watching {
  readonly viewers: number
  readonly block: number
  readonly signal: AbortSignal
}

async function watchedSlice(model: ServerModel, workload: Workload, watching: Watching): Promise<Slice> {
  const page = await openLivePage(0)
  const run = oneSlice(model, workload, page.address, watching)
  page.follow(run)
  try {
    return await run
  } finally {
    await page.close()
  }
}

/** One launch under an open loop, with a number of viewers of the page. */
function oneSlice(
  model: ServerModel,
  workload: Workload,
  address: string,
  { viewers, block, signal }: Watching,
): Run<Slice> {
  const seed = deriveSeed(SEED, 'load', block)
  const settings = trialSettings({ workers: 2, seed })
  const load: Load = {
    kind: 'open',
    ratePerS: RATE_PER_S,
    arrivals: 'poisson',
    maxConnections: 512,
    durationS: SLICE_S,
    timeoutS: settings.timeoutS,
    seed,
    warmupS: 1,
  }
  return startRun((emit) =>
    withWorld(settings, { signal, emit }, (context) =>
      withServer(model, { model: model.id, workload: workload.id, trial: 'live' }, context, async (server) => {
        const close = await openViewers(address, viewers)
        try {
          const before = process.cpuUsage()
          const beganMs = performance.now()
          const { cpuMsPerRequest, load: record } = await measureSlice(server, workload, load, context)
          const { user, system } = process.cpuUsage(before)
          const ownCores = (user + system) / 1000 / (performance.now() - beganMs)
          return { cpuMsPerRequest: cpuMsPerRequest ?? 0, p99Ms: record.latencyMs.p99 ?? 0, ownCores }
        } finally {
          close()
        }
      }),
    ),
  )
}

/** Opens viewers in a process of their own; resolves with what ends them, once each has had something. */
async function openViewers(address: string, count: number): Promise<() => void> {
  if (count === 0) return () => undefined
  const child = spawn(process.execPath, [compiled('cli/live-viewers.js'), address, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  return () => child.kill('SIGKILL')
}

/** A ratio to the run without viewers, judged by the rules that verdicts are judged by. */
function compared(
  slices: ReadonlyMap<number, readonly Slice[]>,
  viewers: number,
  metric: VerdictMetric,
  value: (slice: Slice) => number,
): BenchRow {
  const of = (count: number): number[] => (slices.get(count) ?? []).map(value)
  const candidate = `${viewers} viewers`
  const about = { workload: 'io', metric, baseline: 'none', candidate }
  const { call, ratio } = decide(about, pairedLogRatio(of(0), of(viewers)), {
    kind: 'full',
    family: 2,
    droppedBlocks: 0,
  })
  return {
    what: `${metric}, ${candidate} ÷ none`,
    measured: `${ratio.estimate.toFixed(3)} (${ratio.low.toFixed(3)}–${ratio.high.toFixed(3)}, ${BLOCKS} blocks): ${call}`,
    goal: 'neither better nor worse',
    met: call === 'same' || call === 'inconclusive',
  }
}

/** What is held for one viewer that does not read for a minute. */
async function unreadRow(signal: AbortSignal, say: (text: string) => void): Promise<BenchRow> {
  say(`a viewer that does not read for ${UNREAD_S} s`)
  const journal = new LiveJournal()
  const server = await serveLive(journal, { port: 0 })
  const close = await openSleeper(server.address)
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
  close()
  await server.close()
  const most = Math.max(...held)
  return {
    what: `held for a viewer that does not read for ${UNREAD_S} s`,
    measured: `${formatBytes(most)} at most, ${formatBytes(held.at(-1) ?? 0)} at the end, of ${formatBytes(sentBytes)} that were sent`,
    goal: `at most ${formatBytes(MOST_HELD)}`,
    met: most <= MOST_HELD,
  }
}

async function openSleeper(address: string): Promise<() => void> {
  const [exchange] = (await once(http.get(address), 'response')) as [http.IncomingMessage]
  exchange.resume()
  const cookie = exchange.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  const request = http.get(new URL('/events', address), { headers: { cookie }, agent: false })
  const [stream] = (await once(request, 'response')) as [http.IncomingMessage]
  stream.socket.pause()
  stream.on('error', () => undefined)
  return () => stream.destroy()
}

/** What watched units report in a tenth of a second, all of it to be kept. */
function itemsOf(beat: number): TimelineItem[] {
  const keys = Array.from({ length: UNITS }, (_, place) => `worker-${place + 1} ${1000 + place}`)
  const beats = Object.fromEntries(
    keys.map((key) => [key, { process: 'running', turnedAtS: beat / 10, ageS: 0.02, draining: false } as const]),
  )
  return [{ kind: 'beats', atMs: 100 * beat, kept: true, beats }]
}
