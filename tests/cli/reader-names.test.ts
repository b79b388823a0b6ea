import { expect, test } from 'vitest'
import { type NamedRun, readerNames } from '../../cli/reader-names.ts'

/** Runs by their paths; each is of what the last folder is called, without its number, and of `spinner` where it is a date. */
function runs(...dirs: readonly string[]): NamedRun[] {
  return dirs.map((dir) => {
    const last = dir.split('/').at(-1) ?? ''
    const title = /^(\d+-)?(spinner|wsgi|queue-202)(-\d+)?$/.exec(last)?.[2] ?? 'spinner'
    return { dir, title }
  })
}

test.each<[string, readonly string[], readonly string[]]>([
  [
    'folders of pupils, each with its labs',
    ['/c/anna/spinner', '/c/anna/wsgi', '/c/ben/spinner'],
    ['anna', 'anna', 'ben'],
  ],
  ['pupils with different labs', ['/c/anna/spinner', '/c/ben/wsgi'], ['anna', 'ben']],
  ['one pupil', ['/c/anna/01-spinner', '/c/anna/10-queue-202', '/c/anna/15-wsgi'], ['anna', 'anna', 'anna']],
  [
    'mixed levels',
    ['/c/anna', '/c/ben/01-spinner', '/c/cleo/results/2026-11-27-093324-labs/01-spinner'],
    ['anna', 'ben', 'cleo'],
  ],
  ['folders called as their pupils and labs', ['/c/anna-spinner', '/c/ben-spinner'], ['anna-spinner', 'ben-spinner']],
  [
    'runs of one folder of results, which are told apart by theirs',
    [
      '/l/results/2026-11-27-093324-labs/01-spinner',
      '/l/results/2026-11-27-093701-labs/01-spinner',
      '/l/results/2026-11-27-093701-labs/15-wsgi',
    ],
    ['2026-11-27-093324-labs', '2026-11-27-093701-labs', '2026-11-27-093701-labs'],
  ],
  [
    'the same lab twice of one pupil',
    ['/c/anna/spinner', '/c/anna/spinner-2', '/c/ben/spinner'],
    ['anna/spinner', 'anna/spinner-2', 'ben'],
  ],
  ['two pupils of one name', ['/one/anna/spinner', '/two/anna/spinner'], ['one/anna', 'two/anna']],
])('%s', (_, dirs, names) => {
  expect(readerNames(runs(...dirs))).toEqual(names)
})
