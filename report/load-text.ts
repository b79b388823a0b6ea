import type { LatencySummary, LoadRecord, NetworkRecord } from '../core/load.ts'
import { plainText } from '../core/plain-text.ts'
import { formatCount, formatDuration, formatRate, significant } from '../core/quantities.ts'
import { resolvesQuantile } from '../core/resolved-quantiles.ts'
import { alignedTable } from './table.ts'
import type { TextStyle } from './text.ts'

const QUANTILES = [
  { title: 'p50', of: (summary: LatencySummary) => summary.p50, above: 0.5 },
  { title: 'p90', of: (summary: LatencySummary) => summary.p90, above: 0.1 },
  { title: 'p95', of: (summary: LatencySummary) => summary.p95, above: 0.05 },
  { title: 'p99', of: (summary: LatencySummary) => summary.p99, above: 0.01 },
  { title: 'p99.9', of: (summary: LatencySummary) => summary.p999, above: 0.001 },
] as const

/** The result of a load for people: what was done, the ledger, the latencies, and what to doubt, in sentences. */
export function loadText(url: string, record: LoadRecord, doubts: readonly string[], style: TextStyle): string {
  const head = [style('strong', url), `${describeLoad(record)}, ${describeGenerator(record)}`, ...agentLines(record)]
  const notes = doubts.map((doubt) => style('warn', `! ${doubt}`))
  const errors = record.errorSamples.map(({ message, count }) => style('bad', `  ${formatCount(count)} × ${message}`))
  return [
    ...head,
    '',
    ...ledgerLines(record, style),
    ...errors,
    '',
    ...latencyLines(record, style),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ].join('\n')
}

function describeLoad({ load, countedS }: LoadRecord): string {
  const took = formatDuration(countedS)
  return load.kind === 'closed'
    ? `closed loop, ${formatCount(load.connections)} connections for ${took}`
    : `open loop, ${formatRate(load.ratePerS)} ${load.arrivals === 'poisson' ? 'Poisson' : 'evenly spaced'} for ${took}, seed ${load.seed}`
}

function describeGenerator({ generator, client, connectionsOpened, retried }: LoadRecord): string {
  const processes = generator.processes === 1 ? 'one process' : `${generator.processes} processes`
  const priority = generator.priority === 'real-time' ? ', real-time priority' : ''
  return `sent by ${client?.name ?? 'the generator'} from ${processes} (${significant(generator.cpuCores)} cores${priority}), ${formatCount(connectionsOpened)} connections opened${retried === undefined ? '' : `, ${formatCount(retried)} retries`}`
}

function agentLines({ agents }: LoadRecord): string[] {
  if (agents === undefined) return []
  const all = agents.agents.map(
    ({ address, host, cores, sent, network }) =>
      `  ${address} (${plainText(host)}, ${cores} core${cores === 1 ? '' : 's'}) sent ${formatCount(sent)}${networkText(network)}`,
  )
  const together =
    agents.agents.length === 1
      ? []
      : [`  began ${milliseconds(agents.startSkewMs)} apart, at most ${milliseconds(agents.startSkewBoundMs)}`]
  return ['agents:', ...all, ...together]
}

function networkText(network: NetworkRecord | null): string {
  if (network === null) return ''
  return `, round trip ${milliseconds(network.roundTripMs)} ± ${milliseconds(network.jitterMs / 2)}`
}

function milliseconds(ms: number): string {
  return `${significant(ms)} ms`
}

function ledgerLines(record: LoadRecord, style: TextStyle): string[] {
  const { load } = record
  const started = load.kind === 'open' ? `${formatCount(record.scheduled)} scheduled, ` : ''
  const parts: readonly (readonly [number, string])[] = [
    [record.non2xx, 'other status'],
    [record.timeouts, `no answer within ${formatDuration(load.timeoutS)}`],
    [record.connectionErrors, 'connection errors'],
    [record.inFlightAtEnd, 'in flight at the end'],
    [record.unsent, 'never sent'],
  ]
  const shown = parts
    .filter(([count]) => count > 0)
    .map(([count, what]) => style(what === 'in flight at the end' ? 'faint' : 'bad', `${formatCount(count)} ${what}`))
  const ok = style(record.ok > 0 ? 'good' : 'bad', `${formatCount(record.ok)} ok`)
  return [
    `requests   ${started}${formatCount(record.sent)} sent: ${[ok, ...shown].join(', ')}`,
    `rate       ${style('strong', formatRate(record.achievedRatePerS))} answered as expected`,
  ]
}

function latencyLines(record: LoadRecord, style: TextStyle): string[] {
  const header = ['ms', 'mean', ...QUANTILES.map(({ title }) => title), 'max']
  const rows: (readonly string[])[] = [['latency', ...cellsOf(record.latencyMs)]]
  const local = record.agents?.latencyWithoutNetworkMs ?? null
  if (local !== null) rows.push(['without network', ...cellsOf(local)])
  if (record.load.kind === 'open') rows.push(['service', ...cellsOf(record.serviceTimeMs)])
  if (record.latenessMs !== null) {
    const { p50, p99, max } = record.latenessMs
    rows.push(['lateness', '', significant(p50), '', '', significant(p99), '', significant(max)])
  }
  if (record.routes.length > 1) {
    rows.push(...record.routes.map(({ route, latencyMs }) => [route, ...cellsOf(latencyMs)]))
  }
  const [head = '', ...lines] = alignedTable([header, ...rows], { gap: 3 })
  const meaning =
    record.load.kind === 'open'
      ? 'latency: from the intended start; service: from the send; lateness: the send after the intended start'
      : 'latency: from the send to the end of the answer, by connections that wait for it'
  return [style('faint', head), ...lines, style('faint', meaning)]
}

function cellsOf(summary: LatencySummary): string[] {
  const cell = (value: number | null, above: number): string =>
    value === null || (above < 1 && !resolvesQuantile(summary.count, above)) ? '–' : significant(value)
  return [cell(summary.mean, 1), ...QUANTILES.map(({ of, above }) => cell(of(summary), above)), cell(summary.max, 1)]
}
