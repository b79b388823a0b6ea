import { expect, test } from 'vitest'
import { shapeOf } from '../../../../analysis/capacity/service/server-shape.ts'

const THREADED = { executor: 'wsgi', routing: 'shared-accept', threads: 4 } as const

test('threads of a WSGI worker wait together and compute one at a time, unless the interpreter has no lock', () => {
  expect(shapeOf(THREADED)).toEqual({ slots: 4, lanes: 1 })
  expect(shapeOf({ ...THREADED, parallelThreads: true })).toEqual({ slots: 4, lanes: 4 })
})

test('behind a central queue a worker is one thread of the pool', () => {
  const pool = { executor: 'worker-pool', threads: 4 } as const
  expect(shapeOf({ ...pool, routing: 'central-queue' })).toEqual({ slots: 1, lanes: 1 })
  expect(shapeOf({ ...pool, routing: 'round-robin-connections' })).toEqual({ slots: 4, lanes: 4 })
})
