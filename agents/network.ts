import { once } from 'node:events'
import { connect } from 'node:net'
import type { NetworkRecord } from '../core/load.ts'

/** Connections that are opened to each target, one after the other. */
const SAMPLES = 15

/**
 * Round trips to targets: opening a TCP connection takes one, and the kernel at the other end answers it, however busy the
 * server is. Null where no connection could be opened within the timeout.
 */
export async function measureNetwork(targets: readonly string[], timeoutMs: number): Promise<NetworkRecord | null> {
  const roundTripsMs: number[] = []
  for (const target of targets) {
    for (let i = 0; i < SAMPLES; i++) {
      const roundTripMs = await openAndClose(new URL(target), timeoutMs)
      if (roundTripMs === null) break
      roundTripsMs.push(roundTripMs)
    }
  }
  return summaryOf(roundTripsMs)
}

/** Median and spread of round trips; null for none. */
export function summaryOf(roundTripsMs: readonly number[]): NetworkRecord | null {
  if (roundTripsMs.length === 0) return null
  const sorted = roundTripsMs.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0
  return { samples: sorted.length, roundTripMs: at(0.5), jitterMs: at(0.9) - at(0.1) }
}

async function openAndClose(target: URL, timeoutMs: number): Promise<number | null> {
  const port = Number(target.port || (target.protocol === 'https:' ? 443 : 80))
  const askedMs = performance.now()
  const socket = connect({ host: target.hostname.replaceAll(/[[\]]/g, ''), port })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMs) })
    return performance.now() - askedMs
  } catch {
    return null
  } finally {
    socket.on('error', () => {})
    socket.destroy()
  }
}
