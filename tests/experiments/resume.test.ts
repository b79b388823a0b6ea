import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { machineFacts } from '../../core/machine.ts'
import { forkwiseVersion } from '../../core/version.ts'
import { requireResumable } from '../../experiments/resume.ts'

const BEGUN_S = 1_800_000_000

let dir = ''
let app = ''
beforeAll(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fw-'))
  app = join(dir, 'app.js')
  writeFileSync(app, '')
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const here = machineFacts('v20.1.0')
const begun = {
  machine: here,
  forkwiseVersion: forkwiseVersion(),
  createdAt: new Date(BEGUN_S * 1000).toISOString(),
}

test('a run is gone on with whose app is as it was, or is made again', () => {
  utimesSync(app, BEGUN_S - 1, BEGUN_S - 1)
  expect(() => requireResumable(dir, begun, here, [app, join(dir, 'of-a-revision.js')])).not.toThrow()
})

test('one whose app was changed since is not: its figures would be those of two programs', () => {
  utimesSync(app, BEGUN_S + 60, BEGUN_S + 60)
  expect(() => requireResumable(dir, begun, here, [app])).toThrow(
    `the app ${app} as it was when the run was begun (2027-01-15T08:00:00.000Z), got one that was changed at 2027-01-15T08:01:00.000Z`,
  )
})

test('all that stands against it is said at once', () => {
  const other = { ...here, id: 'another', node: 'v22.0.0' }
  expect(() => requireResumable(dir, { ...begun, forkwiseVersion: '0.0.1' }, other)).toThrow(
    /the machine the run was begun on[^]*the Node the run was begun with \(v20\.1\.0\)[^]*the version of Forkwise .* \(0\.0\.1\)/,
  )
})
