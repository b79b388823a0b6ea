import { boundsOf } from '../core/estimate.ts'
import { escapedValue } from '../core/plain-text.ts'
import type { Estimate, Manifest, Result, ResultCell } from '../core/records.ts'

/**
 * The result as OpenMetrics text, stamped with the start of the run, so that results of many runs can be kept in a
 * Prometheus (`promtool tsdb create-blocks-from openmetrics`). Base units; bounds of intervals have names of their own.
 */
export function renderOpenMetrics(result: Result, manifest: Manifest): string {
  const atS = (Date.parse(manifest.createdAt) / 1000).toFixed(3)
  const families = FAMILIES.map((family) => {
    const samples = result.cells.flatMap((cell) => {
      const identity = { run_id: result.id, model: cell.model, workload: cell.workload }
      return family.samples(cell).map(({ suffix = '', labels = {}, value }) => {
        const all = Object.entries({ ...identity, ...labels }).map(([key, text]) => `${key}="${escapeLabel(text)}"`)
        return `${family.name}${suffix}{${all.join(',')}} ${value} ${atS}\n`
      })
    })
    if (samples.length === 0) return ''
    const unit = family.unit === undefined ? '' : `# UNIT ${family.name} ${family.unit}\n`
    return `# TYPE ${family.name} ${family.type ?? 'gauge'}\n${unit}# HELP ${family.name} ${family.help}\n${samples.join('')}`
  })
  return `${families.join('')}# EOF\n`
}

interface Sample {
  readonly suffix?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

interface Family {
  readonly name: string
  readonly type?: 'gauge' | 'summary'
  readonly unit?: 'seconds' | 'bytes' | 'ratio'
  readonly help: string
  samples(cell: ResultCell): Sample[]
}

const FAMILIES: readonly Family[] = [
  ...estimated('forkwise_throughput_rps', 'Answers per second at saturation', (cell) => cell.throughputRps),
  ...estimated(
    'forkwise_cpu_per_request_seconds',
    'CPU time of all units per answer',
    (cell) => inSeconds(cell.cpuMsPerRequest),
    'seconds',
  ),
  {
    name: 'forkwise_latency_seconds',
    type: 'summary',
    unit: 'seconds',
    help: 'Latency from the intended start, open loop, at the rate common to all models.',
    samples: ({ latencyMs }) =>
      latencyMs === null
        ? []
        : [
            ...(
              [
                ['0.5', latencyMs.p50],
                ['0.9', latencyMs.p90],
                ['0.95', latencyMs.p95],
                ['0.99', latencyMs.p99],
                ['0.999', latencyMs.p999],
              ] as const
            ).flatMap(([quantile, ms]) => (ms === null ? [] : [{ labels: { quantile }, value: ms / 1000 }])),
            { suffix: '_count', value: latencyMs.count },
          ],
  },
  single(
    'forkwise_latency_rate_rps',
    'Rate at which latencies were measured.',
    (cell) => cell.latencyMs?.ratePerS ?? null,
  ),
  single(
    'forkwise_memory_bytes',
    'Memory of all units: PSS where readable, else RSS.',
    (cell) => cell.rssBytes,
    'bytes',
  ),
  single(
    'forkwise_efficiency_ratio',
    'Throughput over that of the bare function on as many cores.',
    (cell) => cell.efficiency,
    'ratio',
  ),
  single(
    'forkwise_start_seconds',
    'From the first spawn to the readiness of the last worker.',
    (cell) => cell.startS,
    'seconds',
  ),
  single('forkwise_errors', 'Requests that failed.', (cell) => cell.errors),
  single('forkwise_timeouts', 'Requests that timed out.', (cell) => cell.timeouts),
  {
    name: 'forkwise_worker_share_ratio',
    unit: 'ratio',
    help: 'Share of the requests of each worker, the busiest first.',
    samples: (cell) => cell.workerShare.map((value, index) => ({ labels: { worker: String(index + 1) }, value })),
  },
]

function single(name: string, help: string, value: (cell: ResultCell) => number | null, unit?: Family['unit']): Family {
  return {
    name,
    help,
    ...(unit === undefined ? {} : { unit }),
    samples: (cell) => {
      const found = value(cell)
      return found === null ? [] : [{ value: found }]
    },
  }
}

/** A gauge each for the estimate and its bounds; the unit stays the last word of the name, as OpenMetrics wants it. */
function estimated(
  name: string,
  help: string,
  estimate: (cell: ResultCell) => Estimate | null,
  unit?: Family['unit'],
): Family[] {
  const stem = unit === undefined ? name : name.slice(0, -unit.length - 1)
  const end = unit === undefined ? '' : `_${unit}`
  return [
    single(name, `${help}.`, (cell) => estimate(cell)?.estimate ?? null, unit),
    single(`${stem}_low${end}`, `${help}, lower bound.`, (cell) => edge(estimate(cell), 0), unit),
    single(`${stem}_high${end}`, `${help}, upper bound.`, (cell) => edge(estimate(cell), 1), unit),
  ]
}

/** A bound; null where nothing bounds the estimate. */
function edge(estimate: Estimate | null, side: 0 | 1): number | null {
  return estimate === null ? null : boundsOf(estimate)[side]
}

function inSeconds(ms: Estimate | null): Estimate | null {
  return ms === null ? null : { estimate: ms.estimate / 1000, low: ms.low / 1000, high: ms.high / 1000 }
}

function escapeLabel(text: string): string {
  return escapedValue(text, (plain) => plain.replaceAll('\\', '\\\\').replaceAll('"', '\\"'))
}
