import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { replaceFile } from '../../core/replace-file.ts'

let dir: string

beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwt-'))
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('a file has the new text, and nothing else is there', () => {
  for (const text of ['old', 'new']) replaceFile(join(dir, 'a.json'), text, true)
  expect([readdirSync(dir), readFileSync(join(dir, 'a.json'), 'utf8')]).toEqual([['a.json'], 'new'])
})

test('where it cannot be written, nothing half is left', () => {
  mkdirSync(join(dir, 'a.json/inside'), { recursive: true })
  expect(() => replaceFile(join(dir, 'a.json'), 'text', false)).toThrow('a.json is a folder')
  expect(readdirSync(dir)).toEqual(['a.json'])
})
