import { fitExponential } from '../../core/arrivals.ts'
import { LatencyHistogram } from '../../core/histogram.ts'
import type { Load, LoadRecord, LoadSecond, RouteRecord } from '../../core/load.ts'
import type { GeneratorPart, LedgerCounts } from '../generator-protocol.ts'

/** Fewer gaps than this say little about a distribution. */
const LEAST_GAPS = 50
/** Distinct errors that a record names. */
const ERROR_SAMPLES = 5

/**
 * The load record of one or several generator processes: counts and histograms are added, which loses nothing; the
 * counted part is as long as the longest; CPU adds up and the busiest event loop counts.
 */
export function mergeParts(load: Load, parts: readonly GeneratorPart[]): LoadRecord {
  const [first] = parts
  if (first === undefined) throw new Error('Expected at least one part to merge.')
  const ledger = sumLedgers(parts)
  const latency = mergeHistograms(parts.map((part) => part.latency))
  const service = load.kind === 'closed' ? latency : mergeHistograms(parts.map((part) => part.service))
  const countedS = Math.max(...parts.map((part) => part.countedS))
  const latencyText = latency.toBase64()
  return {
    schema: 'forkwise/load@1',
    load,
    countedS,
    warmup: warmupOf(parts),
    ...ledger,
    answered: ledger.ok + ledger.non2xx,
    achievedRatePerS: countedS === 0 ? 0 : ledger.ok / countedS,
    latencyMs: latency.summaryMs(),
    serviceTimeMs: service.summaryMs(),
    latenessMs: latenessOf(parts),
    meanInFlight: meanInFlightOf(parts, countedS),
    arrivalFit: load.kind === 'open' && load.arrivals === 'poisson' ? arrivalFitOf(parts) : null,
    generator: {
      cpuCores: sum(parts, (part) => part.cpuCores),
      eventLoopUtilization: Math.max(...parts.map((part) => part.eventLoopUtilization)),
      processes: parts.length,
      priority: parts.every(({ realTime }) => realTime) ? 'real-time' : 'ordinary',
    },
    bytesReceived: sum(parts, (part) => part.bytesReceived),
    connectionsOpened: sum(parts, (part) => part.connectionsOpened),
    ...(first.retried === undefined ? {} : { retried: sum(parts, (part) => part.retried ?? 0) }),
    client: first.client,
    routes: mergeRoutes(parts),
    seconds: mergeSeconds(parts),
    lifetime: {
      sent: sum(parts, (part) => part.lifetime.sent),
      answered: sum(parts, (part) => part.lifetime.answered),
    },
    errorSamples: mergeErrors(parts),
    histogram: latencyText,
    serviceHistogram: service === latency ? latencyText : service.toBase64(),
  }
}

/** Null where one of the processes had none. */
function warmupOf(parts: readonly GeneratorPart[]): LoadRecord['warmup'] {
  const warmups = parts.flatMap(({ warmup }) => (warmup === null ? [] : [warmup]))
  if (warmups.length < parts.length) return null
  return {
    tookS: Math.max(...warmups.map(({ tookS }) => tookS)),
    answered: sum(warmups, ({ answered }) => answered),
    steady: warmups.every(({ steady }) => steady),
  }
}

function sumLedgers(parts: readonly GeneratorPart[]): LedgerCounts {
  const of = (key: keyof LedgerCounts): number => sum(parts, (part) => part.ledger[key])
  return {
    scheduled: of('scheduled'),
    sent: of('sent'),
    ok: of('ok'),
    non2xx: of('non2xx'),
    timeouts: of('timeouts'),
    connectionErrors: of('connectionErrors'),
    unsent: of('unsent'),
    inFlightAtEnd: of('inFlightAtEnd'),
  }
}

function latenessOf(parts: readonly GeneratorPart[]): LoadRecord['latenessMs'] {
  const texts = parts.flatMap(({ lateness }) => (lateness === null ? [] : [lateness]))
  if (texts.length === 0) return null
  const { p50, p99, max } = mergeHistograms(texts).summaryMs()
  return { p50: p50 ?? 0, p99: p99 ?? 0, max: max ?? 0 }
}

/** Null where requests were left in flight, whose time is not known. */
function meanInFlightOf(parts: readonly GeneratorPart[], countedS: number): number | null {
  const sums = parts.flatMap(({ inFlightMs }) => (inFlightMs === null ? [] : [inFlightMs]))
  if (sums.length < parts.length || countedS === 0) return null
  return sum(sums, (value) => value) / 1000 / countedS
}

/** The gaps between the watched arrivals of all processes, as planned and as sent. */
function arrivalFitOf(parts: readonly GeneratorPart[]): Exclude<LoadRecord['arrivalFit'], undefined> {
  const gapsOf = (instants: readonly number[]): number[] => {
    const sorted = Float64Array.from(instants).sort()
    return Array.from(sorted.subarray(1), (instant, i) => instant - (sorted[i] ?? 0))
  }
  const planned = gapsOf(parts.flatMap(({ arrivals }) => arrivals?.plannedMs ?? []))
  const sent = gapsOf(parts.flatMap(({ arrivals }) => arrivals?.sentMs ?? []))
  if (sent.length < LEAST_GAPS) return null
  return { gaps: sent.length, planned: fitExponential(planned).statistic, sent: fitExponential(sent).statistic }
}

function mergeRoutes(parts: readonly GeneratorPart[]): RouteRecord[] {
  const names = [...new Set(parts.flatMap((part) => part.routes.map(({ route }) => route)))]
  return names.map((route) => {
    const same = parts.flatMap((part) => part.routes.filter((candidate) => candidate.route === route))
    const histogram = mergeHistograms(same.map((part) => part.histogram))
    return {
      route,
      ok: sum(same, ({ ok }) => ok),
      failed: sum(same, ({ failed }) => failed),
      latencyMs: histogram.summaryMs(),
      histogram: histogram.toBase64(),
    }
  })
}

function mergeSeconds(parts: readonly GeneratorPart[]): LoadSecond[] {
  const count = Math.max(...parts.map((part) => part.seconds.length))
  return Array.from({ length: count }, (_, atS) => {
    const same = parts.flatMap((part) => part.seconds.filter((second) => second.atS === atS))
    const histogram = new LatencyHistogram()
    for (const second of same) for (const [us, times] of second.latencies) histogram.record(us, times)
    const { p50, p99 } = histogram.summaryMs()
    return {
      atS,
      sent: sum(same, ({ sent }) => sent),
      ok: sum(same, ({ ok }) => ok),
      failed: sum(same, ({ failed }) => failed),
      p50Ms: p50,
      p99Ms: p99,
    }
  })
}

function mergeErrors(parts: readonly GeneratorPart[]): LoadRecord['errorSamples'] {
  const counts = new Map<string, number>()
  for (const { errors } of parts) {
    for (const { message, count } of errors) counts.set(message, (counts.get(message) ?? 0) + count)
  }
  return [...counts]
    .map(([message, count]) => ({ message, count }))
    .sort((a, b) => b.count - a.count)
    .slice(0, ERROR_SAMPLES)
}

function mergeHistograms(texts: readonly string[]): LatencyHistogram {
  return LatencyHistogram.merged(texts.map((text) => LatencyHistogram.fromBase64(text)))
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0)
}
