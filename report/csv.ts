import { boundsOf } from '../core/estimate.ts'
import { escapedValue } from '../core/plain-text.ts'
import type { Estimate, Result, Verdict } from '../core/records.ts'

/**
 * One row per model and workload, a column per figure, with the unit in its name: for spreadsheets and data frames.
 * Numbers are written as in result.json, with all their digits; empty fields were not measured or are not known (RFC 4180, CRLF).
 */
export function renderCsv(result: Result): string {
  const verdicts = new Map(
    result.verdicts.map((verdict) => [`${verdict.workload}\n${verdict.candidate}\n${verdict.metric}`, verdict]),
  )
  const rows = result.cells.map((cell) => {
    const verdict = (metric: Verdict['metric']): Verdict | undefined =>
      verdicts.get(`${cell.workload}\n${cell.model}\n${metric}`)
    const compared = (name: string, metric: Verdict['metric']): Row => ({
      ...bounds(`${name}_ratio`, '', verdict(metric)?.ratio ?? null),
      [`${name}_call`]: verdict(metric)?.call ?? null,
    })
    return {
      run: result.id,
      kind: result.kind,
      workload: cell.workload,
      model: cell.model,
      baseline: result.baseline,
      workers: cell.workers,
      blocks: cell.blocks,
      ...bounds('throughput', '_rps', cell.throughputRps),
      ...compared('throughput', 'throughput'),
      ...bounds('cpu', '_ms_per_request', cell.cpuMsPerRequest),
      ...compared('cpu', 'cpu-per-request'),
      latency_rate_per_s: cell.latencyMs?.ratePerS ?? null,
      latency_count: cell.latencyMs?.count ?? null,
      mean_ms: cell.latencyMs?.mean ?? null,
      p50_ms: cell.latencyMs?.p50 ?? null,
      p90_ms: cell.latencyMs?.p90 ?? null,
      p95_ms: cell.latencyMs?.p95 ?? null,
      p99_ms: cell.latencyMs?.p99 ?? null,
      p999_ms: cell.latencyMs?.p999 ?? null,
      max_ms: cell.latencyMs?.max ?? null,
      ...compared('p50', 'latency-p50'),
      ...compared('p95', 'latency-p95'),
      ...compared('p99', 'latency-p99'),
      efficiency_ratio: cell.efficiency,
      memory_bytes: cell.rssBytes,
      memory_kind: cell.memoryKind,
      start_s: cell.startS,
      generator_cores: cell.generatorCores,
      errors: cell.errors,
      timeouts: cell.timeouts,
      worker_shares: cell.workerShare.join(' '),
      connections: cell.connections ?? null,
      bottleneck: cell.bottleneck.limit,
      bottleneck_because: cell.bottleneck.because,
    } satisfies Row
  })
  const names = Object.keys(rows[0] ?? { run: null })
  return csvText([names, ...rows.map((row) => Object.values(row))])
}

/** Rows of fields as CSV (RFC 4180). */
export function csvText(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows.map((fields) => `${fields.map(csvField).join(',')}\r\n`).join('')
}

/**
 * A value as a CSV field. Text that a spreadsheet would run as a formula (`=`, `+`, `-`, `@` first) gets an apostrophe
 * in front, since model and workload names come from result files.
 */
export function csvField(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  return escapedValue(value, (plain) => {
    const text = /^\s*[=+\-@]/.test(plain) ? `'${plain}` : plain
    return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  })
}

type Row = Record<string, string | number | null>

function bounds(name: string, unit: string, estimate: Estimate | null): Row {
  const [low, high] = estimate === null ? [null, null] : boundsOf(estimate)
  return { [`${name}${unit}`]: estimate?.estimate ?? null, [`${name}${unit}_low`]: low, [`${name}${unit}_high`]: high }
}
