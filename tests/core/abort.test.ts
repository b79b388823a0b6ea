import { expect, test } from 'vitest'
import { untilAborted } from '../../core/abort.ts'

test('resolves when the signal is aborted, and at once where it was before', async () => {
  const stop = new AbortController()
  const order: string[] = []
  const waiting = untilAborted(stop.signal).then(() => order.push('aborted'))
  await new Promise((resolve) => setImmediate(resolve))
  order.push('not yet')
  stop.abort(new Error('enough'))
  await waiting
  expect(order).toEqual(['not yet', 'aborted'])
  expect(await untilAborted(stop.signal)).toBeNull()
})
