import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import type { RunningServer } from '../../../cluster/model.ts'
import { ForkwiseError } from '../../../core/errors.ts'
import { collectAnswers } from '../../../loadtest/equality/answers.ts'
import { requireExpectedAnswers } from '../../../loadtest/equality/expected.ts'

const REQUEST = { route: 'a', method: 'GET', path: '/report', weight: 1, expectStatus: 200 } as const

/** What is said of a server that answers everything with one status. */
async function refusalOf(status: number): Promise<ForkwiseError | null> {
  const server = createServer((_, response) => response.writeHead(status).end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const running = {
    targets: [new URL(`http://127.0.0.1:${port}`)],
    logTail: () => 'said this',
  } as unknown as RunningServer
  const context = {
    instrument: { answers: collectAnswers },
    settings: { timeoutS: 60 },
    signal: new AbortController().signal,
  } as never
  try {
    await requireExpectedAnswers({}, running, { requests: [REQUEST] }, context)
    return null
  } catch (thrown) {
    if (thrown instanceof ForkwiseError) return thrown
    throw thrown
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test('what is answered as expected goes through', async () => {
  expect(await refusalOf(200)).toBeNull()
})

test.each([
  [401, /-H 'authorization/],
  [403, /`headers` in the configuration/],
  [404, /the path and its method/],
  [405, /--method/],
  [415, /--body/],
  [429, /limits its rate/],
  [302, /--expect 302/],
  [503, /its logs say why/],
  [201, /--expect 201/],
])('%d is refused with the status and what to do', async (status, hint) => {
  const refused = await refusalOf(status)
  expect(refused?.message).toContain(`GET /report: expected status 200, got ${status}`)
  expect(refused?.message).toContain('said this')
  expect(refused?.problems[0]?.hint).toMatch(hint)
})
