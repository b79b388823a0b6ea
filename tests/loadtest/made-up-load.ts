import { LatencyHistogram } from '../../core/histogram.ts'
import type { LoadRecord, OpenLoad } from '../../core/load.ts'

const OPEN: OpenLoad = {
  kind: 'open',
  ratePerS: 900,
  arrivals: 'poisson',
  durationS: 10,
  timeoutS: 5,
  seed: 42,
  maxConnections: 100,
}

/** A record of 9,000 answers from 1 to 9 ms, changed as a test needs it. */
export function madeUpLoad(more: Partial<LoadRecord> = {}): LoadRecord {
  const histogram = new LatencyHistogram()
  for (let i = 0; i < 9000; i++) histogram.record(1000 + i * (8000 / 9000))
  return {
    schema: 'forkwise/load@1',
    load: OPEN,
    countedS: 10,
    warmup: null,
    scheduled: 9000,
    sent: 9000,
    answered: 9000,
    ok: 9000,
    non2xx: 0,
    timeouts: 0,
    connectionErrors: 0,
    unsent: 0,
    inFlightAtEnd: 0,
    achievedRatePerS: 900,
    latencyMs: histogram.summaryMs(),
    serviceTimeMs: histogram.summaryMs(),
    latenessMs: { p50: 0.002, p99: 0.15, max: 1 },
    generator: { cpuCores: 0.2, eventLoopUtilization: 0.15, processes: 1 },
    bytesReceived: 1000,
    connectionsOpened: 12,
    client: { name: 'undici', connectionPolicy: '' },
    routes: [],
    seconds: [],
    lifetime: { sent: 9001, answered: 9001 },
    errorSamples: [],
    histogram: histogram.toBase64(),
    serviceHistogram: histogram.toBase64(),
    ...more,
  }
}
