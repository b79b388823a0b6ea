import type { MetricSpec } from './metrics.ts'

/** Label names with their values. */
export type Labels = Readonly<Record<string, string>>

/** One value of one series at one instant. */
export interface Sample {
  readonly name: string
  readonly labels: Labels
  readonly value: number
  /** Milliseconds since the epoch, where the text says so. */
  readonly atMs?: number
}

/** A number to expose for a counter or gauge of the catalogue. */
export interface MetricValue {
  readonly spec: MetricSpec
  readonly labels?: Labels
  readonly value: number
}

/** A distribution to expose for a histogram of the catalogue. */
export interface HistogramValue {
  readonly spec: MetricSpec
  readonly labels?: Labels
  /** Counts per bucket (not cumulative): one for each bound of the metric, then one for what lies above the last. */
  readonly counts: readonly number[]
  /** Sum of all observations, in the metric's unit. */
  readonly sum: number
}

/** Content type of the Prometheus text format. */
export const EXPOSITION_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

const SAMPLE_LINE =
  /^([a-zA-Z_:][\w:]*)(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?[ \t]+([^ \t]+)(?:[ \t]+([-+.\deE]+))?[ \t]*(?:#.*)?$/
const LABEL = /([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"/g

/** Reads the samples of a text in the Prometheus or OpenMetrics format; throws a SyntaxError that quotes the bad line. */
export function parseExposition(text: string): Sample[] {
  const samples: Sample[] = []
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    samples.push(parseSample(line))
  }
  return samples
}

/** Reads one line that holds a sample; throws a SyntaxError that quotes it. Timestamps are taken as seconds. */
export function parseSample(line: string): Sample {
  const match = SAMPLE_LINE.exec(line)
  const value = match?.[3] === undefined ? Number.NaN : parseNumber(match[3])
  if (match?.[1] === undefined || value === null) {
    throw new SyntaxError(`Expected a line like \`name{label="value"} 1\`, got \`${line.slice(0, 120)}\`.`)
  }
  const labels: Record<string, string> = {}
  for (const [, name = '', raw = ''] of (match[2] ?? '').matchAll(LABEL)) labels[name] = unescapeLabel(raw)
  return {
    name: match[1],
    labels,
    value,
    ...(match[4] === undefined ? {} : { atMs: Math.round(Number(match[4]) * 1000) }),
  }
}

/** Labels as they stand after a metric's name, braces included; empty for none. */
export function renderLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

/** A number in the text format, infinities and NaN included. */
export function renderNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}

function parseNumber(text: string): number | null {
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY
  if (text === '-Inf') return Number.NEGATIVE_INFINITY
  if (text === 'NaN') return Number.NaN
  const value = Number(text)
  return Number.isNaN(value) ? null : value
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function unescapeLabel(raw: string): string {
  return raw.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))
}
