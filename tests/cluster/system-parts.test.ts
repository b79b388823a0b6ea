import { expect, test } from 'vitest'
import { unmetParts } from '../../cluster/system-parts.ts'

test('a part that is not there is named with the package that brings it, one that is there is not', () => {
  const parts = [
    { file: process.execPath, debianPackage: 'nodejs' },
    { file: '/nowhere/unitd', debianPackage: 'unit' },
  ]
  expect(unmetParts(parts)).toEqual([
    {
      what: 'the Debian package unit is not installed (there is no /nowhere/unitd)',
      remedy: '`npx forkwise setup`, or `apt-get install unit`',
    },
  ])
})
