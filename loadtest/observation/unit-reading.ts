import type http from 'node:http'
import { memoryOf, readProcess } from '../../cluster/proc.ts'
import { parseExposition } from '../../core/exposition.ts'
import { HEARTBEAT_PATH, type HeartbeatReading } from '../../core/heartbeat.ts'
import { METRICS, type MetricSpec } from '../../core/metrics.ts'
import type { Unit } from '../../core/unit.ts'
import { scrape } from './scrape.ts'
import { requestCountOf } from '../scrape.ts'
import type { UnitFigures } from '../../core/timeline.ts'

/** What one unit reported at one moment; null where it does not report it. */
export interface Reading {
  /** When, on our clock, in seconds. */
  readonly atS: number
  readonly state: string | null
  /** As in {@link HeartbeatReading}; null for a unit without a heartbeat. */
  readonly turnedAtS: number | null
  readonly ageS: number | null
  readonly cpuS: number | null
  readonly rssBytes: number | null
  readonly utilization: number | null
  readonly requests: number | null
  readonly active: number | null
  readonly connections: number | null
}

/**
 * Asks a unit: for its heartbeat where it has one, for its metrics where it has only these, and the kernel where it has
 * neither. `last` says which, once it is known. Rejects when it does not answer.
 */
export async function readUnit(unit: Unit, last: Reading | null, agent: http.Agent): Promise<Reading> {
  const { metricsUrl } = unit
  if (metricsUrl === undefined) return kernelReading(unit)
  const url = new URL(metricsUrl)
  const mayBeat = url.pathname === '/metrics' && (last === null || last.turnedAtS !== null)
  if (!mayBeat) return metricsReading(unit, await scrape(url, agent))
  try {
    return heartbeatOf(await scrape(new URL(HEARTBEAT_PATH, url), agent))
  } catch (error) {
    if (last !== null) throw error
    return metricsReading(unit, await scrape(url, agent))
  }
}

/** A unit's heartbeat that came just now; throws when it is no JSON. */
export function heartbeatOf(text: string): Reading {
  return { ...(JSON.parse(text) as HeartbeatReading), atS: performance.now() / 1000 }
}

/** Figures of the time between two readings of a unit, to a thousandth: nothing shows more of them. */
export function figuresBetween(before: Reading, now: Reading): UnitFigures {
  const lengthS = now.atS - before.atS
  const perS = (from: number | null, to: number | null): number | null =>
    from === null || to === null || lengthS <= 0 ? null : toThousandth(Math.max(0, to - from) / lengthS)
  return {
    cpuCores: perS(before.cpuS, now.cpuS),
    ratePerS: perS(before.requests, now.requests),
    rssBytes: now.rssBytes,
    active: now.active,
    connections: now.connections,
    utilization: now.utilization === null ? null : toThousandth(now.utilization),
  }
}

function toThousandth(value: number): number {
  return Math.round(1000 * value) / 1000
}

const UNKNOWN: Omit<Reading, 'atS'> = {
  state: null,
  turnedAtS: null,
  ageS: null,
  cpuS: null,
  rssBytes: null,
  utilization: null,
  requests: null,
  active: null,
  connections: null,
}

/** A thread has no process of its own. */
function kernelReading({ pid, thread }: Unit): Reading {
  const atS = performance.now() / 1000
  if (thread !== undefined) return { ...UNKNOWN, atS }
  return { ...UNKNOWN, atS, cpuS: readProcess(pid)?.cpuS ?? null, rssBytes: memoryOf(pid)?.rssBytes ?? null }
}

/** What the metrics leave out about the process comes from the kernel. */
function metricsReading(unit: Unit, text: string): Reading {
  const samples = parseExposition(text)
  const valueOf = ({ name }: MetricSpec): number | null => samples.find((sample) => sample.name === name)?.value ?? null
  const [cpuS, rssBytes] = [valueOf(METRICS.processCpu), valueOf(METRICS.residentMemory)]
  const process = cpuS === null || rssBytes === null ? kernelReading(unit) : UNKNOWN
  return {
    ...UNKNOWN,
    atS: performance.now() / 1000,
    cpuS: cpuS ?? process.cpuS,
    rssBytes: rssBytes ?? process.rssBytes,
    utilization: valueOf(METRICS.eventLoopUtilization),
    requests: requestCountOf(samples),
    active: valueOf(METRICS.activeRequests),
    connections: valueOf(METRICS.openConnections),
  }
}
