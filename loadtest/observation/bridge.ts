import { METRICS } from '../../core/metrics.ts'
import { renderExposition } from '../../core/registry.ts'
import type { Unit } from '../../core/unit.ts'
import { ownAnswerCounts } from '../scrape.ts'
import { statusValues } from './bridges/status-values.ts'
import { processValues } from './process-values.ts'
import { bridgePath } from './targets.ts'

/** Stands for the bridge where its texts are read in the same process; nothing listens there. */
export const BRIDGE_URL: URL = new URL('http://bridge.invalid')

/** Gives metrics to units that have none of their own: what /proc reports about them, and their own status page. */
export class Bridge {
  readonly #units = new Map<string, Unit>()
  #pids: ReadonlySet<number> = new Set()

  /** The units of the running launch are now these. */
  watch(units: readonly Unit[]): void {
    this.#pids = new Set(units.map(({ pid }) => pid))
    this.#units.clear()
    for (const unit of units) if (unit.metricsUrl === undefined) this.#units.set(bridgePath(unit.name), unit)
  }

  /** The metrics of the unit behind a path of {@link bridgePath}; rejects when there is no such unit or process. */
  async read(path: string): Promise<string> {
    const unit = this.#units.get(path)
    if (unit === undefined) throw new Error(`no unit behind ${path}`)
    const [values, status] = await Promise.all([
      processValues(unit.pid, this.#pids),
      unit.statusUrl === undefined ? [] : statusValues(unit.statusUrl),
    ])
    const own = Object.values(await ownAnswerCounts([unit])).map((value) => ({ spec: METRICS.proxyAnswers, value }))
    if (values.length === 0) throw new Error(`process ${unit.pid} is gone`)
    return renderExposition([...values, ...status, ...own])
  }
}
