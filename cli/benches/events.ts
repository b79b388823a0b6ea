import { setTimeout as sleep } from 'node:timers/promises'
import { intervalOf, pairedLogRatio } from '../../analysis/statistics/interval.ts'
import type { RunningServer } from '../../cluster/model.ts'
import { loadModels } from '../../cluster/models.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { Load, Workload } from '../../core/load.ts'
import { deriveSeed, seededRandom, shuffled } from '../../core/random.ts'
import type { ExperimentEvent } from '../../experiments/events.ts'
import { announcingObservation } from '../../experiments/observation/announcing-observation.ts'
import { startRun } from '../../experiments/run.ts'
import { trialSettings, withWorld } from '../../experiments/world.ts'
import { UNOBSERVED } from '../../loadtest/observation/observation.ts'
import { saturationLoad } from '../../loadtest/saturation.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import { measureSlice, withServer } from '../../loadtest/trial.ts'
import { gateReasons } from '../../loadtest/validity.ts'
import { findWorkload } from '../../loadtest/workloads.ts'
import type { Bench, BenchRow } from '../bench.ts'

/** Many short pairs next to each other in time, on one launch: what launches and minutes differ in cancels in each. */
const PAIRS = 24
const SLICE_S = 1
/** Pairs that are begun at most: those that other programs disturbed are replaced, as blocks of a comparison are. */
const MOST_PAIRS = 2 * PAIRS
/** Fewer pairs than these decide nothing. */
const LEAST_PAIRS = 8
const SEED = 20_261_126

/** How far from 1 the interval of a ratio may reach. */
const ALLOWED = 0.03

/** What a slice measured that readers of its events might change. */
interface Figures {
  readonly throughputPerS: number
  readonly serverCpuMs: number
  readonly generatorCpuMs: number
}

const ROWS: readonly (readonly [figure: keyof Figures, words: string])[] = [
  ['throughputPerS', 'throughput'],
  ['serverCpuMs', 'CPU of the server for each request'],
  ['generatorCpuMs', 'CPU of the generator for each request'],
]

/** Where the slices are measured. */
interface Bed {
  readonly server: RunningServer
  readonly workload: Workload
  readonly context: TrialContext
}

/** Whether reading the events of a run changes what it measures: pairs of slices, one with readers and one without. */
export const bench: Bench = {
  name: 'events',
  summary:
    'throughput and CPU for each request of a run with three readers of its events, one of which sleeps, over those of one without, in pairs',
  onRequest: true,
  async run({ signal, say }) {
    const model = (await loadModels()).find(({ id }) => id === 'single')
    if (model === undefined) throw new ForkwiseError('INTERNAL', { message: 'Expected a model `single`.' })
    const workload = await findWorkload('cpu')
    const settings = trialSettings({ workers: 1, seed: SEED, saturationS: SLICE_S })
    return withWorld(settings, { signal, emit: () => undefined }, (context) =>
      withServer(model, { model: model.id, workload: workload.id, trial: 'events' }, context, async (server) => {
        const load = saturationLoad(settings, { model, workload }, context.cores, SEED)
        const bed = { server, workload, context }
        say('a slice that does not count, in which everything is compiled')
        await sliceWith(3, load, bed)
        return rowsOf(await measurePairs(load, bed, say))
      }),
    )
  },
}

interface Measured {
  readonly unread: readonly Figures[]
  readonly read: readonly Figures[]
  /** Pairs that other programs disturbed: not among the figures. */
  readonly dropped: number
  /** Events that each reader that does not sleep had, of all runs. */
  readonly events: number
}

async function measurePairs(load: Load, bed: Bed, say: (text: string) => void): Promise<Measured> {
  const [unread, read]: [Figures[], Figures[]] = [[], []]
  let [events, begun] = [0, 0]
  while (read.length < PAIRS && begun < MOST_PAIRS) {
    begun += 1
    say(`pair ${read.length + 1} of ${PAIRS}`)
    const pair = new Map<number, Slice>()
    for (const readers of shuffled([0, 3], seededRandom(deriveSeed(SEED, begun)))) {
      pair.set(readers, await sliceWith(readers, load, bed))
    }
    const [without, withReaders] = [pair.get(0), pair.get(3)]
    if (without === undefined || withReaders === undefined) throw new Error('Expected both slices of a pair.')
    events += withReaders.events
    if ([...without.disturbances, ...withReaders.disturbances].length > 0) continue
    unread.push(without.figures)
    read.push(withReaders.figures)
  }
  return { unread, read, dropped: begun - read.length, events }
}

function rowsOf({ unread, read, dropped, events }: Measured): BenchRow[] {
  const pairs = `${read.length} pairs, ${dropped} dropped since other programs disturbed them, ${events} events for each reader`
  return ROWS.map(([figure, words]) => {
    const row = {
      what: `${words}, with readers ÷ without`,
      goal: `the interval within ${1 - ALLOWED}–${1 + ALLOWED}`,
    }
    if (read.length < LEAST_PAIRS) return { ...row, measured: `undecided (${pairs})`, met: false }
    const valuesOf = (all: readonly Figures[]): number[] => all.map((each) => each[figure])
    const { estimate, low, high } = intervalOf(pairedLogRatio(valuesOf(unread), valuesOf(read)), 0.95)
    const measured = `${estimate.toFixed(4)} (${low.toFixed(4)}–${high.toFixed(4)}; ${pairs})`
    return { ...row, measured, met: low >= 1 - ALLOWED && high <= 1 + ALLOWED }
  })
}

interface Slice {
  readonly figures: Figures
  readonly events: number
  /** What other programs did to it; empty = nothing that matters. */
  readonly disturbances: readonly string[]
}

/** A run of one slice that saturates the server, with so many readers of its events, the last of which sleeps after each. */
async function sliceWith(readers: number, load: Load, { server, workload, context }: Bed): Promise<Slice> {
  const run = startRun(async (emit) => {
    const observation = announcingObservation(UNOBSERVED, emit)
    return measureSlice(server, workload, load, { ...context, observation })
  })
  const over = new AbortController()
  const reading = Array.from({ length: readers }, (_, reader) => readAll(run, over.signal, reader === 2 ? 1000 : 0))
  const slice = await run
  over.abort()
  const [events = 0] = await Promise.all(reading)
  const { achievedRatePerS, generator } = slice.load
  return {
    figures: {
      throughputPerS: achievedRatePerS,
      serverCpuMs: slice.cpuMsPerRequest ?? Number.NaN,
      generatorCpuMs: (generator.cpuCores * 1000) / achievedRatePerS,
    },
    events,
    disturbances: gateReasons([{ trialId: 'a slice', host: slice.host }], context.cores),
  }
}

/** Reads a run to its end, sleeping after each event until the run is over; gives the number of events. */
async function readAll(run: AsyncIterable<ExperimentEvent>, over: AbortSignal, sleepMs: number): Promise<number> {
  let count = 0
  for await (const _ of run) {
    count += 1
    if (sleepMs > 0) await sleep(sleepMs, undefined, { signal: over }).catch(() => undefined)
  }
  return count
}
