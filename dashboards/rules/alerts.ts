import { GENERATOR_ALERTS } from './alerts/generator.ts'
import { QUEUE_ALERTS } from './alerts/queues.ts'
import { RESTART_ALERTS } from './alerts/restarts.ts'
import { RUNTIME_ALERTS } from './alerts/runtime.ts'
import { TARGET_ALERTS } from './alerts/targets.ts'
import { TRAFFIC_ALERTS } from './alerts/traffic.ts'
import { WORKER_ALERTS } from './alerts/workers.ts'
import type { Alert } from './rule.ts'

/** Every alert, what clients notice first. */
export const ALERTS: readonly Alert[] = [
  ...TRAFFIC_ALERTS,
  ...TARGET_ALERTS,
  ...WORKER_ALERTS,
  ...RESTART_ALERTS,
  ...RUNTIME_ALERTS,
  ...QUEUE_ALERTS,
  ...GENERATOR_ALERTS,
]
