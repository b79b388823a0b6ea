import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ProblemList } from '../../../core/errors.ts'
import { prepare } from '../../../experiments/prepare.ts'
import { readRequestsFile, type RequestsFile } from '../../../experiments/resolution/requests-file.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'forkwise-requests-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function written(content: unknown, name = 'shop.har'): string {
  const file = join(dir, name)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

function read(content: unknown): { readonly file: RequestsFile | null; readonly problems: readonly string[] } {
  const problems = new ProblemList()
  const file = readRequestsFile(written(content), '--requests', problems)
  try {
    problems.throwIfAny()
    return { file, problems: [] }
  } catch (thrown) {
    return { file, problems: (thrown as Error).message.split('\n') }
  }
}

function entry(method: string, url: string, more: object = {}, status = 200): object {
  return { time: 3, request: { method, url, headers: [], ...more }, response: { status, content: {} } }
}

describe('a HAR', () => {
  const headers = [
    { name: ':authority', value: 'x' },
    { name: 'Host', value: 'localhost:3000' },
    { name: 'Accept', value: 'text/html' },
    { name: 'Connection', value: 'keep-alive' },
    { name: 'If-None-Match', value: '"1"' },
    { name: 'Cookie', value: 'a=1' },
    { name: 'cookie', value: 'b=2' },
  ]
  const har = {
    log: {
      version: '1.2',
      entries: [
        entry('GET', 'http://localhost:3000/orders?page=2', { headers }, 304),
        entry('GET', 'https://fonts.example/a.woff'),
        entry('GET', 'http://localhost:3000/orders?page=2', { headers }),
        entry(
          'POST',
          'http://localhost:3000/orders',
          { postData: { mimeType: 'application/json', text: '{"a":1}' } },
          201,
        ),
        entry('OPTIONS', 'http://localhost:3000/orders'),
        entry('GET', 'http://localhost:3000/gone', {}, 0),
      ],
    },
  }

  test('gives the requests of its server, equal ones with a weight, without what belongs to one visit', () => {
    expect(read(har).file).toEqual({
      title: 'shop.har: 4 requests of http://localhost:3000, 1 to other servers left out',
      requests: [
        {
          path: '/orders?page=2',
          method: 'GET',
          headers: { accept: 'text/html', cookie: 'a=1; b=2' },
          expectStatus: 200,
          weight: 2,
        },
        { path: '/orders', method: 'POST', body: '{"a":1}', expectStatus: 201, weight: 1 },
        { path: '/gone', method: 'GET', expectStatus: 200, weight: 1 },
      ],
    })
  })

  test('is the mix of an experiment, with the headers that hold for all', async () => {
    const app = written('export default (request, response) => response.end("ok")', 'app.mjs')
    const requests = written(har)
    const { workload } = (await prepare.scale({
      models: ['single'],
      app,
      requests,
      headers: { authorization: 'me' },
    })) as {
      readonly workload?: { readonly title: string; readonly requests: readonly unknown[] }
    }
    expect(workload?.title).toMatch(/^shop\.har: 4 requests/)
    expect(workload?.requests.slice(0, 2)).toMatchObject([
      { route: '/orders', weight: 2, headers: { accept: 'text/html', authorization: 'me' } },
      { route: 'POST /orders', body: '{"a":1}', expectStatus: 201 },
    ])
  })
})

test('a list of requests, as a configuration has it', () => {
  const requests = ['/a', { path: '/b', weight: 9, body: { c: 1 } }]
  expect(read(requests).file).toEqual({ requests, title: 'shop.har: 2 requests' })
})

test.each([
  ['no JSON', /^Expected `--requests` to be JSON, got shop\.har: /],
  [{ log: { entries: [{ request: { method: 'GET' } }] } }, /`--requests shop\.har\.log\.entries\[0\]\.request/],
  [{ log: { entries: [] } }, /Expected `--requests` to hold requests of a server, got shop\.har with none/],
  [[{ weight: 2 }], /`--requests shop\.har\[0\]/],
  [{ paths: [] }, /`--requests shop\.har`/],
])('%j is refused', (content, problem) => {
  const { file, problems } = read(content)
  expect(file).toBeNull()
  expect(problems.join('\n')).toMatch(problem)
})

test('a file that is not there, a folder, and paths beside it', async () => {
  const app = written('export default (request, response) => response.end("ok")', 'app.mjs')
  const models = ['single']
  await expect(prepare.scale({ models, app, requests: join(dir, 'none') })).rejects.toThrow(
    /`requests` to be a file, got .*none/,
  )
  await expect(prepare.scale({ models, app, requests: dir })).rejects.toThrow(/a regular file, got a folder/)
  await expect(prepare.scale({ models, app, requests: written(['/']), paths: ['/'] })).rejects.toThrow(
    /Expected at most one of .*`requests`/,
  )
  await expect(prepare.scale({ models, requests: written(['/']) })).rejects.toThrow(
    'Expected `requests` only with `app`, got it alone.',
  )
})
