import { expect } from 'vitest'
import { LatencyHistogram } from '../../../core/histogram.ts'
import type { LoadRecord } from '../../../core/load.ts'

/** Checks every identity that holds for each load record, whatever was measured. */
export function expectLedger(record: LoadRecord): void {
  expect(record.scheduled).toBe(record.sent + record.unsent)
  expect(record.sent).toBe(record.ok + record.non2xx + record.timeouts + record.connectionErrors + record.inFlightAtEnd)
  expect(record.answered).toBe(record.ok + record.non2xx)
  expect(record.latencyMs.count).toBe(record.ok + record.timeouts)
  expect(LatencyHistogram.fromBase64(record.histogram).count).toBe(record.latencyMs.count)
  expect(LatencyHistogram.fromBase64(record.serviceHistogram).count).toBe(record.serviceTimeMs.count)
  expect(total(record.routes, ({ ok }) => ok)).toBe(record.ok)
  const failed = record.non2xx + record.timeouts + record.connectionErrors
  expect(total(record.routes, (route) => route.failed)).toBe(failed)
  expect(total(record.routes, ({ latencyMs }) => latencyMs.count)).toBe(record.latencyMs.count)
  expect(total(record.seconds, ({ ok }) => ok)).toBe(record.ok)
  expect(total(record.seconds, (second) => second.failed)).toBe(failed)
  expect(record.lifetime.sent).toBeGreaterThanOrEqual(record.lifetime.answered)
  expectTimesFit(record)
  expect(record.achievedRatePerS).toBeCloseTo(record.countedS === 0 ? 0 : record.ok / record.countedS, 6)
}

/** Bounds on what was measured that hold on the busiest machine. Histograms keep three digits, hence the per cent. */
function expectTimesFit(record: LoadRecord): void {
  const { load, latencyMs, serviceTimeMs, latenessMs, countedS } = record
  if (latencyMs.max === null || serviceTimeMs.max === null) return
  const sumMs = latencyMs.count * (latencyMs.mean ?? Number.NaN)
  if (load.kind === 'closed') {
    // A connection waits for one answer at a time: all its latencies fit into the time that was counted, beside the
    // beginning of the one that was under way when counting began.
    const mostMs = countedS * 1000 + latencyMs.max
    expect(sumMs).toBeLessThanOrEqual(load.connections * mostMs * 1.01)
    return
  }
  // Latency is lateness and service time of the same request.
  expect(latencyMs.count).toBe(serviceTimeMs.count)
  expect(latencyMs.max).toBeGreaterThanOrEqual(serviceTimeMs.max * 0.99)
  expect(latencyMs.max).toBeLessThanOrEqual((serviceTimeMs.max + (latenessMs?.max ?? Number.NaN)) * 1.01)
}

function total<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0)
}
