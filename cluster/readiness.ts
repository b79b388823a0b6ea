import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Unit } from '../core/unit.ts'
import type { Topology } from './model.ts'
import { topologyDifference } from './units.ts'

/** What {@link untilReady} watches. */
export interface ReadinessWatch {
  readonly topology: Topology
  /** The units in service at this moment. */
  units(): Promise<readonly Unit[]>
  /** Addresses for clients, asked for when the units match the topology. */
  targets(units: readonly Unit[]): readonly URL[]
  /** True when any answer counts (the user's own app may have no /readyz); else it must be 200. */
  readonly anyAnswer: boolean
  readonly timeoutS: number
  /** Aborted when the server failed or was given up: its reason is thrown. */
  readonly signal: AbortSignal
}

/** A server did not become ready in time; `missing` says what it lacked. */
export class NotReady extends Error {
  readonly missing: readonly string[]

  constructor(timeoutS: number, missing: readonly string[]) {
    super(`was not ready within ${timeoutS} s: ${missing.join(', ')}`)
    this.name = 'NotReady'
    this.missing = missing
  }
}

/** How often the units folder is looked at, in milliseconds. */
const POLL_MS = 10

/** How long one readiness request may take, in milliseconds. */
const ANSWER_TIMEOUT_MS = 2_000

/**
 * Waits until the units match the topology and every worker answers /readyz: on its own address, else on the server of
 * its metrics; then until every address for clients does. Throws {@link NotReady}, or the signal's reason.
 */
export async function untilReady(watch: ReadinessWatch): Promise<readonly Unit[]> {
  const deadline = performance.now() + watch.timeoutS * 1000
  let missing: string[] = []
  while (performance.now() < deadline) {
    watch.signal.throwIfAborted()
    const units = await watch.units()
    missing = topologyDifference(watch.topology, units)
    if (missing.length === 0) {
      missing = await silentAddresses(units, watch.targets(units), watch.anyAnswer, watch.signal)
      if (missing.length === 0) return units
    }
    await sleep(POLL_MS, undefined, { signal: watch.signal }).catch(() => {})
  }
  watch.signal.throwIfAborted()
  throw new NotReady(watch.timeoutS, missing)
}

/** True when the server at an address answers GET /readyz with 200, or with anything if `anyAnswer`. */
export function answersReadiness(base: string | URL, anyAnswer: boolean, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get(new URL('/readyz', base), {
      // No connection is kept: an idle one would hold up the server's end.
      agent: false,
      timeout: ANSWER_TIMEOUT_MS,
      ...(signal === undefined ? {} : { signal }),
    })
    request.once('response', (response) => {
      response.resume()
      response.once('error', () => resolve(false))
      response.once('end', () => resolve(anyAnswer || response.statusCode === 200))
    })
    request.once('timeout', () => request.destroy())
    request.once('error', () => resolve(false))
    request.once('close', () => resolve(false))
  })
}

async function silentAddresses(
  units: readonly Unit[],
  targets: readonly URL[],
  anyAnswer: boolean,
  signal: AbortSignal,
): Promise<string[]> {
  const workers = units.filter((unit) => unit.role === 'worker')
  const addresses = [
    ...workers.flatMap(({ name, url, metricsUrl }) => {
      // The metrics server is ours and always knows /readyz; the app may be the user's.
      if (url !== undefined) return [{ what: name, base: url, anyAnswer }]
      return metricsUrl === undefined ? [] : [{ what: name, base: metricsUrl, anyAnswer: false }]
    }),
    ...targets.map((target) => ({ what: target.origin, base: target.href, anyAnswer })),
  ]
  const distinct = [...new Map(addresses.map((address) => [new URL(address.base).origin, address])).values()]
  const answers = await Promise.all(distinct.map(({ base, anyAnswer }) => answersReadiness(base, anyAnswer, signal)))
  return distinct.filter((_, index) => !answers[index]).map(({ what }) => `${what} does not answer /readyz`)
}
