import { ForkwiseError, messageOf, ProblemList } from '../../../core/errors.ts'
import { quoted } from '../../../core/quotes.ts'
import { readTable, type TableRow } from '../../../core/separated-values.ts'
import type { UslPoint } from './usl-curve.ts'

/** What the counts of a scaling table are: workers, or requests in flight at a time. */
export type ScalingAxis = 'workers' | 'concurrency'

/** A throughput in one repetition. */
export interface OutsidePoint extends UslPoint {
  /** Repetition, from 1. */
  readonly block: number
}

/** One system of a table. */
export interface OutsideSeries {
  /** Its name in the table; null in a table of one system. */
  readonly name: string | null
  readonly points: readonly OutsidePoint[]
}

/** Throughput against workers or concurrency, as somebody else measured it. */
export interface OutsideData {
  readonly axis: ScalingAxis
  readonly series: readonly OutsideSeries[]
  /** Headings of columns that were not used. */
  readonly unused: readonly string[]
}

/** Most problems of rows that are told one by one. */
const MOST_PROBLEMS = 10

/** Largest worker count or concurrency. */
const MOST_COUNT = 1_000_000

const HEADINGS: readonly (readonly [role: Role, heading: RegExp])[] = [
  ['workers', /^(n|workers?|process(es)?|procs|instances?|threads?|cores?|cpus?|nodes?|servers?|replicas?|pods?)$/],
  ['concurrency', /^(c|concurrency|(virtual )?users?|vus|clients?|connections?|in flight)$/],
  [
    'throughput',
    /^(x|throughput|tput|[rtqo]ps|(requests?|reqs?|transactions?|queries|ops)( per)? (s|secs?|seconds?))$/,
  ],
  ['perMinute', /^((throughput|requests?|reqs?|transactions?|queries)( per)? (min|minutes?)|[rtqo]pm)$/],
  ['block', /^(block|run|rep|repetition|repeat|trial|iteration|round)$/],
  ['name', /^(name|model|system|server|series|variant|label)$/],
]

type Role = 'workers' | 'concurrency' | 'throughput' | 'perMinute' | 'block' | 'name'

interface Columns {
  readonly axis: ScalingAxis
  readonly count: number
  /** One for each repetition, in a table that has them beside each other. */
  readonly throughputs: readonly { readonly index: number; readonly perMinute: boolean }[]
  readonly block: number | null
  readonly name: number | null
  readonly unused: readonly string[]
}

/**
 * Reads a table of throughput against worker counts or concurrency: separated by commas, semicolons (with decimal
 * commas), tabs, bars or spaces; with headings, or two columns or more without. Repetitions are rows, numbered by a column
 * or by their order, or columns beside each other. Throws USAGE with all that is wrong, by line.
 */
export function readOutsideData(text: string, file: string): OutsideData {
  const { rows, separator } = tableIn(text, file)
  const [first] = rows
  if (first === undefined) throw invalid(`Expected a table in ${file}, got no row.`)
  const decimalComma = separator === ';' || separator === '\t'
  const headed = first.cells.every((cell) => Number.isNaN(numberIn(cell, decimalComma)))
  const data = headed ? rows.slice(1) : rows
  const columns = headed ? columnsByHeading(first.cells, data, file) : columnsByPlace(first.cells, file)
  const problems = new ProblemList()
  const series = new Map<string, SeriesReading>()
  for (const row of data) {
    const name = columns.name === null ? '' : (row.cells[columns.name] ?? '')
    const reading = series.get(name) ?? new SeriesReading(columns, decimalComma, `${file}: line`)
    series.set(name, reading)
    reading.read(row, problems)
  }
  throwAll(problems)
  const found = [...series].map(([name, { points }]) => ({ name: columns.name === null ? null : name, points }))
  const filled = found.filter(({ points }) => points.length > 0)
  if (filled.length === 0) throw invalid(`Expected rows with a throughput in ${file}, got none.`)
  return { axis: columns.axis, series: filled, unused: columns.unused }
}

class SeriesReading {
  readonly points: OutsidePoint[] = []
  readonly #columns: Columns
  readonly #decimalComma: boolean
  readonly #where: string
  /** The line of each count in each repetition. */
  readonly #lines = new Map<string, number>()
  /** Numbers of the repetitions that have a name. */
  readonly #named = new Map<string, number>()
  /** How often each count came. */
  readonly #times = new Map<number, number>()

  constructor(columns: Columns, decimalComma: boolean, where: string) {
    this.#columns = columns
    this.#decimalComma = decimalComma
    this.#where = where
  }

