import { expect, test } from 'vitest'
import { type ClientPolicy, Steering } from '../../../loadtest/drivers/steering.ts'

test('what comes before the loop begins waits for it', () => {
  const steering = new Steering()
  const taken: ClientPolicy[] = []
  steering.apply({ timeoutS: 2 })
  steering.apply({ maxConnections: 7 })
  steering.take((policy) => taken.push(policy))
  steering.apply({ timeoutS: 3 })
  expect(taken).toEqual([{ timeoutS: 2, maxConnections: 7 }, { timeoutS: 3 }])
})
