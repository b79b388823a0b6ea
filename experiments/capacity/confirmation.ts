import { countText } from '../../analysis/wording.ts'
import { judgeRate } from '../../analysis/capacity/objective/rate-table.ts'
import { measuredS } from '../../analysis/capacity/service/model-error.ts'
import type { PlannedServer } from '../../analysis/capacity/planning/plan.ts'
import type { Slo } from '../../analysis/capacity/objective/slo.ts'
import { LatencyHistogram } from '../../core/histogram.ts'
import { formatRate } from '../../core/quantities.ts'
import { deriveSeed } from '../../core/random.ts'
import type { Confirmation } from '../../store/capacity-findings.ts'
import type { Emit } from '../events.ts'
import { measureRate, measureSaturation } from './slices.ts'
import type { Subject } from './subject.ts'

/** Requests that a confirmation has, and the bounds of its length in seconds. */
const REQUESTS = 3000
const LENGTH_S = { shortest: 4, longest: 20 } as const

/** Whether this machine, with that many cores for a server, can be one of a plan's machines. */
export function canConfirm(server: PlannedServer, cores: number): boolean {
  return server.workersPerMachine <= cores && server.coresPerMachine <= Math.max(cores, server.workersPerMachine)
}

/** Runs one machine of a plan for some seconds and holds it against the plan. */
export async function confirm(
  subject: Subject,
  server: PlannedServer,
  { plannedPerS, slo, seed }: { readonly plannedPerS: number; readonly slo: Slo; readonly seed: number },
  emit: Emit,
): Promise<Confirmation> {
  const workers = server.workersPerMachine
  const ratePerS = Number((plannedPerS / server.machines).toPrecision(4))
  const durationS = Math.max(LENGTH_S.shortest, Math.min(LENGTH_S.longest, REQUESTS / ratePerS))
  const task = { block: 1, workers, seed: deriveSeed(seed, 'confirm') }
  const label = `confirming ${subject.model}: ${countText(workers, 'worker')} at ${formatRate(ratePerS)}`
  emit({ type: 'step-started', label })
  const rate = await subject.run(workers, async (running, context) => {
    // Compiled code and filled caches first.
    await measureSaturation(subject, running, { ...task, durationS: 0.5 }, context)
    return measureRate(subject, running, { ...task, ratePerS, durationS }, context)
  })
  const histogram = LatencyHistogram.fromBase64(rate.histogram)
  const confirmation: Confirmation = {
    model: subject.model,
    workers,
    ratePerS,
    latency: slo.latency.map((goal, i) => ({
      name: goal.name,
      predictedS: server.prediction.latency[i]?.latencyS.estimate ?? Number.NaN,
      measuredS: measuredS(histogram, goal, 0),
    })),
    ...judgeRate(rate, slo),
    faults: [...rate.faults, ...rate.disturbed],
  }
  emit({ type: 'confirmation-finished', confirmation })
  return confirmation
}
