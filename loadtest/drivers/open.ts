import { ForkwiseError } from '../../core/errors.ts'
import type { LoadRecord, OpenLoad, Workload } from '../../core/load.ts'
import { formatRate } from '../../core/quantities.ts'
import type { DriverOptions, LoadDriver } from '../driver.ts'
import { generatorCeiling } from '../generator-ceiling.ts'
import { runGenerators } from '../generator.ts'
import { mergeParts } from './merge.ts'
import { Probes } from './probe.ts'

/** Rates that a generator process can do on any machine of this decade: its ceiling need not be measured first. */
export const SURELY_POSSIBLE_PER_S = 2000

/** The open loop: requests are sent at instants fixed beforehand, by as many generator processes as the rate needs. */
export const openDriver: LoadDriver = {
  kind: 'open',
  async run(targets, workload, load, options): Promise<LoadRecord> {
    if (load.kind !== 'open') throw new Error(`Expected an open load, got one of kind \`${load.kind}\`.`)
    return runOpenLoad(targets, workload, load, options, await processesFor(load.ratePerS))
  },
}

/** Runs an open load with a given number of generator processes; what is sent when does not depend on it. */
export async function runOpenLoad(
  targets: readonly URL[],
  workload: Pick<Workload, 'id' | 'requests'>,
  load: OpenLoad,
  options: DriverOptions,
  processes: number,
): Promise<LoadRecord> {
  const [first] = workload.requests
  if (first === undefined) throw new Error(`Expected workload \`${workload.id}\` to have a request, got none.`)
  const probe = await (options.probes ?? new Probes()).of(targets, first, load.timeoutS, options.signal)
  const jobs = Array.from({ length: processes }, (_, index) => ({
    targets: targets.map(({ origin }) => origin),
    requests: workload.requests,
    load,
    closesSilently: probe.closesSilently,
    share: { index, of: processes },
    ...(options.tallied === true ? { tallied: true } : {}),
  }))
  const record = mergeParts(load, await runGenerators(jobs, options))
  const { sent, answered } = record.lifetime
  return { ...record, lifetime: { sent: sent + probe.sent, answered: answered + probe.answered } }
}

/** How many processes a rate needs here; throws MACHINE_UNFIT with the measured ceiling when it is out of reach. */
async function processesFor(ratePerS: number): Promise<number> {
  if (ratePerS <= SURELY_POSSIBLE_PER_S) return 1
  const ceiling = await generatorCeiling(ratePerS)
  if (ratePerS > ceiling.ratePerS) {
    throw new ForkwiseError('MACHINE_UNFIT', {
      message: `Expected a rate that the generator can keep here, at most ${formatRate(ceiling.ratePerS)} as just measured, got ${formatRate(ratePerS)}.`,
      hint: 'Lower the rate, or run the generator on a machine with more cores.',
    })
  }
  return Math.ceil(ratePerS / ceiling.perProcessRatePerS)
}
