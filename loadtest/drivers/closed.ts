import type { LoadRecord } from '../../core/load.ts'
import type { LoadDriver } from '../driver.ts'
import { runGenerator } from '../generator.ts'
import { mergeParts } from './merge.ts'
import { probeTargets } from './probe.ts'

/** The closed loop: N connections in one generator process, each of which waits for its answer before it asks again. */
export const closedDriver: LoadDriver = {
  kind: 'closed',
  async run(targets, workload, load, options): Promise<LoadRecord> {
    const [first] = workload.requests
    if (load.kind !== 'closed') throw new Error(`Expected a closed load, got one of kind \`${load.kind}\`.`)
    if (first === undefined) throw new Error(`Expected workload \`${workload.id}\` to have a request, got none.`)
    const probe = await probeTargets(targets, first, load.timeoutS, options.signal)
    const part = await runGenerator(
      {
        targets: targets.map(({ origin }) => origin),
        requests: workload.requests,
        load,
        closesSilently: probe.closesSilently,
        share: { index: 0, of: 1 },
      },
      options,
    )
    const record = mergeParts(load, [part])
    return {
      ...record,
      lifetime: {
        sent: record.lifetime.sent + probe.sent,
        answered: record.lifetime.answered + probe.answered,
      },
    }
  },
}
