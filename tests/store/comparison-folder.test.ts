import { appendFileSync, chmodSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LatencyHistogram } from '../../core/histogram.ts'
import { readRun, RunStore } from '../../store/comparison-folder.ts'
import { fixtureRun } from '../report/fixture-run.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(os.tmpdir(), 'forkwise-store-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const run = fixtureRun(1, { blocks: 2, models: ['single', 'cluster'], workloads: ['cpu'], samples: 50 })

/** A results folder with the fixture's trials in it. */
function writeRun(): RunStore {
  const store = RunStore.create(join(folder, 'run'))
  store.writeManifest(run.manifest)
  store.writePilot(run.pilot)
  for (const trial of run.trials) store.appendTrial(trial)
  for (const block of run.blocks) store.appendBlock(block)
  return store
}

test('what is written is read again, histograms included', () => {
  const store = writeRun()
  const back = readRun(store.dir)
  expect(back.notes).toEqual([])
  expect(back.manifest).toEqual(run.manifest)
  expect(back.pilot).toEqual(run.pilot)
  expect(back.blocks).toEqual(run.blocks)
  expect(back.trials.map((trial) => trial.id)).toEqual(run.trials.map((trial) => trial.id))
  const first = run.trials[0]
  if (first === undefined || first.outcome === 'failed') throw new Error('Expected a measured trial in the fixture.')
  const kept = back.histograms(first.id, 'saturation')
  expect(kept?.count).toBe(LatencyHistogram.fromBase64(first.saturation.load.histogram).count)
  const line = back.trials[0]
  expect(line?.outcome !== 'failed' && line?.saturation.load.histogram).toBe('')
})

test('a folder of the first version is read in the words of today', () => {
  const store = writeRun()
  const today = readRun(store.dir)
  for (const file of ['manifest.json', 'trials.ndjson']) {
    const path = join(store.dir, file)
    const text = readFileSync(path, 'utf8')
      .replaceAll(/forkwise\/(manifest|trial)@2/g, 'forkwise/$1@1')
      .replaceAll('"control":', '"sentinel":')
      .replaceAll(/,\s*"checksum":\s*"[^"]*"/g, '')
    expect(text).toContain('"sentinel":')
    writeFileSync(path, text)
  }
  const { manifest, trials } = readRun(store.dir)
  expect(manifest).toEqual(today.manifest)
  expect(trials).toEqual(today.trials)
})

test('a file too long to be read is refused before it is read', () => {
  const store = RunStore.create(join(folder, 'huge'))
  store.writeManifest(run.manifest)
  truncateSync(join(store.dir, 'trials.ndjson'), 2 ** 30)
  expect(() => readRun(store.dir)).toThrow(/trials\.ndjson to be a file of at most 256 MiB, got 1 GiB\./)
})

test('a torn last line is dropped, and gone after the run is resumed', () => {
  const store = writeRun()
  appendFileSync(join(store.dir, 'trials.ndjson'), '{"schema":"forkwise/trial@2","id":"b09')
  const back = readRun(store.dir)
  expect(back.notes).toEqual([expect.stringContaining('The last line of trials.ndjson was cut off')])
  expect(back.trials).toHaveLength(run.trials.length)
  RunStore.resume(back)
  expect(readRun(store.dir).notes).toEqual([])
  expect(readFileSync(join(store.dir, 'trials.ndjson'), 'utf8').endsWith('\n')).toBe(true)
})

describe('a folder that cannot be used', () => {
  test.each([
    ['that does not exist', () => join(folder, 'nowhere'), /which does not exist/],
    ['that is empty', () => folder, /a results folder with a manifest.json/],
    [
      'of a newer version',
      () => damaged('manifest.json', '{"schema":"forkwise/manifest@9"}'),
      /"forkwise\/manifest@2", got "forkwise\/manifest@9"/,
    ],
    ['of another tool', () => damaged('manifest.json', '{"name":"other"}'), /got no schema/],
    [
      'with a broken manifest',
      () => damaged('manifest.json', '{"schema":'),
      /to be JSON, got text that is no whole JSON/,
    ],
    ['with a broken line in the middle', () => damaged('trials.ndjson', 'garbage\n{}\n'), /trials.ndjson, line 1/],
  ])('%s is refused with the reason', (_sentence, prepare, expected) => {
    expect(() => readRun(prepare())).toThrow(expected)
  })

  test('that holds other files is not written into', () => {
    writeFileSync(join(folder, 'precious.txt'), 'x')
    expect(() => RunStore.create(folder)).toThrow(/a new or empty folder/)
    expect(readFileSync(join(folder, 'precious.txt'), 'utf8')).toBe('x')
  })

  test('that is read-only is refused', () => {
    chmodSync(folder, 0o555)
    withoutRights(() => expect(() => RunStore.create(join(folder, 'run'))).toThrow(/to be able to write results/))
  })

  test('below a file is refused', () => {
    writeFileSync(join(folder, 'file'), '')
    expect(() => RunStore.create(join(folder, 'file', 'run'))).toThrow(/to be able to write results/)
  })
})

/** Runs as somebody whom a folder's mode binds: root may write into every one. */
function withoutRights(run: () => void): void {
  const uid = process.geteuid?.()
  const NOBODY = 65_534
  if (uid === 0) process.seteuid?.(NOBODY)
  try {
    run()
  } finally {
    if (uid === 0) process.seteuid?.(uid)
  }
}

/** A good results folder with one file replaced. */
function damaged(name: string, text: string): string {
  const { dir } = writeRun()
  writeFileSync(join(dir, name), text)
  return dir
}
