import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSession, type Session } from '../../../cluster/session.ts'
import { loseWorkers } from '../../../experiments/lab/lost-workers.ts'
import { describeWith } from '../../parts.ts'
import { labContext } from './program-runner.ts'

describeWith(['redis-server'], 'workers of a task queue that are lost in the middle of a job', () => {
  let session: Session

  beforeEach(async () => {
    session = await openSession()
  })

  afterEach(() => session.close())

  test('the job of a killed one is begun again, that of one which stood still is done twice', async () => {
    const context = labContext(process.execPath, session)
    const submit = (url: URL, jobs: number): Promise<unknown> =>
      context.run('queue-202-client.ts', { url, path: '/cpu/prime?n=999999999999989', jobs, warmUp: false })
    expect(await loseWorkers(context, submit)).toEqual({ killed: { begun: 2, done: 1 }, frozen: { begun: 2, done: 2 } })
  })
})
