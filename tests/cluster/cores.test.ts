import { expect, test } from 'vitest'
import { serverCores } from '../../cluster/cores.ts'
import { placementFor } from '../../loadtest/placement.ts'

test('a server gets all cores, or what the generator leaves of four and more', () => {
  expect([1, 2, 3, 4, 7, 8, 16].map((cores) => serverCores(cores))).toEqual([1, 2, 3, 3, 6, 6, 12])
})

test.each([1, 2, 3, 4, 5, 8, 12, 63, 64])('on %d cores it gets as many as it is pinned to', (cores) => {
  const placement = placementFor(cores)
  if (placement === null) expect(serverCores(cores)).toBe(cores)
  else {
    expect(placement.server).toHaveLength(serverCores(cores))
    expect([...placement.generator, ...placement.server]).toEqual(Array.from({ length: cores }, (_, cpu) => cpu))
  }
})
