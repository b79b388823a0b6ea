import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { prepare } from '../../../experiments/prepare.ts'
import { runScale } from '../../../experiments/capacity/scale.ts'
import { readCapacityFindings } from '../../../store/capacity-results.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'forkwise-outside-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function table(text: string): string {
  const file = join(dir, 'mine.csv')
  writeFileSync(file, text)
  return file
}

test('a table is fitted, kept, reported and read again, with the workers that a rate needs', async () => {
  const fromCsv = table(
    'workers,throughput,note\n1,100,a\n2,190,a\n4,340,a\n8,520,a\n1,102,b\n2,188,b\n4,345,b\n8,515,b\n1,99,c\n2,192,c\n4,338,c\n8,530,c\n',
  )
  const prepared = await prepare.scale({ fromCsv, rate: 300, out: join(dir, 'out') })
  const run = runScale(prepared, new AbortController().signal)
  const events = []
  for await (const event of run) events.push(event)
  const outcome = await run
  expect(events.map((event) => (event.type === 'note' ? event.text : event.type))).toEqual([
    'run-started',
    'mine.csv: columns not used: "note".',
  ])
  expect(outcome.result).toMatchObject({
    readFrom: 'mine.csv',
    seed: null,
    models: [{ blocks: 3, needed: { workers: 5, basis: 'law' } }],
  })
  expect(readdirSync(join(dir, 'out')).toSorted()).toEqual(['manifest.json', 'scale.json', 'seal.json'])
  const plain = JSON.parse(JSON.stringify(outcome.result)) as object
  expect(JSON.parse(JSON.stringify(readCapacityFindings(join(dir, 'out')).scale))).toEqual(plain)
})

test('what cannot be used beside a table, or as one, is refused at once', async () => {
  const fromCsv = table('clients,rps\n1,10\n')
  await expect(prepare.scale({ fromCsv, workers: '1..2', models: ['single'] })).rejects.toThrow(
    'Expected `fromCsv` without `workers`, `models`: nothing is measured.',
  )
  await expect(prepare.scale({ fromCsv, rate: 9 })).rejects.toThrow('Expected a column of worker counts in mine.csv')
  await expect(prepare.scale({ fromCsv: join(dir, 'none.csv') })).rejects.toThrow(
    /Expected `fromCsv` to be a file, got .*none\.csv, where there is none/,
  )
  await expect(prepare.scale({ fromCsv: dir })).rejects.toThrow('a regular file, got a folder')
  await expect(prepare.scale({})).rejects.toThrow('Expected `models`, got none.')
})
