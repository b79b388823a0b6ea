import { createServer, type IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Answer, collectAnswers } from '../../../loadtest/equality/answers.ts'
import type { EqualityLevel } from '../../../loadtest/equality/differences.ts'
import { compareAnswers, unexpectedStatuses } from '../../../loadtest/equality/equality.ts'
import { describeNoise, learnNoise, parseIgnored } from '../../../loadtest/equality/noise.ts'
import type { WorkloadRequest } from '../../../core/load.ts'
import { ForkwiseError } from '../../../core/errors.ts'

interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

const GET: WorkloadRequest = { route: 'a', method: 'GET', path: '/a?x=1', weight: 1, expectStatus: 200 }

// All rounds are asked, however long they take.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Answers of a server that behaves as set, collected the way the gate does it. */
async function answersOf(
  reply: (request: IncomingMessage) => Reply,
  { rounds = 1, requests = [GET] }: { rounds?: number; requests?: readonly WorkloadRequest[] } = {},
): Promise<Answer[]> {
  const server = createServer((request, response) => {
    const { status = 200, headers = JSON_TYPE, body } = reply(request)
    response.writeHead(status, headers).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const asking = {
    workloads: [{ requests }],
    timeoutS: 60,
    rounds,
    host: 'localhost',
    signal: new AbortController().signal,
  }
  try {
    return await collectAnswers([new URL(`http://127.0.0.1:${port}`)], asking)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const JSON_TYPE = { 'content-type': 'application/json' }

/** Why a model with the given answers is refused, where the baseline answers like this several times. */
async function faultsOf(
  baseline: () => string,
  candidate: () => string,
  { level = 'body', type = 'application/json' }: { level?: EqualityLevel; type?: string } = {},
): Promise<readonly string[]> {
  const headers = { 'content-type': type }
  const learned = await answersOf(() => ({ body: baseline(), headers }), { rounds: 5 })
  const got = await answersOf(() => ({ body: candidate(), headers }))
  return compareAnswers(learned, got, level, learnNoise(learned, level)).faults
}

test('equal answers are equal', async () => {
  const [a, b] = [await answersOf(() => ({ body: '{"a":1}' })), await answersOf(() => ({ body: '{"a":1}' }))]
  expect(compareAnswers(a, b)).toEqual({ faults: [], traits: [] })
  expect(unexpectedStatuses(a)).toEqual([])
})

test.each([
  ['another status', { status: 201, body: '{"a":1}' }, 'GET /a?x=1: status expected 200, got 201'],
  ['another body', { body: '{"a":2}' }, 'GET /a?x=1: $.a expected 1, got 2'],
  ['another type', { headers: { 'content-type': 'text/plain' }, body: '{"a":1}' }, 'header content-type expected'],
  [
    'compression',
    { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: gzipSync('{"a":1}') },
    'header content-encoding expected identity, got gzip',
  ],
  ['another notation of the same value', { body: '{ "a": 1 }' }, 'notation expected {"a":1}, got { "a": 1 }'],
])('%s makes the comparison unfair, and is named with both values', async (_sentence, reply, fault) => {
  const baseline = await answersOf(() => ({ body: '{"a":1}' }))
  const { faults } = compareAnswers(baseline, await answersOf(() => reply))
  expect(faults.join('\n')).toContain(fault)
})

describe('what varies in the baseline is no difference of another model', () => {
  let count = 0
  const next = (): number => 1_700_000_000_000 + count++ * 7_919

  test.each([
    ['a time', () => JSON.stringify({ now: next(), ok: true })],
    ['an id in each of some elements', () => JSON.stringify([{ id: next() }, { id: next() }])],
    ['keys that are ids', () => JSON.stringify({ byId: { [`k${next()}`]: 1 } })],
    ['a list of varying length', () => JSON.stringify({ list: Array.from({ length: next() % 5 }, () => 1), n: 1 })],
  ])('%s', async (_what, body) => {
    expect(await faultsOf(body, body)).toEqual([])
  })

  test.each([
    ['a number in text', () => `served by ${next()} on Tuesday`],
    ['several lines with varying words', () => `<p>${next()}</p>\n<b>same</b>\n<i>at ${next()} ms</i>`],
    ['a number of lines that varies', () => `head\n${'x\n'.repeat(1 + (next() % 4))}tail`],
  ])('%s', async (_what, body) => {
    expect(await faultsOf(body, body, { type: 'text/html' })).toEqual([])
  })

  test('but all else is', async () => {
    const faults = await faultsOf(
      () => JSON.stringify({ now: next(), price: 10 }),
      () => JSON.stringify({ now: next(), price: 11 }),
    )
    expect(faults).toEqual(['GET /a?x=1: $.price expected 10, got 11'])
    const words = await faultsOf(
      () => `served by ${next()} on Tuesday`,
      () => `served by ${next()} on Monday`,
      { type: 'text/plain' },
    )
    expect(words[0]).toMatch(/line 1 expected .*Tuesday.*, got .*Monday/)
  })

  test('and is named', async () => {
    const learned = await answersOf(() => ({ body: JSON.stringify([{ id: next() }, { id: next() }]) }), { rounds: 3 })
    expect(describeNoise(learned, learnNoise(learned, 'body'), 'single')).toEqual([
      'GET /a?x=1: $[*].id varies from answer to answer of single; the answers are compared without.',
    ])
  })

  test('a status that varies is never noise', async () => {
    let asked = 0
    const learned = await answersOf(() => ({ status: asked++ === 0 ? 200 : 429, body: '{}' }), { rounds: 2 })
    expect(learnNoise(learned, 'body').places.size).toBe(0)
    expect(unexpectedStatuses(learned)).toEqual(['GET /a?x=1: expected status 200, got 429'])
  })
})

test('GET and POST of one path are two requests', async () => {
  const requests: readonly WorkloadRequest[] = [GET, { ...GET, method: 'POST' }]
  const reply = ({ method }: IncomingMessage): Reply => ({ body: JSON.stringify({ [method ?? '']: true }) })
  const [a, b] = [await answersOf(reply, { requests }), await answersOf(reply, { requests })]
  expect(compareAnswers(a, b).faults).toEqual([])
})

test('the Host is the same for every launch, so that links made of it are equal', async () => {
  const reply = ({ headers }: IncomingMessage): Reply => ({ body: JSON.stringify({ self: `http://${headers.host}/` }) })
  const [a, b] = [await answersOf(reply), await answersOf(reply)]
  expect(a[0]?.body.toString()).toBe('{"self":"http://localhost/"}')
  expect(compareAnswers(a, b).faults).toEqual([])
})

test('the level says what must be equal', async () => {
  const differs: Reply = { headers: { ...JSON_TYPE, etag: '"2"' }, body: '{"b":2,"a":1}' }
  const baseline = await answersOf(() => ({ headers: { ...JSON_TYPE, etag: '"1"' }, body: '{"a":1,"b":2}' }))
  const got = await answersOf(() => differs)
  const faults = (level: EqualityLevel): string => compareAnswers(baseline, got, level).faults.join()
  expect(faults('status')).toBe('')
  expect(faults('json')).toBe('')
  expect(faults('headers')).toBe('GET /a?x=1: header etag expected "1", got "2"')
  expect(faults('body')).toContain('notation')
})

test.each([
  ['$.now', { now: 1, ok: true }, { now: 2, ok: true }],
  ['$.items[*].id', { items: [{ id: 1 }, { id: 2 }] }, { items: [{ id: 3 }, { id: 4 }] }],
  ['$..id', { a: { b: [{ id: 1 }] } }, { a: { b: [{ id: 2 }] } }],
  ['$.meta', { meta: { at: 1 } }, { meta: { at: 2 } }],
  ['$["odd key"]', { 'odd key': 1 }, { 'odd key': 2 }],
  ['body', { a: 1 }, { b: 2 }],
])('%s is left out when it is named', async (ignored, one, other) => {
  const [a, b] = [
    await answersOf(() => ({ body: JSON.stringify(one) })),
    await answersOf(() => ({ body: JSON.stringify(other) })),
  ]
  const noise = learnNoise(a, 'body', [parseIgnored(ignored, '--ignore')])
  expect(compareAnswers(a, b).faults).toHaveLength(1)
  expect(compareAnswers(a, b, 'body', noise).faults).toEqual([])
})

test.each(['now', '$', '$.', '$.a b', 'header'])('"%s" names no place', (text) => {
  expect(() => parseIgnored(text, '--ignore')).toThrow(ForkwiseError)
})

test('closing every connection is a trait, not a fault', async () => {
  const baseline = await answersOf(() => ({ body: '{"a":1}' }))
  const closing = await answersOf(() => ({ headers: { ...JSON_TYPE, connection: 'close' }, body: '{"a":1}' }))
  expect(compareAnswers(baseline, closing)).toEqual({
    faults: [],
    traits: ['closes the connection after every answer'],
  })
})

test('a server that is not there is named by the request that failed', async () => {
  const asking = {
    workloads: [{ requests: [GET] }],
    timeoutS: 60,
    rounds: 1,
    host: null,
    signal: new AbortController().signal,
  }
  await expect(collectAnswers([new URL('http://127.0.0.1:9')], asking)).rejects.toThrow('GET /a?x=1')
})
