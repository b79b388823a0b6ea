import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { METRICS } from '../core/metrics.ts'
import { readRegularFile } from '../store/regular-file.ts'

/** How busy the event loops of a server were at one moment: the busiest and the latest of its workers. */
export interface EventLoopReading {
  readonly atMs: number
  /** 0 = idle, 1 = never idle; null where it was not recorded. */
  readonly utilization: number | null
  /** Longest delay of the last seconds, in seconds. */
  readonly delayS: number | null
}

/** Series files that are read at most: a run with more has too many moments for a plot anyway, and takes long to read. */
const MOST_FILES = 250

/**
 * The event loops of a run by trial, from the series that were recorded beside it (`series/*.om` or `*.om.gz`); empty
 * where there are none or too many. What cannot be read is left out: a plot less is no reason to have no report.
 */
export function readEventLoops(dir: string): ReadonlyMap<string, readonly EventLoopReading[]> {
  const folder = join(dir, 'series')
  const files = namesIn(folder).filter((name) => /\.om(?:\.gz)?$/.test(name))
  const trials = new Map<string, Map<number, Reading>>()
  if (files.length > MOST_FILES) return new Map()
  for (const name of files.sort()) {
    for (const sample of samplesOf(textOf(join(folder, name)))) {
      const readings = trials.get(sample.trial) ?? new Map<number, Reading>()
      trials.set(sample.trial, readings)
      const reading = readings.get(sample.atMs) ?? { atMs: sample.atMs, utilization: null, delayS: null }
      readings.set(sample.atMs, reading)
      reading[sample.what] = Math.max(reading[sample.what] ?? 0, sample.value)
    }
  }
  return new Map(
    [...trials].map(([trial, readings]) => [trial, [...readings.values()].sort((a, b) => a.atMs - b.atMs)]),
  )
}

type Reading = { -readonly [Key in keyof EventLoopReading]: EventLoopReading[Key] }

interface Sample {
  readonly what: 'utilization' | 'delayS'
  readonly trial: string
  readonly atMs: number
  readonly value: number
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function textOf(path: string): string {
  try {
    const bytes = readRegularFile(path) ?? Buffer.alloc(0)
    return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch {
    return ''
  }
}

/** The two metrics among all lines of a file; readings of one scrape have the same moment, to the tenth of a second. */
function* samplesOf(text: string): Generator<Sample> {
  const names = {
    [METRICS.eventLoopUtilization.name]: 'utilization',
    [METRICS.eventLoopDelayMax.name]: 'delayS',
  } as const
  const lines = new RegExp(`^(${Object.keys(names).join('|')})\\{([^}]*)\\} (\\S+) (\\d+(?:\\.\\d+)?)$`, 'gm')
  for (const [, name = '', labels = '', value, at] of text.matchAll(lines)) {
    const trial = /(?:^|,)trial="([^"]*)"/.exec(labels)?.[1]
    const what = names[name]
    if (trial === undefined || what === undefined || !Number.isFinite(Number(value))) continue
    yield { what, trial, atMs: Math.round(Number(at) * 10) * 100, value: Number(value) }
  }
}
