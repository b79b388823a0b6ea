import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ProblemList } from '../../../core/errors.ts'
import { mixOfPaths } from '../../../experiments/resolution/requests.ts'
import { readRows, type RowTable } from '../../../experiments/resolution/rows.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'forkwise-rows-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function read(content: string, name = 'ids.csv'): { table: RowTable | null; problems: string } {
  const file = join(dir, name)
  writeFileSync(file, content)
  const problems = new ProblemList()
  const table = readRows(file, '--rows', problems)
  return { table, problems: textOf(problems) }
}

/** Problems of a path for which nothing gives values. */
function problemsOf(path: string, setup?: string): string {
  const problems = new ProblemList()
  mixOfPaths([path], { expect: 200, setup }, (part = '') => `--path${part}`, problems)
  return textOf(problems)
}

test('a placeholder without rows and setup is refused, and sent to a setup', () => {
  expect(problemsOf('/orders/{{id}}')).toMatch(
    /Expected values for \{\{id\}\} in `--path` \(\/orders\/\{\{id\}\}\), got none/,
  )
  expect(problemsOf('/orders/{{id}}', './setup.js')).toBe('')
  expect(problemsOf('/orders/42')).toBe('')
})

function textOf(problems: ProblemList): string {
  try {
    problems.throwIfAny()
    return ''
  } catch (thrown) {
    return (thrown as Error).message
  }
}

const rows = [
  { id: '1', name: 'Ann, B.' },
  { id: '2', name: 'Ö' },
]

describe('a table of values', () => {
  test.each([
    ['commas and quotes', 'ids.csv', 'id,name\n1,"Ann, B."\n2,Ö\n'],
    ['semicolons, a byte order mark and CRLF', 'ids.csv', '\uFEFFid;name\r\n1;Ann, B.\r\n\r\n2;Ö'],
    ['tabs', 'ids.tsv', 'id\tname\n1\tAnn, B.\n2\tÖ'],
    ['JSON lines', 'ids.jsonl', '{"id":1,"name":"Ann, B."}\n\n{"id":"2","name":"Ö"}\n'],
  ])('with %s is read', (_what, name, content) => {
    expect(read(content, name)).toEqual({ table: { columns: ['id', 'name'], rows }, problems: '' })
  })

  test.each([
    ['without a row', 'ids.csv', 'id,name\n', /to have a row/],
    ['with a short row', 'ids.csv', 'id,name\n1,x\n1\n', /line 3 of `--rows` ids\.csv .*the headings, 2, got 1/],
    ['with two columns of a name', 'ids.csv', 'id,id\n1,2\n', /each heading of `--rows` once, got "id" twice/],
    ['with quotes that do not close', 'ids.csv', 'id,name\n1,"x\n', /to be CSV with headings/],
    ['with too many rows', 'ids.csv', `id\n${'7\n'.repeat(1001)}`, /at most 1000 rows, got 1001/],
    ['with a line that is no object', 'ids.jsonl', '{"id":1}\n[2]\n{"id":null}\n', /line 2[^]*line 3/],
    ['with an object that lacks a member', 'ids.jsonl', '{"id":1}\n{"name":"x"}\n', /got row 2 without one/],
  ])('%s is refused in words', (_what, name, content, message) => {
    const { table, problems } = read(content, name)
    expect(table).toBeNull()
    expect(problems).toMatch(message)
  })
})

describe('a mix with a table', () => {
  function mix(
    paths: readonly string[],
    setup?: string,
  ): { readonly requests: readonly { path: string; weight: number; group?: string }[]; readonly problems: string } {
    const problems = new ProblemList()
    const defaults = { expect: 200, rows: { columns: ['id', 'name'], rows, name: '--rows' }, setup }
    const found = mixOfPaths(paths, defaults, () => '--path', problems)
    return { requests: found?.requests ?? [], problems: textOf(problems) }
  }

  test('a request with a column has one for each row, which share its weight and its place', () => {
    const { requests } = mix(['4:/orders/{{id}}', '/health'])
    expect(requests.map(({ path, weight }) => [path, weight])).toEqual([
      ['/orders/1', 2],
      ['/orders/2', 2],
      ['/health', 1],
    ])
    expect(requests.map(({ group }) => group)).toEqual([expect.any(String), requests[0]?.group, undefined])
  })

  test('a placeholder without a column, and a table that nothing uses, are problems', () => {
    expect(mix(['/orders/{{no}}']).problems).toMatch(/a column `no` in `--rows` for {{no}}, got id, name/)
    expect(mix(['/orders/1']).problems).toMatch(/a request with a column of `--rows`/)
    expect(mix(['/orders/{{id}}?by={{user}}'], '/setup.mjs').problems).toBe('')
  })
})
