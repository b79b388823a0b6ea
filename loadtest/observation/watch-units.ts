import type { RunningServer } from '../../cluster/model.ts'
import type { Unit } from '../../core/unit.ts'
import type { Observation, ObservedLaunch } from './observation.ts'

/** Time between two looks at the units, in milliseconds. */
const LOOK_INTERVAL_MS = 500

/**
 * Keeps an observation informed about which units a server has, so that restarted workers are found. Resolves once the
 * first units are known, with what ends it: called before the server stops, it takes all units back.
 */
export async function watchUnits(
  observation: Observation,
  launch: ObservedLaunch,
  server: Pick<RunningServer, 'units'>,
): Promise<() => void> {
  let known = ''
  let over = false
  const look = async (): Promise<void> => {
    const units = await server.units()
    const now = units.map(identity).join(' ')
    if (over || now === known || units.length === 0) return
    known = now
    observation.unitsChanged(launch, units)
  }
  await look()
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_INTERVAL_MS)
  timer.unref()
  return () => {
    over = true
    clearInterval(timer)
    observation.unitsChanged(launch, [])
  }
}

function identity({ name, pid, metricsUrl }: Unit): string {
  return `${name}:${pid}:${metricsUrl}`
}
