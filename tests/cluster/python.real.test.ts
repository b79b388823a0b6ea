import http from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { type RunningDependency, startDependency } from '../../cluster/dependency.ts'
import type { RunningServer } from '../../cluster/model.ts'
import { findModel } from '../../cluster/models.ts'
import { openSession, type Session } from '../../cluster/session.ts'
import { startServer } from '../../cluster/start.ts'
import { seededRandom } from '../../core/random.ts'
import { describeHandlers } from '../../server/handlers.ts'
import { partTest } from '../parts.ts'

// The Python handlers answer with the same bytes as the Node handlers, whatever they are asked.

interface Ask {
  readonly method: string
  readonly path: string
}

let stateRoot = ''
let session: Session
let dependency: RunningDependency
/** One server of each kind of app: what concerns the handlers is the same under all others. */
const WITH_EVERY_HANDLER: readonly string[] = ['gunicorn-sync', 'uvicorn']
/** What concerns the handlers, which are the same under every server. */
let handlerAsks: Ask[] = []
/** What a server may read in its own way. */
const serverAsks: readonly Ask[] = [...asksOfThePlace(), ...oddQueries(100)]
let fromNode: ReadonlyMap<Ask, string>
let withoutDependency = ''

beforeAll(async () => {
  stateRoot = mkdtempSync(join(os.tmpdir(), 'fw-'))
  session = await openSession({ stateRoot })
  dependency = await startDependency(session)
  handlerAsks = await asksOfEveryHandler()
  const node = await start('single')
  fromNode = await answersOf(node, [...handlerAsks, ...serverAsks])
  await node.stop(1)
  const alone = await start('single', '')
  withoutDependency = await upstreamAnswer(alone)
  await alone.stop(1)
})
afterAll(async () => {
  await session.close()
  rmSync(stateRoot, { recursive: true, force: true })
})

for (const [part, model] of [
  ['gunicorn', 'gunicorn-sync'],
  ['gunicorn', 'gunicorn-gthread'],
  ['gunicorn', 'gunicorn-gevent'],
  ['uwsgi', 'uwsgi'],
  ['apache2', 'mod-wsgi'],
  ['uvicorn', 'uvicorn'],
  ['hypercorn', 'hypercorn'],
  ['daphne', 'daphne'],
  ['nginx', 'nginx-gunicorn'],
  ['nginx', 'nginx-uwsgi'],
  ['redis-server', 'celery-reply'],
  ['rq', 'rq-reply'],
] as const) {
  partTest([part], `${model} answers with the same bytes as Node`, async () => {
    const asks = WITH_EVERY_HANDLER.includes(model) ? [...handlerAsks, ...serverAsks] : serverAsks
    const server = await start(model)
    const answers = await answersOf(server, asks)
    await server.stop(2)
    expect(answers.size).toBe(asks.length)
    const different = asks.filter((ask) => answers.get(ask) !== fromNode.get(ask))
    expect(different.map((ask) => ({ ...ask, node: fromNode.get(ask), python: answers.get(ask) }))).toEqual([])
  })
}

for (const [part, model] of [
  ['gunicorn', 'gunicorn-sync'],
  ['hypercorn', 'hypercorn'],
] as const) {
  partTest([part], `without a dependency the answer of ${model} is the same 502`, async () => {
    expect(withoutDependency).toContain('"status":502')
    const server = await start(model, '')
    expect(await upstreamAnswer(server)).toBe(withoutDependency)
    await server.stop(2)
  })
}

async function start(id: string, upstreamUrl: string = dependency.url): Promise<RunningServer> {
  return startServer(await findModel(id), {
    session,
    size: { workers: 1, threads: 1 },
    app: {},
    metrics: true,
    upstreamUrl,
    signal: AbortSignal.timeout(300_000),
    startTimeoutS: 240,
  })
}

