import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { collectAnswers, compareAnswers, unexpectedStatuses } from '../../loadtest/equivalence.ts'

const WORKLOAD = {
  requests: [{ route: 'a', method: 'GET', path: '/a?x=1', weight: 1, expectStatus: 200 }],
} as const

/** Answers of a server that behaves as told, collected the way the gate does it. */
async function answersOf(
  status: number,
  headers: Record<string, string>,
  body: string | Buffer,
): Promise<Awaited<ReturnType<typeof collectAnswers>>> {
  const server = createServer((_request, response) => response.writeHead(status, headers).end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  try {
    return await collectAnswers([new URL(`http://127.0.0.1:${port}`)], [WORKLOAD], 2, AbortSignal.timeout(5000))
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }

test('equal answers are equal', async () => {
  const [a, b] = [await answersOf(200, JSON_TYPE, '{"a":1}'), await answersOf(200, JSON_TYPE, '{"a":1}')]
  expect(compareAnswers(a, b)).toEqual({ faults: [], traits: [] })
  expect(unexpectedStatuses(a, [WORKLOAD])).toEqual([])
})

test.each([
  ['another status', 201, JSON_TYPE, '{"a":1}', 'expected status 200, got 201'],
  ['another body', 200, JSON_TYPE, '{"a":2}', 'the body differs'],
  ['another type', 200, { 'content-type': 'text/plain' }, '{"a":1}', 'content type'],
  [
    'compression',
    200,
    { ...JSON_TYPE, 'content-encoding': 'gzip' },
    gzipSync('{"a":1}'),
    'content encoding identity, got gzip',
  ],
] as const)('%s makes the comparison unfair', async (_sentence, status, headers, body, fault) => {
  const baseline = await answersOf(200, JSON_TYPE, '{"a":1}')
  const { faults } = compareAnswers(baseline, await answersOf(status, headers, body))
  expect(faults.join('\n')).toContain(fault)
})

test('closing every connection is a trait, not a fault', async () => {
  const baseline = await answersOf(200, JSON_TYPE, '{"a":1}')
  const closing = await answersOf(200, { ...JSON_TYPE, connection: 'close' }, '{"a":1}')
  expect(compareAnswers(baseline, closing)).toEqual({
    faults: [],
    traits: ['closes the connection after every answer'],
  })
})

test('an unexpected status of the baseline itself is found', async () => {
  expect(unexpectedStatuses(await answersOf(500, JSON_TYPE, '{}'), [WORKLOAD])).toEqual([
    '/a?x=1: expected status 200, got 500',
  ])
})

test('a server that is not there is named by the request that failed', async () => {
  await expect(
    collectAnswers([new URL('http://127.0.0.1:9')], [WORKLOAD], 1, AbortSignal.timeout(5000)),
  ).rejects.toThrow('GET /a?x=1')
})
