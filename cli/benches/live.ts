import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { decide } from '../../analysis/comparison/verdict.ts'
import { pairedLogRatio } from '../../analysis/statistics/interval.ts'
import type { ServerModel } from '../../cluster/model.ts'
import { findModel } from '../../cluster/models.ts'
import { compiled } from '../../core/paths.ts'
import type { Load, Workload } from '../../core/load.ts'
import { deriveSeed, seededRandom, shuffled } from '../../core/random.ts'
import type { VerdictMetric } from '../../core/records.ts'
import { type Run, startRun } from '../../experiments/run.ts'
import { trialSettings, withWorld } from '../../experiments/world.ts'
import { openLivePage } from '../../live/live-page.ts'
import { measureSlice, withServer } from '../../loadtest/trial.ts'
import { findWorkload } from '../../loadtest/workloads.ts'
import type { Bench, BenchRow } from '../bench.ts'
import { bytesRow, unreadRow } from '../live-stream-rows.ts'

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

interface Slice {
  readonly cpuMsPerRequest: number
  readonly p99Ms: number
  /** CPU of the process that runs the experiment and serves the page, in cores. */
  readonly ownCores: number
}

/** What it costs a run that its page is open, and what a viewer that does not read costs. */
export const bench: Bench = {
  name: 'live',
  summary:
    'the same load with no viewer of its live page, one and twenty, in blocks; what one is sent; and one that does not read',
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
      await bytesRow(signal, say),
      await unreadRow(signal, say),
    ]
  },
}

async function measureAll(signal: AbortSignal, say: (text: string) => void): Promise<Map<number, Slice[]>> {
  const model = await findModel('cluster')
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
