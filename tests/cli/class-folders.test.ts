import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ClassKind, readClass } from '../../cli/class-folders.ts'
import { ForkwiseError } from '../../core/errors.ts'
import { kindOfFolder } from '../../store/folder-kind.ts'

let place = ''
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'fwt-class-'))
})
afterEach(() => rmSync(place, { recursive: true, force: true }))

/** Folders whose names say what there is to be read of them. */
const KIND: ClassKind<string> = {
  what: 'lab',
  isFolder: (dir) => kindOfFolder(dir) === 'lab',
  titleOf: () => 'spinner',
  read: async (dir) => {
    if (dir.endsWith('damaged')) throw new ForkwiseError('RESULT_INVALID', { message: 'Expected a whole line 3.' })
    return { result: 'seen', isComplete: !dir.endsWith('unfinished') }
  },
}

test('unfinished, damaged and unreadable runs are left out by name, and the others count', async () => {
  const dirs = ['anna', 'ben-unfinished', 'cleo-damaged'].map((name) => labFolder(name))
  const garbled = join(place, 'dora')
  mkdirSync(garbled)
  writeFileSync(join(garbled, 'manifest.json'), '{"schema": "forkw')
  const { runs, leftOut } = await readClass([...dirs, garbled], KIND)
  expect(runs).toEqual([{ who: 'anna', result: 'seen' }])
  expect(leftOut).toEqual([
    { dir: join(place, 'ben-unfinished'), why: 'its run was ended before its time' },
    { dir: join(place, 'cleo-damaged'), why: 'Expected a whole line 3' },
    { dir: garbled, why: 'it has no manifest.json that can be read' },
  ])
})

test('the same within a folder of one reader; runs of another kind are nobody’s concern', async () => {
  labFolder('anna/1')
  labFolder('anna/2-unfinished')
  labFolder('anna/3', 'forkwise/manifest@1')
  const { runs, leftOut } = await readClass([join(place, 'anna')], KIND)
  expect(runs).toEqual([{ who: 'anna', result: 'seen' }])
  expect(leftOut.map(({ dir }) => dir)).toEqual([join(place, 'anna/2-unfinished')])
})

test('a class of which nothing is left is refused, with every reason', async () => {
  const dirs = ['ben-unfinished', 'cleo-damaged'].map((name) => labFolder(name))
  await expect(readClass(dirs, KIND)).rejects.toThrow(
    /ben-unfinished to be the whole folder of a lab: its run was ended before its time\.\n.*line 3/,
  )
})

test('folders that hold nothing of the kind, or do not exist, are refused all at once', async () => {
  mkdirSync(join(place, 'empty'))
  const dirs = [labFolder('anna'), join(place, 'empty'), join(place, 'nowhere')]
  await expect(readClass(dirs, KIND)).rejects.toThrow(/empty to be or to hold the folder of a lab.*\n.*does not exist/)
})

test('a folder of a class with those of its readers, at whatever level, and each folder once', async () => {
  for (const name of ['anna/spinner', 'ben/results/2026-11-27-093324-lab-spinner', 'cleo']) labFolder(`class/${name}`)
  mkdirSync(join(place, 'class/.git/hooks'), { recursive: true })
  const named = [join(place, 'class'), join(place, 'class/anna/spinner'), join(place, 'class/cleo/')]
  const { runs } = await readClass(named, KIND)
  expect(runs.map(({ who }) => who)).toEqual(['anna', 'ben', 'cleo'])
})

function labFolder(name: string, schema: string = 'forkwise/lab-manifest@1'): string {
  const dir = join(place, name)
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'manifest.json'), JSON.stringify({ schema }))
  return dir
}
