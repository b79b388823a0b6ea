import { setTimeout as sleep } from 'node:timers/promises'
import { intervalOf, pairedLogRatio } from '../../analysis/statistics/interval.ts'
import type { ServerModel } from '../../cluster/model.ts'
import { loadModels } from '../../cluster/models.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import { deriveSeed, seededRandom, shuffled } from '../../core/random.ts'
import type { ExperimentEvent } from '../../experiments/events.ts'
import { type Run, startRun } from '../../experiments/run.ts'
import { trialSettings, withWorld } from '../../experiments/world.ts'
import { saturationLoad } from '../../loadtest/saturation.ts'
import { measureSlice, withServer } from '../../loadtest/trial.ts'
import { findWorkload } from '../../loadtest/workloads.ts'
import type { Bench } from '../bench.ts'

const PAIRS = 8
const SLICE_S = 3
const SEED = 20_261_126

/** How far from 1 the interval of the ratio may reach. */
const ALLOWED = 0.03

/** Whether reading the events of a run changes what it measures: pairs of launches, one with readers and one without. */
export const bench: Bench = {
  name: 'events',
  summary:
    'throughput of a run with three readers of its events, one of which sleeps, over that of one without, in pairs',
  onRequest: true,
  async run({ signal, say }) {
    const model = (await loadModels()).find(({ id }) => id === 'single')
    if (model === undefined) throw new ForkwiseError('INTERNAL', { message: 'Expected a model `single`.' })
    const workload = await findWorkload('cpu')
    const rates = { unread: [] as number[], read: [] as number[] }
    let events = 0
    for (let pair = 1; pair <= PAIRS; pair++) {
      for (const kind of shuffled(['unread', 'read'] as const, seededRandom(deriveSeed(SEED, pair)))) {
        say(`pair ${pair} of ${PAIRS}: ${kind === 'read' ? 'with' : 'without'} readers`)
        const run = saturationRun(model, workload, deriveSeed(SEED, 'load', pair), signal)
        const reading = kind === 'read' ? [readAll(run), readAll(run), readAll(run, 1000)] : []
        rates[kind].push(await run)
        events += (await Promise.all(reading))[0] ?? 0
      }
    }
    const { estimate, low, high } = intervalOf(pairedLogRatio(rates.unread, rates.read), 0.95)
    return [
      {
        what: 'with readers ÷ without',
        measured: `${estimate.toFixed(4)} (${low.toFixed(4)}–${high.toFixed(4)}, ${PAIRS} pairs, ${events} events for each reader)`,
        goal: `the interval within ${1 - ALLOWED}–${1 + ALLOWED}`,
        met: low >= 1 - ALLOWED && high <= 1 + ALLOWED,
      },
    ]
  },
}

/** A run that saturates one launch; gives its requests per second. */
function saturationRun(model: ServerModel, workload: Workload, seed: number, signal: AbortSignal): Run<number> {
  const warmup = { minS: 0.4, maxS: 1, minCount: 50 }
  const settings = trialSettings({ workers: 1, seed, saturationS: SLICE_S, warmup })
  return startRun((emit) =>
    withWorld(settings, { signal, emit }, (context) =>
      withServer(model, { model: model.id, workload: workload.id, trial: 'events' }, context, async (server) => {
        const load = saturationLoad(context.settings, { model, workload }, context.cores, seed)
        return (await measureSlice(server, workload, load, context)).load.achievedRatePerS
      }),
    ),
  )
}

/** Reads a run to its end, sleeping after each event; gives the number of events. */
async function readAll(run: AsyncIterable<ExperimentEvent>, sleepMs = 0): Promise<number> {
  let count = 0
  for await (const _ of run) {
    count += 1
    if (sleepMs > 0) await sleep(sleepMs)
  }
  return count
}
