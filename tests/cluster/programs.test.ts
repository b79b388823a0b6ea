import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'
import { findProgram, needProgram } from '../../cluster/programs.ts'

test('a program is found in the first folder of the PATH where it can be run', () => {
  const dir = mkdtempSync(join(os.tmpdir(), 'fw-'))
  for (const folder of ['a', 'b', 'c']) mkdirSync(join(dir, folder))
  mkdirSync(join(dir, 'a', 'forkwise-test-program'))
  writeFileSync(join(dir, 'b', 'forkwise-test-program'), '')
  writeFileSync(join(dir, 'c', 'forkwise-test-program'), '#!/bin/sh\n')
  chmodSync(join(dir, 'c', 'forkwise-test-program'), 0o700)
  const path = ['a', 'b', 'c'].map((folder) => join(dir, folder)).join(delimiter)
  expect(findProgram('forkwise-test-program', path)).toBe(join(dir, 'c', 'forkwise-test-program'))
  rmSync(dir, { recursive: true })
})

test('a program that is missing is a need with its remedy', () => {
  expect(findProgram('forkwise-test-program')).toBeNull()
  expect(needProgram('forkwise-test-program', 'some-package')).toEqual([
    {
      what: 'forkwise-test-program is not installed',
      remedy: '`npx forkwise setup`, or `apt-get install some-package`.',
    },
  ])
  expect(needProgram('sh', 'dash')).toEqual([])
})
