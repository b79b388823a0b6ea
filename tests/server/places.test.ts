import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { claimPlace } from '../../server/places.ts'

test('everybody gets a place of their own, and a successor the one of the dead', () => {
  const dir = mkdtempSync(join(os.tmpdir(), 'fw-'))
  const alive = new Set([11, 12, 13, 14])
  const claim = (pid: number): string => claimPlace(dir, pid, (holder) => alive.has(holder))
  try {
    expect([11, 12, 13].map(claim)).toEqual(['worker-1', 'worker-2', 'worker-3'])
    alive.delete(12)
    expect(claim(14)).toBe('worker-2')
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})
