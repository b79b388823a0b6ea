import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { requireWritable, whyUnwritable, writeOutput } from '../../store/output-file.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwt-output-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('a file is written, and one that is there is replaced', () => {
  const file = join(dir, 'junit.xml')
  for (const text of ['old', 'new']) writeOutput(file, text, '--junit')
  expect(readFileSync(file, 'utf8')).toBe('new')
  expect(whyUnwritable(file)).toBeNull()
})

test.each([
  ['a folder', () => mkdirSync(join(dir, 'x')), 'x', /it is a folder/],
  ['in a folder that does not exist', () => undefined, 'none/x', /there is no folder .*none/],
  ['below a file', () => writeFileSync(join(dir, 'file'), ''), 'file/x', /file is no folder/],
])('%s is refused before and when it is written, as a problem of the option', (_, prepare, name, reason) => {
  prepare()
  const before = readdirSync(dir)
  for (const attempt of [requireWritable, (file: string, option: string) => writeOutput(file, 'text', option)]) {
    expect(() => attempt(join(dir, name), '--hdr')).toThrow(
      expect.objectContaining({
        code: 'FOLDER_UNWRITABLE',
        message: expect.stringMatching(/^Expected `--hdr` to name a file that can be written, got "/),
      }),
    )
  }
  expect(whyUnwritable(join(dir, name))).toMatch(reason)
  expect(readdirSync(dir)).toEqual(before)
})
