import { mean } from '../../analysis/statistics/sample.ts'
import type { ServerModel } from '../../cluster/model.ts'
import { loadModels } from '../../cluster/models.ts'
import { availableCores } from '../../core/cores.ts'
import type { Workload } from '../../core/load.ts'
import { deriveSeed, seededRandom, shuffled } from '../../core/random.ts'
import type { ExperimentPlan, PilotRecord, TrialRecord } from '../../core/records.ts'
import { runPilot } from '../../experiments/comparison/pilot.ts'
import { makePlan } from '../../experiments/comparison/plan.ts'
import { DEFAULT_TIMEOUT_S, withWorld } from '../../experiments/world.ts'
import { readCpuTopology } from '../../loadtest/cpu-topology.ts'
import { REAL_INSTRUMENT } from '../../loadtest/instrument.ts'
import { runTrial } from '../../loadtest/trial.ts'
import type { TrialContext } from '../../loadtest/trial-context.ts'
import { findWorkload } from '../../loadtest/workloads.ts'
import type { Bench, BenchRow } from '../bench.ts'

/** What a default comparison measures. */
const MODELS = ['single', 'cluster', 'pm2-fork', 'worker-pool'] as const
const WORKLOADS = ['cpu', 'io', 'mixed'] as const
const SEED = 20_261_127

/** Lengths of the slices before time was dealt to them, for every workload, in seconds. */
const FIXED = { saturationS: 0.9, latencyS: 0.7 } as const

/** Share of the time that should be counted. */
const GOAL = 0.5

/** Mean seconds of one trial, and what it spent them on. */
interface TrialTimes {
  readonly wallS: number
  readonly countedS: number
  readonly launchS: number
  readonly warmupS: number
}

/** How much of the time of a comparison requests are counted in, beside generators and slices as they were before. */
export const bench: Bench = {
  name: 'share',
  summary:
    'share of the time in which requests are counted: a comparison as it is, and with a generator for each slice',
  async run({ signal, say }) {
    const known = await loadModels()
    const models = MODELS.flatMap((id) => known.filter((model) => model.id === id))
    const workloads = await Promise.all(WORKLOADS.map(findWorkload))
    const plan = planOf(models, workloads)
    return withWorld(plan, { signal, emit: () => undefined }, async (context) => {
      say('pilot')
      const pilot = await runPilot(plan, models, workloads, context, () => undefined)
      const [now, before]: [TrialTimes[], TrialTimes[]] = [[], []]
      for (const workload of workloads) {
        for (const model of shuffled(models, seededRandom(deriveSeed(SEED, workload.id)))) {
          say(`${workload.id}: ${model.id}`)
          const stayed = await timed(model, workload, pilot, dealt(context, pilot, workload))
          const started = await timed(model, workload, pilot, withoutKeptGenerators(context))
          if (stayed === null || started === null) continue
          now.push(stayed)
          before.push(started)
        }
      }
      return [
        rowOf('as it is: generators that stay, time dealt to the slices', now, true),
        rowOf('as it was: a generator for each slice, slices of one length', before, false),
      ]
    })
  },
}

function planOf(models: readonly ServerModel[], workloads: readonly Workload[]): ExperimentPlan {
  return makePlan({
    models: models.map(({ id }) => id),
    baseline: MODELS[0],
    workloads: workloads.map(({ id }) => id),
    workers: Math.max(2, availableCores()),
    seed: SEED,
    metrics: true,
    app: null,
    nodePath: null,
    timeoutS: DEFAULT_TIMEOUT_S,
    topology: readCpuTopology(),
    extent: { kind: 'blocks', blocks: 8 },
  })
}

function dealt(context: TrialContext, { sliceSeconds }: PilotRecord, { id }: Workload): TrialContext {
  return { ...context, settings: { ...context.settings, ...sliceSeconds?.[id] } }
}

function withoutKeptGenerators(context: TrialContext): TrialContext {
  return {
    ...context,
    instrument: {
      ...context.instrument,
      drive: async (targets, workload, load, options) => REAL_INSTRUMENT.drive(targets, workload, load, options),
    },
    settings: { ...context.settings, ...FIXED },
  }
}

/** Null where the trial failed or had nothing to say of latencies. */
async function timed(
  model: ServerModel,
  workload: Workload,
  pilot: PilotRecord,
  context: TrialContext,
): Promise<TrialTimes | null> {
  const startedMs = performance.now()
  const trial = await runTrial(
    {
      identity: {
        schema: 'forkwise/trial@2',
        id: `share-${model.id}-${workload.id}`,
        block: 1,
        position: 0,
        model: model.id,
        control: false,
        workload: workload.id,
        workers: context.settings.workers,
        seed: SEED,
        startedAtMs: Date.now(),
      },
      model,
      workload,
      commonRatePerS: pilot.commonRates[workload.id] ?? null,
    },
    context,
  )
  return timesOf(trial, (performance.now() - startedMs) / 1000)
}

/** What a trial spent its time on; null for one that failed or has no latencies. */
export function timesOf(trial: TrialRecord, wallS: number): TrialTimes | null {
  if (trial.outcome === 'failed' || trial.latency === null) return null
  const { saturation, latency, startS } = trial
  return {
    wallS,
    countedS: saturation.load.countedS + latency.load.countedS,
    launchS: startS,
    warmupS: trial.warmup?.tookS ?? 0,
  }
}

/** A row of the bench; only what comparisons do now has a goal. */
export function rowOf(what: string, trials: readonly TrialTimes[], hasGoal: boolean): BenchRow {
  const meanOf = (seconds: (trial: TrialTimes) => number): number => mean(trials.map(seconds))
  const [wallS, countedS] = [meanOf((trial) => trial.wallS), meanOf((trial) => trial.countedS)]
  const share = countedS / wallS
  return {
    what,
    measured: `${(share * 100).toFixed(0)} % (${countedS.toFixed(2)} s of ${wallS.toFixed(2)} s a trial, mean of ${trials.length}; launch ${meanOf((trial) => trial.launchS).toFixed(2)} s, warm-up ${meanOf((trial) => trial.warmupS).toFixed(2)} s)`,
    goal: hasGoal ? `≥ ${GOAL * 100} %` : '',
    met: hasGoal ? share >= GOAL : null,
  }
}
