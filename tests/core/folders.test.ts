import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeFolders } from '../../core/folders.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwf-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('makes every missing folder, and is content with one that exists', () => {
  const path = join(dir, 'a', 'b', 'c')
  makeFolders(path)
  expect(existsSync(path)).toBe(true)
  expect(() => makeFolders(path)).not.toThrow()
})

test('throws where a file or a link to nothing is in the way', () => {
  writeFileSync(join(dir, 'file'), '')
  expect(() => makeFolders(join(dir, 'file', 'below'))).toThrow(/ENOTDIR/)
  symlinkSync(join(dir, 'nothing'), join(dir, 'link'))
  expect(() => makeFolders(join(dir, 'link'))).toThrow(/EEXIST/)
  expect(() => makeFolders(join(dir, 'link', 'below'))).toThrow(/EEXIST|ENOENT/)
})

test.skipIf(!existsSync('/proc/self'))('throws where a parent that exists says it does not', () => {
  expect(() => makeFolders('/proc/forkwise/run')).toThrow(/ENOENT/)
})
