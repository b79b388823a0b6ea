import { expect, test } from 'vitest'
import { findModel } from '../../../cluster/models.ts'
import { modelSubject } from '../../../experiments/capacity/subject.ts'
import { scriptedWorkload, scriptedWorld } from '../scripted-world.ts'

const LOCKED = 'PyPy 7.3.11 (Python 3.9.16)'
const FREE = 'CPython 3.14.0 free-threaded'

test.each([
  ['gunicorn-gthread', FREE, true],
  ['gunicorn-gthread', LOCKED, undefined],
  ['gunicorn-gthread', null, undefined],
  // Greenlets are one thread, and so is an event loop.
  ['gunicorn-gevent', FREE, undefined],
  ['uvicorn', FREE, undefined],
])('threads of %s under %s compute at the same time: %s', async (id, python, parallelThreads) => {
  const { context } = scriptedWorld({})
  const subject = modelSubject(await findModel(id), scriptedWorkload('cpu'), context, null, python)
  expect(subject.parallelThreads).toBe(parallelThreads)
  expect(subject.python).toBe(python ?? undefined)
})
