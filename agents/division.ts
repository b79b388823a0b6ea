import { ForkwiseError } from '../core/errors.ts'
import type { Load } from '../core/load.ts'
import { formatRate } from '../core/quantities.ts'
import { deriveSeed } from '../core/random.ts'
import type { GeneratorCeiling } from '../loadtest/generator-ceiling.ts'
import type { GeneratorJob } from '../loadtest/generator-protocol.ts'

/**
 * How many generator processes each agent runs for a rate: one, and more where one would be asked for more than it can
 * send. All processes send equal shares, so that the slowest decides. Throws MACHINE_UNFIT when the rate is out of reach.
 */
export function processesFor(
  ratePerS: number,
  ceilings: readonly Pick<GeneratorCeiling, 'perProcessRatePerS' | 'processes'>[],
): readonly number[] {
  const counts = ceilings.map(() => 1)
  const perProcess = Math.min(...ceilings.map(({ perProcessRatePerS }) => perProcessRatePerS))
  const total = (): number => counts.reduce((sum, count) => sum + count, 0)
  while (ratePerS / total() > perProcess) {
    const spare = ceilings.map(({ processes }, i) => processes - (counts[i] ?? 0))
    const most = Math.max(...spare)
    if (most < 1) {
      throw new ForkwiseError('MACHINE_UNFIT', {
        message: `Expected a rate that the agents can keep together, at most ${formatRate(total() * perProcess)} as just measured, got ${formatRate(ratePerS)}.`,
        hint: 'Lower the rate, or name more agents.',
      })
    }
    const next = spare.indexOf(most)
    counts[next] = (counts[next] ?? 0) + 1
  }
  return counts
}

/**
 * The jobs of each agent: an open loop's schedule is dealt over all processes, a closed loop's connections over the agents.
 * A closed loop whose warm-up ends when its rate is steady is one decision, and goes to the first agent alone; agents
 * without a connection get no job.
 */
export function dealJobs(
  job: Omit<GeneratorJob, 'share' | 'load'>,
  load: Load,
  processes: readonly number[],
): readonly (readonly GeneratorJob[])[] {
  if (load.kind === 'open') {
    const of = processes.reduce((sum, count) => sum + count, 0)
    let index = 0
    return processes.map((count) =>
      Array.from({ length: count }, () => ({ ...job, load, share: { index: index++, of } })),
    )
  }
  const isDivided = load.warmup === undefined || load.warmup.minS === load.warmup.maxS
  const agents = isDivided ? Math.min(processes.length, load.connections) : 1
  return processes.map((_, i) => {
    if (i >= agents) return []
    const connections = Math.floor(load.connections / agents) + (i < load.connections % agents ? 1 : 0)
    const seed = agents === 1 ? load.seed : deriveSeed(load.seed, 'agent', i)
    return [{ ...job, load: { ...load, connections, seed }, share: { index: 0, of: 1 } }]
  })
}
