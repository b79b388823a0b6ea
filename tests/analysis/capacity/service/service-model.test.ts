import { expect, test } from 'vitest'
import { serviceModelOf } from '../../../../analysis/capacity/service/service-model.ts'
import { KNOWN, measureKnown } from '../synthetic-measurement.ts'

test('beyond two measured worker counts what contention alone cannot see is allowed for', () => {
  const two = serviceModelOf(measureKnown({ ...KNOWN, noise: 0.001 }, { workers: [1, 2], requests: 200 }))
  expect(two.busyS(2).logSd).toBeLessThan(0.01)
  expect(two.busyS(4).logSd).toBeGreaterThan(0.1)
  expect(two.busyS(4).extrapolated).toBe(true)
})

test('beyond four the law that is less uncertain there is used', () => {
  const exact = serviceModelOf(measureKnown({ ...KNOWN, noise: 0.0001 }, { workers: [1, 2, 3, 4], requests: 200 }))
  expect(exact.busyS(8).logSd).toBeLessThan(0.1)
  const noisy = serviceModelOf(measureKnown({ ...KNOWN, noise: 0.06 }, { workers: [1, 2, 3, 4], requests: 200 }))
  expect(noisy.busyS(8).logSd).toBeGreaterThan(0.1)
  expect(noisy.busyS(8).logSd).toBeLessThan(0.3)
})