  /** Adds the throughputs of a row; an empty cell is a repetition that there was not. */
  read({ line, cells }: TableRow, problems: ProblemList): void {
    const { axis, count, throughputs, block } = this.#columns
    const where = `${this.#where} ${line}`
    const workers = numberIn(cells[count] ?? '', this.#decimalComma)
    if (!Number.isInteger(workers) || workers < 1 || workers > MOST_COUNT) {
      const what = axis === 'workers' ? 'a number of workers' : 'a concurrency'
      problems.add(`Expected ${what} from 1 to ${MOST_COUNT}, got ${quoted(cells[count] ?? '')} (${where}).`)
      return
    }
    const repetition = block === null ? null : (cells[block] ?? '')
    for (const { index, perMinute } of throughputs) {
      const cell = cells[index] ?? ''
      if (cell === '' && throughputs.length > 1) continue
      const value = numberIn(cell, this.#decimalComma)
      if (!(value > 0 && Number.isFinite(value))) {
        problems.add(
          `Expected a throughput above 0, got ${quoted(cell)} (${where}).`,
          value === 0
            ? 'A run without any answer is no throughput: leave the row out, or measure it again.'
            : 'Write it as a plain number, like 1234.5.',
        )
        continue
      }
      this.#add(workers, perMinute ? value / 60 : value, repetition, { line, where }, problems)
    }
  }

  #add(
    workers: number,
    throughputPerS: number,
    repetition: string | null,
    { line, where }: { readonly line: number; readonly where: string },
    problems: ProblemList,
  ): void {
    if (repetition === null) {
      const block = (this.#times.get(workers) ?? 0) + 1
      this.#times.set(workers, block)
      this.points.push({ workers, throughputPerS, block })
      return
    }
    const key = `${workers} ${repetition}`
    const before = this.#lines.get(key)
    if (before !== undefined) {
      problems.add(
        `Expected each count once in a repetition, got ${workers} twice in ${quoted(repetition)} (${where}; before: line ${before}).`,
      )
      return
    }
    this.#lines.set(key, line)
    const block = this.#named.get(repetition) ?? this.#named.size + 1
    this.#named.set(repetition, block)
    this.points.push({ workers, throughputPerS, block })
  }
}

function tableIn(text: string, file: string): ReturnType<typeof readTable> {
  try {
    return readTable(text, { isHandMade: true })
  } catch (thrown) {
    throw invalid(`Expected ${file} to be a table of comma-separated values, got: ${messageOf(thrown)}`)
  }
}

function columnsByHeading(headings: readonly string[], rows: readonly TableRow[], file: string): Columns {
  const roles = headings.map(roleOf)
  const at = (...wanted: Role[]): number[] =>
    roles.flatMap((role, index) => (role !== null && wanted.includes(role) ? [index] : []))
  const counts = at('workers', 'concurrency')
  const varied = counts.filter((index) => new Set(rows.map(({ cells }) => cells[index])).size > 1)
  const [count = counts[0]] = varied
  const throughputs = at('throughput', 'perMinute')
  const problems = new ProblemList()
  const got = `got ${headings.map((heading) => quoted(heading)).join(', ')}`
  if (count === undefined) {
    problems.add(
      `Expected a column of worker counts or of concurrency in ${file}, ${got}.`,
      'Call it workers, processes, threads, instances, concurrency, users, clients or connections.',
    )
  }
  if (throughputs.length === 0) {
    problems.add(
      `Expected a column of throughputs in ${file}, ${got}.`,
      'Call it throughput, requests/s, rps, tps, qps, or throughput/min.',
    )
  }
  if (varied.length > 1) {
    const names = varied.map((index) => quoted(headings[index])).join(' and ')
    problems.add(
      `Expected one count to differ from row to row in ${file}, got ${names}.`,
      'Leave the other column out.',
    )
  }
  throwAll(problems)
  const [block = null] = at('block')
  const [name = null] = at('name')
  const used = new Set([count, ...throughputs, block, name])
  return {
    axis: roles[count ?? 0] === 'concurrency' ? 'concurrency' : 'workers',
    count: count ?? 0,
    throughputs: throughputs.map((index) => ({ index, perMinute: roles[index] === 'perMinute' })),
    block,
    name,
    unused: headings.filter((_, index) => !used.has(index)),
  }
}

function columnsByPlace(cells: readonly string[], file: string): Columns {
  if (cells.length < 2) {
    throw invalid(
      `Expected two columns or more in ${file}, workers and throughput, got one: ${quoted(cells[0] ?? '')}.`,
      'Write a line for each measurement, like `4,812.5`.',
    )
  }
  const throughputs = cells.slice(1).map((_, index) => ({ index: index + 1, perMinute: false }))
  return { axis: 'workers', count: 0, throughputs, block: null, name: null, unused: [] }
}

/** What a heading stands for: units in brackets, numbers at its end (`throughput_3`) and signs between words say nothing. */
function roleOf(heading: string): Role | null {
  const words = heading
    .toLowerCase()
    .replaceAll(/[[(]\s*(?:req(?:uest)?s?|1)?\s*\/?\s*(?:s|sec|second)\s*[\])]/g, '')
    .replaceAll(/[^a-z0-9]+/g, ' ')
    .replace(/ ?\d+$/, '')
    .trim()
  return HEADINGS.find(([, pattern]) => pattern.test(words))?.[0] ?? null
}

function numberIn(cell: string, decimalComma: boolean): number {
  const text = decimalComma && !cell.includes('.') ? cell.replace(',', '.') : cell
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
}

function throwAll(problems: ProblemList): void {
  if (problems.length <= MOST_PROBLEMS) return problems.throwIfAny('USAGE')
  try {
    problems.throwIfAny('USAGE')
  } catch (thrown) {
    if (!(thrown instanceof ForkwiseError)) throw thrown
    const more = { message: `And ${problems.length - MOST_PROBLEMS} more rows like these.` }
    throw new ForkwiseError('USAGE', [...thrown.problems.slice(0, MOST_PROBLEMS), more])
  }
}

function invalid(
  message: string,
  hint = 'Expected are columns like: workers,throughput or concurrency;requests/s;run.',
): ForkwiseError {
  return new ForkwiseError('USAGE', { message, hint })
}