/** Every handler with every parameter at, within and beyond its bounds, and with what is no number at all. */
async function asksOfEveryHandler(): Promise<Ask[]> {
  const paths: string[] = []
  for (const { path, parameters } of await describeHandlers()) {
    paths.push(path, `${path}?`, `${path}?nothing=1`)
    for (const { name, min, max } of parameters) {
      const values = ['1', '2', '7', '10', '', ' 5', '+5', '-1', '05', '1.0', '1e1', '0x1', 'x', '٣', '1'.repeat(30)]
      if (min !== undefined) values.push(min, String(BigInt(min) - 1n))
      if (max !== undefined) values.push(String(BigInt(max) + 1n))
      for (const value of values) paths.push(`${path}?${name}=${encodeURIComponent(value)}`)
      paths.push(
        `${path}?${name}=1&${name}=2`,
        `${path}?${name}=x&other=1&${name}=y&more=${'é'.repeat(3)}`.replace(/é/g, '%C3%A9'),
      )
    }
  }
  const numbers = seededRandom(7)
  for (let i = 0; i < 20; i++) paths.push(`/cpu/prime?n=${Math.floor(10 ** (1 + numbers() * 9))}`)
  for (const n of ['9999999999999999', '9007199254740992', '9999999998000000001']) paths.push(`/cpu/prime?n=${n}`)
  return paths.map((path) => ({ method: 'GET', path }))
}

/** Paths and methods: case, slashes, escapes, what does not exist. */
function asksOfThePlace(): Ask[] {
  const paths = ['/healthz', '/readyz', '/', '/nowhere', '/CPU/Prime?n=7', '/cpu/prime/?n=7', '/cpu//prime?n=7']
  paths.push('/io/file', '/io/file?kb=10', '/io/file?kb=7', '/IO/File/?kb=1', '/io//file?kb=1', '/io%2Ffile?kb=1')
  paths.push('/cpu/%70rime?n=7', '/cpu%2Fprime?n=7', '/cpu/prime/x?n=7', '/healthz?x=1', '/cpu')
  const methods = ['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']
  return [
    ...paths.map((path) => ({ method: 'GET', path })),
    ...methods.flatMap((method) => ['/cpu/prime?n=7', '/io/file?kb=1', '/nowhere'].map((path) => ({ method, path }))),
  ]
}

/** Queries put together from what query strings are made of, whole or broken. */
function oddQueries(count: number): Ask[] {
  const parts = [
    'n',
    'ms',
    '=',
    '=',
    '&',
    '&',
    '+',
    '%20',
    '%',
    '%2',
    '%zz',
    '%c3%a9',
    '%ff',
    '%F0%9F%98%80',
    '%00',
    '4',
    '7',
    ';',
    '"',
    '\\',
    '/',
    '?',
  ]
  const random = seededRandom(11)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  return Array.from({ length: count }, () => {
    const length = 1 + Math.floor(random() * 9)
    return {
      method: 'GET',
      path: `${pick(['/cpu/prime', '/io/sleep'])}?${Array.from({ length }, () => pick(parts)).join('')}`,
    }
  })
}

async function upstreamAnswer(server: RunningServer): Promise<string> {
  const ask = { method: 'GET', path: '/io/upstream?ms=1' }
  return (await answersOf(server, [ask])).get(ask) ?? ''
}

/** Status, type, length and body of each answer, asked one after the other over one connection where the server keeps it. */
async function answersOf(server: RunningServer, asks: readonly Ask[]): Promise<ReadonlyMap<Ask, string>> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const answers = new Map<Ask, string>()
  for (const ask of asks) answers.set(ask, await answerOf(server.targets[0], agent, ask))
  agent.destroy()
  return answers
}

function answerOf(target: URL | undefined, agent: http.Agent, { method, path }: Ask): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: target?.hostname, port: target?.port, agent, method, path }
    const request = http.request(options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const { 'content-type': type, 'content-length': length } = response.headers
        resolve(`${response.statusCode} ${type} ${length}\n${Buffer.concat(chunks).toString('latin1')}`)
      })
    })
    request.on('error', (error) => reject(new Error(`${method} ${path}: ${error.message}`)))
    request.end()
  })
}
