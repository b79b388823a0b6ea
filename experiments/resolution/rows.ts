import { basename } from 'node:path'
import { messageOf, type ProblemList } from '../../core/errors.ts'
import type { WorkloadRequest } from '../../core/load.ts'
import { placeholdersOf, type PlaceholderValues, withValues } from '../../core/placeholders.ts'
import { quoted } from '../../core/quotes.ts'
import { readTable, type TableRow } from '../../core/separated-values.ts'
import { readText } from './text-file.ts'

/** Most rows of a table: each is a request that every connection of a closed loop keeps ready. */
const MOST_ROWS = 1000

/** Most lines that are told one by one. */
const MOST_PROBLEMS = 10

/** A table of values for requests. */
export interface RowTable {
  readonly columns: readonly string[]
  readonly rows: readonly PlaceholderValues[]
}

/**
 * Reads a table of values: JSON lines for `.jsonl` and `.ndjson`, else CSV with headings. Null, with what is wrong noted
 * under `name`, where it cannot be read.
 */
export function readRows(path: string, name: string, problems: ProblemList): RowTable | null {
  const before = problems.length
  const text = readText(path, name, problems)
  if (text === null) return null
  const file = basename(path)
  const rows = /\.(jsonl|ndjson)$/i.test(file)
    ? linesOf(text, file, name, problems)
    : recordsOf(text, file, name, problems)
  if (problems.length > before) return null
  if (rows.length === 0) {
    problems.add(
      `Expected \`${name}\` to have a row, got ${file} without any.`,
      'The first line of a CSV has the headings.',
    )
  } else if (rows.length > MOST_ROWS) {
    problems.add(
      `Expected \`${name}\` to have at most ${MOST_ROWS} rows, got ${rows.length}.`,
      `Take a sample: \`(head -1 ${file}; tail -n +2 ${file} | shuf -n ${MOST_ROWS}) > sample.csv\`.`,
    )
  }
  const columns = Object.keys(rows[0] ?? {})
  const short = rows.findIndex((row) => columns.some((column) => row[column] === undefined))
  if (short !== -1) {
    problems.add(
      `Expected every row of \`${name}\` to have ${columns.join(', ')}, got row ${short + 1} without one of them.`,
    )
  }
  return problems.length > before ? null : { columns, rows }
}

/**
 * The requests with one that has placeholders in it made into one for each row; a placeholder that is no column, and a
 * table of which none is used, are noted under `name`. `others`: a setup gives values, too.
 */
export function spreadRows(
  requests: readonly WorkloadRequest[],
  { columns, rows }: RowTable,
  { name, others }: { readonly name: string; readonly others: boolean },
  problems: ProblemList,
): readonly WorkloadRequest[] {
  const used = requests.map((request) => [...placeholdersOf(request)])
  const missing = new Set(used.flat().filter((placeholder) => !columns.includes(placeholder)))
  if (!others) {
    for (const each of missing) {
      problems.add(`Expected a column \`${each}\` in \`${name}\` for {{${each}}}, got ${columns.join(', ')}.`)
    }
  }
  if (used.flat().every((placeholder) => missing.has(placeholder)) && (others || missing.size === 0)) {
    problems.add(
      `Expected a request with a column of \`${name}\` in it, got none.`,
      `Write it as {{${columns[0]}}} in a path, a header or a body: /orders/{{${columns[0]}}}.`,
    )
  }
  return requests.flatMap((request, index) =>
    (used[index] ?? []).some((placeholder) => columns.includes(placeholder))
      ? rows.map((row) => ({
          ...withValues(request, row),
          weight: request.weight / rows.length,
          group: `${index} ${request.route}`,
        }))
      : [request],
  )
}

function recordsOf(text: string, file: string, name: string, problems: ProblemList): PlaceholderValues[] {
  const [headings, ...rows] = tableIn(text, file, name, problems)
  if (headings === undefined) return []
  const columns = headings.cells
  const twice = columns.find((column, place) => columns.indexOf(column) !== place)
  if (twice !== undefined)
    problems.add(`Expected each heading of \`${name}\` once, got ${quoted(twice)} twice in ${file}.`)
  const odd = rows.filter(({ cells }) => cells.length !== columns.length)
  for (const { line, cells } of odd.slice(0, MOST_PROBLEMS)) {
    problems.add(
      `Expected line ${line} of \`${name}\` ${file} to have as many cells as the headings, ${columns.length}, got ${cells.length}.`,
    )
  }
  if (odd.length > MOST_PROBLEMS) problems.add(`And ${odd.length - MOST_PROBLEMS} more lines like these.`)
  return rows.map(({ cells }) => Object.fromEntries(columns.map((column, place) => [column, cells[place] ?? ''])))
}

function tableIn(text: string, file: string, name: string, problems: ProblemList): readonly TableRow[] {
  try {
    return readTable(text, { isHandMade: false }).rows
  } catch (thrown) {
    problems.add(`Expected \`${name}\` to be CSV with headings, got ${file}: ${messageOf(thrown)}.`)
    return []
  }
}

function linesOf(text: string, file: string, name: string, problems: ProblemList): PlaceholderValues[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (line.trim() === '') return []
    const row = rowOf(line)
    if (row !== null) return [row]
    problems.add(
      `Expected line ${index + 1} of \`${name}\` ${file} to be an object of texts and numbers, like {"id": 7}.`,
    )
    return []
  })
}

function rowOf(line: string): PlaceholderValues | null {
  try {
    const value = JSON.parse(line) as unknown
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    const entries = Object.entries(value)
    if (entries.some(([, each]) => !['string', 'number', 'boolean'].includes(typeof each))) return null
    return Object.fromEntries(entries.map(([key, each]) => [key, String(each)]))
  } catch {
    return null
  }
}
