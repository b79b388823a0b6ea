import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseExposition, type Sample } from '../core/exposition.ts'
import { METRICS } from '../core/metrics.ts'
import type { Unit } from '../core/unit.ts'

/** Requests answered so far by each unit that reports them, by unit name; routes as the unit names them. */
export type RequestCounts = Readonly<Record<string, number>>

const REQUEST_COUNT = `${METRICS.requestDuration.name}_count`

/** Longest wait for a unit's metrics, in milliseconds: they are served by a thread of their own and answer at once. */
const SCRAPE_TIMEOUT_MS = 2000

/** How often, and after which pauses in milliseconds, a server is asked again until no request is in hand. */
const SETTLE_TRIES = 100
const SETTLE_MS = 10

/**
 * Reads the request counters of every unit that has metrics. A unit that does not answer twice (it was killed, say) is left
 * out. Never rejects.
 */
export function scrapeRequestCounts(units: readonly Unit[]): Promise<RequestCounts> {
  return scrape(units, requestCountOf)
}

/**
 * As {@link scrapeRequestCounts}, when no request is in hand: one that is answered is counted a moment later, and the
 * readiness requests to an app without such a route count like any other.
 */
export async function scrapeSettledCounts(units: readonly Unit[]): Promise<RequestCounts> {
  for (let attempt = 1; ; attempt++) {
    let active = 0
    const counts = await scrape(units, (samples) => {
      active += gaugeOf(samples, METRICS.activeRequests.name) ?? 0
      return requestCountOf(samples)
    })
    if (active === 0 || attempt === SETTLE_TRIES) return counts
    await sleep(SETTLE_MS)
  }
}

/** Reads how many connections every unit has accepted so far; as {@link scrapeRequestCounts}. */
export function scrapeConnectionCounts(units: readonly Unit[]): Promise<Readonly<Record<string, number>>> {
  return scrape(units, (samples) => gaugeOf(samples, METRICS.connections.name))
}

/**
 * Reads how many requests every proxy among the units has answered itself so far: each adds two bytes to a file of its
 * (core/unit.ts). Never rejects.
 */
export async function ownAnswerCounts(units: readonly Unit[]): Promise<RequestCounts> {
  const entries = await Promise.all(
    units.map(async ({ name, answeredFile }) => {
      const size =
        answeredFile === undefined
          ? null
          : await stat(answeredFile).then(
              (file) => file.size,
              () => null,
            )
      return size === null ? null : ([name, size / 2] as const)
    }),
  )
  return Object.fromEntries(entries.filter((entry) => entry !== null))
}

/** The value of a metric without labels; null where the unit has none. */
function gaugeOf(samples: readonly Sample[], name: string): number | null {
  return samples.find((sample) => sample.name === name && Object.keys(sample.labels).length === 0)?.value ?? null
}

async function scrape(
  units: readonly Unit[],
  read: (samples: readonly Sample[]) => number | null,
): Promise<Readonly<Record<string, number>>> {
  const entries = await Promise.all(
    units.map(async (unit) => {
      const samples = (await samplesOf(unit)) ?? (await samplesOf(unit))
      const count = samples === null ? null : read(samples)
      return count === null ? null : ([unit.name, count] as const)
    }),
  )
  return Object.fromEntries(entries.filter((entry) => entry !== null))
}

/** A unit's metrics; null when it has none or does not answer. On a busy machine one try may fail: a count that is lost invalidates a trial. */
async function samplesOf({ metricsUrl }: Unit): Promise<readonly Sample[] | null> {
  if (metricsUrl === undefined) return null
  try {
    const response = await fetch(metricsUrl, { signal: AbortSignal.timeout(SCRAPE_TIMEOUT_MS) })
    return response.ok ? parseExposition(await response.text()) : null
  } catch {
    return null
  }
}

/** The requests each unit answered between two readings; units of both readings only. */
export function countsBetween(before: RequestCounts, after: RequestCounts): RequestCounts {
  return Object.fromEntries(
    Object.entries(after)
      .filter(([name]) => name in before)
      .map(([name, count]) => [name, count - (before[name] ?? 0)]),
  )
}

/** Requests in a unit's metrics; null when the unit is none that answers requests. */
export function requestCountOf(samples: readonly Sample[]): number | null {
  if (!samples.some(({ name }) => name === METRICS.activeRequests.name)) return null
  return samples.filter(({ name }) => name === REQUEST_COUNT).reduce((total, { value }) => total + value, 0)
}
