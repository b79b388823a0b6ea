import { loadModels } from '../../cluster/models.ts'
import { deriveSeed, seededRandom, shuffled } from '../../core/random.ts'
import { significant } from '../../core/quantities.ts'
import { bareRate } from '../../loadtest/bare-rate.ts'
import { runTrial } from '../../loadtest/trial.ts'
import { findWorkload } from '../../loadtest/workloads.ts'
import type { Bench } from '../bench.ts'
import { availableCores } from '../../core/cores.ts'
import { trialSettings, withWorld } from '../../experiments/world.ts'

const MODELS = ['single', 'cluster', 'pm2-fork', 'worker-pool'] as const
const BLOCKS = 5
const SLICE_S = 2
const SEED = 20_261_120

/** What a bench knows of one model: one entry a block. */
interface Observed {
  readonly efficiency: number[]
  readonly withoutGenerator: number[]
  readonly generatorCores: number[]
}

/** How much of the bare function's speed each model keeps when every core has a worker. */
export const bench: Bench = {
  name: 'efficiency',
  summary:
    'throughput of the cpu workload ÷ (min(workers, cores) × rate of the bare function), both in the same blocks',
  async run({ signal, say }) {
    const cores = availableCores()
    const models = (await loadModels()).filter((model) => MODELS.some((id) => id === model.id))
    const workload = await findWorkload('cpu')
    const observed = new Map<string, Observed>()
    const settings = trialSettings({
      workers: cores,
      seed: SEED,
      saturationS: SLICE_S,
      warmup: { minS: 0.4, maxS: 1, minCount: 50 },
    })
    await withWorld(settings, { signal, emit: () => undefined }, async (context) => {
      for (let block = 1; block <= BLOCKS; block++) {
        const bare = await bareRate(workload)
        for (const model of shuffled(models, seededRandom(deriveSeed(SEED, block)))) {
          say(`block ${block} of ${BLOCKS}: ${model.id}`)
          const identity = {
            schema: 'forkwise/trial@2' as const,
            id: `${block}-${model.id}`,
            block,
            position: 0,
            model: model.id,
            control: false,
            workload: 'cpu',
            workers: cores,
            seed: SEED,
            startedAtMs: Date.now(),
          }
          const trial = await runTrial({ identity, model, workload, commonRatePerS: null }, context)
          if (trial.outcome === 'failed' || bare === null) continue
          const usable = model.fixedSize === true ? 1 : cores
          const { generatorCores } = trial.saturation.host
          const rate = trial.saturation.load.achievedRatePerS
          const entry = observed.get(model.id) ?? { efficiency: [], withoutGenerator: [], generatorCores: [] }
          entry.efficiency.push(rate / (usable * bare))
          entry.withoutGenerator.push(rate / (Math.min(usable, cores - generatorCores) * bare))
          entry.generatorCores.push(generatorCores)
          observed.set(model.id, entry)
        }
      }
    })
    return [...observed].map(([model, { efficiency, withoutGenerator, generatorCores }]) => ({
      what: model,
      measured:
        `${significant(median(efficiency))} (blocks ${efficiency.map(significant).join(' ')}), ` +
        `${significant(median(withoutGenerator))} of the cores the generator left, which used ${significant(median(generatorCores))}`,
      goal: '≥ 0.90',
      met: median(efficiency) >= 0.9,
    }))
  },
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1
    ? (sorted[Math.floor(middle)] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
}
