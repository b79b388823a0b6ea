import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { analyse } from '../../analysis/comparison/comparison.ts'
import type { ServerModel } from '../../cluster/model.ts'
import { loadModels } from '../../cluster/models.ts'
import { machineFacts } from '../../core/machine.ts'
import { compiled } from '../../core/paths.ts'
import { deriveSeed, seededRandom } from '../../core/random.ts'
import type { ExperimentPlan, Manifest } from '../../core/records.ts'
import { runBlocks } from '../comparison/blocks.ts'
import { FIRST_LOOK } from '../comparison/plan.ts'
import { standingsOf } from '../../analysis/comparison/standing.ts'
import { LEAST_BLOCKS } from '../../analysis/comparison/verdict.ts'
import { RunStore } from '../../store/comparison-folder.ts'
import type { ExperimentOutcome, Subject } from '../../store/proof-tally.ts'
import { findWorkload } from '../../loadtest/workloads.ts'
import { forkwiseVersion } from '../../core/version.ts'
import { availableCores } from '../../core/cores.ts'
import type { TrialSettings } from '../../loadtest/trial-context.ts'
import type { Emit } from '../events.ts'
import { trialSettings, withWorld } from '../world.ts'
import { Neighbour } from './neighbour.ts'

/** Models that take turns: on two cores they stand for one process, several processes and several threads. */
const MODELS = ['single', 'cluster', 'worker-pool'] as const
/** Those that arrange whole processes of the app, so that one of the two can run another app. */
const APP_MODELS = ['single', 'cluster'] as const
/** Share of blocks that the neighbour disturbs. */
const POLLUTED_SHARE = 0.3
const TWIN_SUFFIX = '-twin'

/** Short blocks, but as many as a verdict needs; slow-downs are looked for in throughput and CPU alone. */
const LENGTHS = {
  warmup: { minS: 0.3, maxS: 0.4, minCount: 30 },
  saturationS: 0.5,
  latencyS: 0.5,
  blocks: LEAST_BLOCKS,
  maxBlocks: 2 * LEAST_BLOCKS,
  looks: { from: FIRST_LOOK, planned: LEAST_BLOCKS },
  kind: 'full',
  control: false,
} as const satisfies Partial<ExperimentPlan>

/** Seconds that one experiment takes, about; the time that may be spent on waiting for other programs follows from it. */
const EXPECTED_S = 60

/**
 * One whole comparison of a model with its twin, through the protocol that `compare` has: pilot, blocks, gates,
 * analysis. Everything it did follows from the seed but the machine's own noise.
 */
export async function runVerdictExperiment(
  subject: Subject,
  turn: number,
  seed: number,
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<ExperimentOutcome> {
  const names = subject === 'slowed' ? APP_MODELS : MODELS
  const id = names[turn % names.length] ?? 'single'
  const model = (await loadModels()).find((candidate) => candidate.id === id)
  if (model === undefined) throw new Error(`Expected a model ${id}.`)
  const models = [model, twinOf(model, subject)]
  const workload = await findWorkload('cpu')
  const dir = mkdtempSync(join(os.tmpdir(), 'forkwise-verdicts-'))
  const neighbour = new Neighbour()
  const polluted = new Set<number>()
  try {
    const cores = availableCores()
    const settings = trialSettings({
      workers: cores,
      seed,
      ...LENGTHS,
      latencyS: subject === 'slowed' ? 0 : LENGTHS.latencyS,
    })
    const plan = planOf(models, settings)
    // Called at the very moment of each event: the neighbour must be there before the trial is.
    const emit: Emit = (event) => {
      if (event.type === 'trial-finished') void neighbour.off()
      if (event.type !== 'trial-started') return
      const { block, position, model: name } = event.trial
      say(`block ${block}: ${name}`)
      if (subject !== 'neighbour' || !isPolluted(seed, block, position)) return
      polluted.add(block)
      neighbour.on()
    }
    return await withWorld(settings, { signal, emit }, async (context) => {
      const store = RunStore.create(join(dir, 'run'))
      store.writeManifest(manifestOf(plan, models, workload, seed))
      await runBlocks({
        plan,
        models,
        workloads: [workload],
        context,
        store,
        emit,
        finished: { pilot: null, trials: [], blocks: [] },
        standings: standingsOf,
      })
      const { manifest, pilot, trials, blocks, histograms } = store.run()
      const { verdicts } = analyse(manifest, pilot, trials, blocks, histograms, null)
      return {
        seed,
        model: id,
        calls: verdicts.map(({ metric, call, ratio }) => ({ metric, call, ratio: ratio.estimate })),
        blocksKept: blocks.filter(({ kept }) => kept).length,
        blocksDropped: blocks.filter(({ kept }) => !kept).length,
        polluted: {
          blocks: polluted.size,
          dropped: blocks.filter(({ block, kept }) => !kept && polluted.has(block)).length,
        },
      }
    })
  } finally {
    await neighbour.off()
    rmSync(dir, { recursive: true, force: true })
  }
}

function planOf(models: readonly ServerModel[], settings: TrialSettings): ExperimentPlan {
  const ids = models.map((model) => model.id)
  return {
    ...settings,
    ...LENGTHS,
    latencyS: settings.latencyS,
    models: ids,
    baseline: ids[0] ?? '',
    workloads: ['cpu'],
    expectedS: EXPECTED_S,
  }
}

/** The same model under another name, with the slowed app where it is to be found out. */
function twinOf(model: ServerModel, subject: Subject): ServerModel {
  const twin = { ...model, id: `${model.id}${TWIN_SUFFIX}`, title: `${model.title}, again` }
  if (subject !== 'slowed') return twin
  const module = compiled('server/slowed-app.js')
  return { ...twin, start: async (context) => model.start({ ...context, app: { module } }) }
}

/** Whether the neighbour is on in this trial: in a share of blocks, and of those in the first trial, the second, or both. */
function isPolluted(seed: number, block: number, position: number): boolean {
  const random = seededRandom(deriveSeed(seed, 'neighbour', block))
  if (random() >= POLLUTED_SHARE) return false
  const which = Math.floor(random() * 3)
  return which === 2 || which === position
}

function manifestOf(
  plan: ExperimentPlan,
  models: readonly ServerModel[],
  workload: Awaited<ReturnType<typeof findWorkload>>,
  seed: number,
): Manifest {
  return {
    schema: 'forkwise/manifest@2',
    id: `verdicts-${seed}`,
    createdAt: new Date().toISOString(),
    forkwiseVersion: forkwiseVersion(),
    command: 'forkwise bench',
    machine: machineFacts(),
    plan,
    workloads: [{ ...workload, connections: workload.connections({ workers: plan.workers, cores: availableCores() }) }],
    models: models.map(({ id, title, tradeoff, routing, executor }) => ({ id, title, tradeoff, routing, executor })),
    unavailable: [],
  }
}
