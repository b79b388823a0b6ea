import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { analyseDrillRecording } from '../../../experiments/drill/result.ts'
import { DrillFolder, isDrillFolder, readDrillFolder } from '../../../store/drill-folder.ts'
import { madeUpRecording } from './made-up-recording.ts'

let root = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'forkwise-drill-'))
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

async function written(): Promise<string> {
  const dir = join(root, 'run')
  const recording = madeUpRecording()
  const folder = DrillFolder.create(dir)
  folder.writeManifest(recording.manifest)
  for (const second of recording.seconds) folder.appendSecond(second)
  for (const act of recording.acts) folder.appendAct(act)
  if (recording.references !== null) folder.writeReferences(recording.references)
  folder.finish(await analyseDrillRecording(recording))
  return dir
}

test('what was written is read again', async () => {
  const dir = await written()
  expect(isDrillFolder(dir)).toBe(true)
  expect(readDrillFolder(dir)).toMatchObject({ ...madeUpRecording(), isComplete: true, notes: [] })
})

test('a last line that a crash has cut off is left out', async () => {
  const dir = await written()
  rmSync(join(dir, 'seal.json'))
  appendFileSync(join(dir, 'acts.ndjson'), '{"kind":"hi')
  expect(readDrillFolder(dir).acts).toHaveLength(madeUpRecording().acts.length)
})

test('a figure that was changed is noticed', async () => {
  const dir = await written()
  const file = join(dir, 'references.json')
  writeFileSync(file, readFileSync(file, 'utf8').replace('"late": 270', '"late": 9000'))
  expect(() => readDrillFolder(dir)).toThrow('got figures that were changed since')
})

test('another folder is refused with what to do', () => {
  expect(() => readDrillFolder(root)).toThrow('Expected the folder of a drill')
})
