import { createReadStream, createWriteStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { type Labels, renderLabels, renderNumber } from '../../core/exposition.ts'
import { METRICS } from '../../core/metrics.ts'
import type { ObservedLaunch } from './observation.ts'

/** Ends every complete OpenMetrics text. */
const EOF_LINE = '# EOF'

/**
 * A file of series in the OpenMetrics format, written reading by reading. While it grows it is plain text, so that a
 * run that dies keeps what it has; once finished it is compressed (`.om.gz`).
 */
export class SeriesFile {
  readonly #path: string
  readonly #file: FileHandle
  readonly #described = new Set<string>()
  #writing: Promise<void> = Promise.resolve()
  #failed = false

  private constructor(path: string, file: FileHandle) {
    this.#path = path
    this.#file = file
  }

  /** Makes the file `<dir>/<name>.om`; rejects when it cannot be written. */
  static async create(dir: string, name: string): Promise<SeriesFile> {
    const path = join(dir, `${name}.om`)
    return new SeriesFile(path, await open(path, 'w'))
  }

  /** Adds text made by {@link stampReading}; rejects when the disk is full, and does nothing from then on. */
  append(reading: StampedReading): Promise<void> {
    const news = reading.descriptions.filter((line) => !this.#described.has(line))
    for (const line of news) this.#described.add(line)
    const text = [...news, ...reading.samples].map((line) => `${line}\n`).join('')
    const written = this.#writing.then(() => this.#write(text))
    this.#writing = written.catch(() => undefined)
    return written
  }

  /** Completes the file and compresses it; rejects when the disk is full, leaving the plain text. */
  async finish(): Promise<void> {
    try {
      await this.#writing
      await this.#write(`${EOF_LINE}\n`)
    } finally {
      await this.#file.close()
    }
    if (this.#failed) return
    const packed = `${this.#path}.gz`
    await pipeline(createReadStream(this.#path), createGzip({ level: 4 }), createWriteStream(`${packed}.tmp`))
    await rename(`${packed}.tmp`, packed)
    await unlink(this.#path)
  }

  async #write(text: string): Promise<void> {
    if (this.#failed) return
    try {
      await this.#file.writeFile(text)
    } catch (thrown) {
      this.#failed = true
      throw thrown
    }
  }
}

/** A series with its name among the labels, as Prometheus gives it. */
export interface StoredSeries {
  readonly labels: Labels
  readonly points: readonly (readonly [atMs: number, value: number])[]
}

/** One reading of one target, ready to be kept. */
export interface StampedReading {
  /** HELP and TYPE lines. */
  readonly descriptions: readonly string[]
  /** Sample lines with identity labels and time. */
  readonly samples: readonly string[]
}

/**
 * Turns the text a target gave into OpenMetrics lines: identity labels and the time of the reading on every sample, a
 * counter's family without `_total`. Lines are rewritten, not parsed, since this runs beside a measurement.
 */
export function stampReading(text: string, labels: Labels, atMs: number): StampedReading {
  const identity = renderLabels(labels).slice(1, -1)
  const atS = (atMs / 1000).toFixed(3)
  const descriptions: string[] = []
  const samples: string[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) {
      const description = openMetricsDescription(line)
      if (description !== null) descriptions.push(description)
    } else if (line !== '') {
      samples.push(stampLine(line, identity, atS))
    }
  }
  return { descriptions, samples }
}

/** Series that were stored elsewhere, ready to be kept: instant by instant, each metric of the catalogue described. */
export function stampSeries(series: readonly StoredSeries[]): StampedReading {
  const lines = series.flatMap(({ labels, points }) => {
    const { __name__: name = '', ...own } = labels
    const head = `${name}${renderLabels(own)}`
    return points.map(([atMs, value]) => ({ atMs, line: `${head} ${renderNumber(value)} ${(atMs / 1000).toFixed(3)}` }))
  })
  const names = new Set(series.map(({ labels }) => labels['__name__']))
  const descriptions = Object.values(METRICS)
    .filter(({ name }) => ['', '_count'].some((suffix) => names.has(`${name}${suffix}`)))
    .flatMap(({ name, help, kind }) => [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`])
    .flatMap((line) => openMetricsDescription(line) ?? [])
  return { descriptions, samples: lines.sort((a, b) => a.atMs - b.atMs).map(({ line }) => line) }
}

/** Name for the file of a launch: after those that the folder holds already, so that names are in order of time. */
export async function nextSeriesName(dir: string, launch: ObservedLaunch): Promise<string> {
  await mkdir(dir, { recursive: true })
  const numbers = (await readdir(dir)).map((name) => Number.parseInt(name, 10)).filter(Number.isFinite)
  const number = Math.max(0, ...numbers) + 1
  return `${String(number).padStart(4, '0')}-${launch.trial ?? launch.model}`
}

/** Every line of all series files of a folder, oldest file first, torn last lines left out, one `# EOF` at the end. */
export async function* readSeriesLines(dir: string): AsyncGenerator<string> {
  const found = new Set(await readdir(dir))
  const names = [...found].filter(
    (name) => name.endsWith('.om') || (name.endsWith('.om.gz') && !found.has(plain(name))),
  )
  const described = new Set<string>()
  for (const name of names.sort()) {
    let held: string | null = null
    for await (const line of linesOf(join(dir, name))) {
      if (held !== null) yield held
      held = null
      if (line.startsWith('#')) {
        if (line === EOF_LINE || described.has(line)) continue
        described.add(line)
      }
      held = line
    }
    // A run that was killed may have left half a line; a complete file ends with `# EOF`, which is not held.
    if (held !== null && isComplete(held)) yield held
  }
  yield EOF_LINE
}

function plain(packedName: string): string {
  return packedName.slice(0, -'.gz'.length)
}

function isComplete(line: string): boolean {
  return /[} ][^ ]+ \d+\.\d{3}$/.test(line)
}

function linesOf(path: string): AsyncIterable<string> {
  const file = createReadStream(path)
  const text: Readable = path.endsWith('.gz') ? file.pipe(createGunzip()) : file
  return createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })
}

function openMetricsDescription(line: string): string | null {
  const [, keyword, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
  if (keyword === undefined || name === undefined || rest === undefined) return null
  const family = name.endsWith('_total') ? name.slice(0, -'_total'.length) : name
  return `# ${keyword} ${family} ${keyword === 'TYPE' && rest === 'untyped' ? 'unknown' : rest}`
}

function stampLine(line: string, identity: string, atS: string): string {
  const open = line.indexOf('{')
  if (open !== -1) {
    const separator = line[open + 1] === '}' ? '' : ','
    return `${line.slice(0, open + 1)}${identity}${separator}${line.slice(open + 1)} ${atS}`
  }
  const space = line.indexOf(' ')
  return `${line.slice(0, space)}{${identity}}${line.slice(space)} ${atS}`
}
