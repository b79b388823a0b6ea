import type { Workload } from '../../core/load.ts'
import type { MeasuringPlan } from './measuring.ts'
import type { Subject } from './subject.ts'

/** Seconds that a launch takes, its readiness and its end included (2 cores, Node 20.20, November 2025). */
const LAUNCH_S = 1.1

/** Seconds that a slice takes besides its counted part: processes to start, warming up, requests in flight. */
const SLICE_S = 1

/** Seconds that measuring models takes, about; `fixedSize` ones have one worker whatever is asked for. */
export function expectedS(
  models: readonly Pick<Subject, 'fixedSize'>[],
  plan: MeasuringPlan,
  { requests }: Pick<Workload, 'requests'>,
): number {
  const perBlockS = models.map(({ fixedSize }) => {
    const launches = fixedSize ? 1 : plan.workers.length
    const rates = (fixedSize ? Math.min(1, plan.rateWorkers.length) : plan.rateWorkers.length) * plan.loads.length
    return (
      launches * LAUNCH_S +
      (plan.saturationS > 0 ? launches * (plan.saturationS + SLICE_S) : 0) +
      (plan.unloadedS > 0 ? plan.unloadedS + requests.length * SLICE_S : 0) +
      rates * (plan.rateS + SLICE_S)
    )
  })
  return plan.blocks * perBlockS.reduce((sum, seconds) => sum + seconds, 0)
}
