import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type AppFindings, inspectApp } from '../../cluster/app-inspection.ts'
import { LOG_LIMIT_BYTES } from '../../cluster/launch-logs.ts'
import type { AppUnderTest, RunningServer } from '../../cluster/model.ts'
import { findModel } from '../../cluster/models.ts'
import { judgeModelsOnNodes } from '../../cluster/runnable.ts'
import { cleanEnvironment } from '../../cluster/owned-launch.ts'
import { openSession, type Session } from '../../cluster/session.ts'
import { startServer } from '../../cluster/start.ts'
import { PACKAGE_ROOT } from '../../core/paths.ts'

const APPS = join(PACKAGE_ROOT, 'tests', 'fixtures', 'apps')

/** Apps as the documentation of each framework has them, from npm. NestJS and Next.js have a file of their own. */
const FRAMEWORKS = [
  'express-4.cjs',
  'express-5.mjs',
  'express-generator/bin/www',
  'fastify-await.mjs',
  'fastify-export.cjs',
  'hono-serve.mjs',
  'koa-export.mjs',
  'typescript.ts',
].map((file) => join('frameworks', file))

/** Ways to start that a model whose workers have a primary might not keep to. */
const HABITS = ['main-guard.mjs', 'awaits-listen.mjs', 'metrics-first.cjs', 'says-ready.cjs', 'address-sync.cjs']

/** What only a model with one process for each port might mix up. */
const PORT_HABITS = ['metrics-beside.cjs', 'probes-port.cjs', 'unix-socket.cjs']

/** Apps that are started at the same time. */
const AT_ONCE = 3

const MODELS = ['single', 'cluster', 'pm2-fork', 'pm2-cluster', 'nginx-fork', 'reuse-port'] as const

let dir: string
let session: Session
const apps = new Map<string, AppUnderTest>()
let whichProgram: AppFindings

beforeAll(async () => {
  dir = mkdtempSync(join(os.tmpdir(), 'fw-'))
  session = await openSession({ stateRoot: join(dir, 'state') })
  writeFileSync(join(dir, 'settings.json'), '{ "name": "mine" }')
  symlinkSync(join(APPS, 'which-program.cjs'), join(dir, 'linked.cjs'))
  const linked = { module: join(dir, 'linked.cjs'), cwd: dir }
  whichProgram = await inspectApp(linked, process.execPath)
  apps.set('which-program.cjs', { ...linked, ...whichProgram.start })
  for (const file of [
    ...FRAMEWORKS,
    ...HABITS,
    ...PORT_HABITS,
    'start-facts.cjs',
    'keep-alive.cjs',
    'chatty.cjs',
    'ends-with-stdin.cjs',
  ]) {
    const module = join(APPS, file)
    const app = { module, cwd: file === 'unix-socket.cjs' ? dir : process.cwd() }
    apps.set(file, { ...app, ...(await inspectApp(app, process.execPath)).start })
  }
})

afterAll(async () => {
  await session.close()
  rmSync(dir, { recursive: true, force: true })
})

/** Starts an app under a model and asks every address of it. */
async function answersOf(
  id: string,
  nodePath: string,
  file: string,
  ask: (server: RunningServer) => Promise<readonly string[]>,
  workers: number = 1,
): Promise<readonly string[]> {
  const server = await startServer(await findModel(id), {
    session,
    nodePath,
    size: { workers, threads: 1 },
    app: apps.get(file) ?? {},
    metrics: true,
    upstreamUrl: 'http://127.0.0.1:1',
    signal: new AbortController().signal,
    startTimeoutS: 120,
  })
  try {
    return await ask(server)
  } finally {
    await server.stop(2)
  }
}

const bodies =
  (path: string) =>
  (server: RunningServer): Promise<string[]> =>
    Promise.all(server.targets.map(async (target) => (await fetch(new URL(path, target))).text()))

