import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findProgram } from '../../../../cluster/programs.ts'
import { openSession, type Session } from '../../../../cluster/session.ts'
import { lab } from '../../../../experiments/lab/labs/errors.ts'
import { LAB_NODES, labContext } from '../program-runner.ts'

/** Who hears of an exception, a rejection, an exit and a SIGKILL, by the place where the work runs. */
const NODE_MATRIX: Readonly<Record<string, readonly string[]>> = {
  awaited: ['caller: rejection', 'caller: rejection', 'process dies', 'process dies'],
  forgotten: ['process dies', 'process dies', 'process dies', 'process dies'],
  listener: ['caller: exception', 'process dies', 'process dies', 'process dies'],
  timer: ['process dies', 'process dies', 'process dies', 'process dies'],
  thread: ['caller: error event', 'caller: error event', 'caller: exit event', 'process dies'],
  'thread-unwatched': ['process dies', 'process dies', 'nobody', 'process dies'],
  piscina: ['caller: rejection', 'caller: rejection', 'caller: rejection', 'process dies'],
  child: ['caller: exit event', 'caller: exit event', 'caller: exit event', 'caller: exit event'],
  'child-unwatched': ['nobody', 'nobody', 'nobody', 'nobody'],
  cluster: [
    'caller: connection closed',
    'caller: connection closed',
    'caller: connection closed',
    'caller: connection closed',
  ],
}

const PYTHON_MATRIX: Readonly<Record<string, readonly string[]>> = {
  'python-thread': ['nobody', 'nobody', 'process dies', 'process dies'],
  'python-process': ['caller: exit code', 'caller: exit code', 'caller: exit code', 'caller: exit code'],
  'python-process-unasked': ['nobody', 'nobody', 'nobody', 'nobody'],
  'python-thread-pool': ['caller: exception', 'caller: exception', 'process dies', 'process dies'],
  'python-process-pool': ['caller: exception', 'caller: exception', 'caller: exception', 'caller: exception'],
  'python-awaited-task': ['caller: exception', 'process dies', 'process dies', 'process dies'],
  'python-forgotten-task': ['nobody', 'process dies', 'process dies', 'process dies'],
  'python-callback': ['nobody', 'process dies', 'process dies', 'process dies'],
}

const CLOSED = 'caller: connection closed'
const SERVER_MATRIX: Readonly<Record<string, readonly string[]>> = {
  pm2: [CLOSED, CLOSED, CLOSED, CLOSED],
  bullmq: ['caller: failed event', 'caller: failed event', 'nobody', 'nobody'],
}

let session: Session
beforeAll(async () => {
  session = await openSession()
})
afterAll(() => session.close())

describe.each(LAB_NODES)('$name', ({ path, lacking }) => {
  test.skipIf(lacking)('who hears of it is what the matrix says', async () => {
    expect(await measured(NODE_MATRIX, path)).toEqual(NODE_MATRIX)
  })
})

test.skipIf(findProgram('python3') === null)('in Python too [needs python3]', async () => {
  expect(await measured(PYTHON_MATRIX, process.execPath)).toEqual(PYTHON_MATRIX)
})

test('a client of an app under PM2 is cut off', async () => {
  expect((await measured({ pm2: [] }, process.execPath))['pm2']).toEqual(SERVER_MATRIX['pm2'])
})

test.skipIf(findProgram('redis-server') === null)(
  'a queue tells of errors, not of workers that die [needs Redis]',
  async () => {
    expect((await measured({ bullmq: [] }, process.execPath))['bullmq']).toEqual(SERVER_MATRIX['bullmq'])
  },
)

async function measured(places: object, node: string): Promise<Record<string, readonly string[]>> {
  const context = labContext(node, session)
  const seen: Record<string, readonly string[]> = {}
  for (const one of lab.cases(context).filter(({ id }) => id in places)) {
    seen[one.id] = Object.values((await one.measure(context)).words ?? {})
  }
  return seen
}
