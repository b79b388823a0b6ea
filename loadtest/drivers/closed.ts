import type { LoadRecord } from '../../core/load.ts'
import type { LoadDriver } from '../driver.ts'
import { runGenerators } from '../generator.ts'
import { mergeParts } from './merge.ts'
import { Probes } from './probe.ts'

/** The closed loop: N connections in one generator process, each of which waits for its answer before it asks again. */
export const closedDriver: LoadDriver = {
  kind: 'closed',
  async run(targets, workload, load, options): Promise<LoadRecord> {
    const [first] = workload.requests
    if (load.kind !== 'closed') throw new Error(`Expected a closed load, got one of kind \`${load.kind}\`.`)
    if (first === undefined) throw new Error(`Expected workload \`${workload.id}\` to have a request, got none.`)
    const probe = await (options.probes ?? new Probes()).of(targets, first, load.timeoutS, options.signal)
    const job = {
      targets: targets.map(({ origin }) => origin),
      requests: workload.requests,
      load,
      closesSilently: probe.closesSilently,
      share: { index: 0, of: 1 },
    }
    const record = mergeParts(load, await runGenerators([job], options))
    const { sent, answered } = record.lifetime
    return { ...record, lifetime: { sent: sent + probe.sent, answered: answered + probe.answered } }
  },
}