describe.each([...MODELS, 'watt'] as const)('%s', (id) => {
  let nodePath: string | null = null

  beforeAll(async () => {
    const [judged] = await judgeModelsOnNodes([await findModel(id)], null, null)
    nodePath = judged?.needs.length === 0 ? judged.node.nodePath : null
  })

  // Watt takes seconds to start, and its threads start an app as `single` does.
  test.skipIf(id === 'watt')('answers for every framework, however it listens, as the others do', async (context) => {
    if (nodePath === null) return context.skip(`${id} cannot run here`)
    const node = nodePath
    const left = [...FRAMEWORKS, ...(id.endsWith('cluster') ? HABITS : [])]
    const startNext = async (): Promise<void> => {
      for (let file = left.shift(); file !== undefined; file = left.shift()) {
        const answers = await answersOf(id, node, file, bodies('/orders/42'))
        expect(new Set(answers), file).toEqual(new Set(['{"order":"42"}']))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, startNext))
  })

  test('starts the app as its owner does: as the main module, without other arguments, in the current folder, with all variables', async (context) => {
    if (nodePath === null) return context.skip(`${id} cannot run here`)
    vi.stubEnv('OWNER_NOTE', 'a = "b", ä\nsecond line')
    const facts = { argv: [join(APPS, 'start-facts.cjs')], cwd: process.cwd(), settings: false }
    const ask = async (server: RunningServer): Promise<string[]> => {
      for (const text of await bodies('/env')(server)) {
        expect(JSON.parse(text)).toMatchObject(cleanEnvironment(process.env))
      }
      return bodies('/')(server)
    }
    const answers = await answersOf(id, nodePath, 'start-facts.cjs', ask, 2)
    vi.unstubAllEnvs()
    expect(answers.map((text) => JSON.parse(text) as unknown)).toEqual(answers.map(() => facts))
  })

  test('runs no other program: of another folder, with other variables, of another file, or another server', async (context) => {
    if (nodePath === null) return context.skip(`${id} cannot run here`)
    const model = await findModel(id)
    const [judged] = await judgeModelsOnNodes([model], null, whichProgram)
    if (model.takesFirstServer === true) {
      return expect(judged?.needs.map(({ what }) => what)).toContainEqual(expect.stringMatching(/the app has several/))
    }
    expect(judged?.needs).toEqual([])
    vi.stubEnv('WHICH_PROGRAM', 'mine')
    const answers = await answersOf(id, nodePath, 'which-program.cjs', bodies('/'), 2)
    vi.unstubAllEnvs()
    const facts = { settings: 'mine', variable: 'mine', file: join(APPS, 'which-program.cjs'), isMain: true }
    expect(answers.map((text) => JSON.parse(text) as unknown)).toEqual(answers.map(() => facts))
  })
})

test.for(['cluster', 'reuse-port', 'pm2-fork', 'nginx-fork'])(
  'under %s the second server of an app, and its look at its port, are never in the way of another worker',
  async (id, context) => {
    const [judged] = await judgeModelsOnNodes([await findModel(id)], null, null)
    if (judged?.needs.length !== 0) return context.skip(`${id} cannot run here`)
    for (const file of PORT_HABITS) {
      const answers = await answersOf(id, judged.node.nodePath, file, bodies('/orders/42'), 3)
      expect(new Set(answers), file).toEqual(new Set(['{"order":"42"}']))
    }
  },
)

test.for(['single', 'cluster', 'pm2-fork'])('under %s the standard input of an app stays open', async (id) => {
  expect(await answersOf(id, process.execPath, 'ends-with-stdin.cjs', bodies('/'))).toEqual(['{"order":"42"}'])
})

test('an app keeps its own limits for connections', async () => {
  const [keepAlive] = await answersOf('single', process.execPath, 'keep-alive.cjs', async ({ targets }) => {
    const response = await fetch(targets[0] ?? '')
    return [response.headers.get('keep-alive') ?? '']
  })
  expect(keepAlive).toBe('timeout=1, max=3')
})

test.for(['single', 'pm2-fork', 'nginx-fork'])(
  '%s starts a command that listens on $PORT, and ends it',
  async (id, context) => {
    const [judged] = await judgeModelsOnNodes([await findModel(id)], null, null)
    if (judged?.needs.length !== 0) return context.skip(`${id} cannot run here`)
    apps.set('command', { command: `cd ${APPS} && node start-facts.cjs && echo over` })
    const answers = await answersOf(id, process.execPath, 'command', bodies('/'), 2)
    const facts = { argv: [join(APPS, 'start-facts.cjs')], cwd: APPS, settings: false }
    expect(answers.map((text) => JSON.parse(text) as unknown)).toEqual(answers.map(() => facts))
  },
)

test.for(['single', 'cluster', 'pm2-fork', 'pm2-cluster'])('what an app logs under %s is bounded', async (id) => {
  const logs = (): string[] =>
    readdirSync(session.dir, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.log'))
      .map((path) => readFileSync(join(session.dir, path), 'utf8'))
  await answersOf(id, process.execPath, 'chatty.cjs', async (server) => {
    for (let asked = 0; asked < 12; asked++) expect(await bodies('/')(server)).toEqual(['logged'])
    await expect.poll(() => Math.max(...logs().map(({ length }) => length))).toBeLessThan(LOG_LIMIT_BYTES)
    expect(logs().some((text) => text.includes('left out: Forkwise keeps the first'))).toBe(true)
    return []
  })
})
