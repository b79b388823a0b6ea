import { expect, test } from 'vitest'
import { readTable } from '../../core/separated-values.ts'

const cellsOf = (text: string, isHandMade = false): (readonly string[])[] =>
  readTable(text, { isHandMade }).rows.map(({ cells }) => cells)

test.each([
  ['commas', 'a,b\n1,2\n', ','],
  ['semicolons with decimal commas', 'a;b\n1;2,5\n', ';'],
  ['semicolons without headings, with decimal commas', '1;100,5\n2;190,5\n', ';'],
  ['a heading with commas in it', 'Threads;Requests, per second, mean\n1;2\n', ';'],
  ['a cell with a semicolon', 'id,name\n1,a;b\n', ','],
  ['a quoted heading with every separator', '"a;\t|",b\n1,2\n', ','],
  ['tabs', 'a\tb\n1\t2,5\n', '\t'],
  ['bars', 'a|b\n1|2\n', '|'],
  ['lines of unequal length', 'a,b\n1\n', ','],
])('the separator is found: %s', (_, text, separator) => {
  expect(readTable(text, { isHandMade: false }).separator).toBe(separator)
})

test('one column has no separator', () => {
  expect(cellsOf('id\n1\n2 3\n')).toEqual([['id'], ['1'], ['2 3']])
})

test('a table by hand may have comments and spaces, another has them as content', () => {
  expect(cellsOf('# mine\n1   2\n 3 4\n', true)).toEqual([
    ['1', '2'],
    ['3', '4'],
  ])
  expect(cellsOf('tag\n#a b\n')).toEqual([['tag'], ['#a b']])
})

test('rows know their line; byte order mark, empty lines and the space around cells are not content', () => {
  expect(readTable('\uFEFFa, b\r\n\r\n"x, y", 2\r\n', { isHandMade: false }).rows).toEqual([
    { line: 1, cells: ['a', 'b'] },
    { line: 3, cells: ['x, y', '2'] },
  ])
})
