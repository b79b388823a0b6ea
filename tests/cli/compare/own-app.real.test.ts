import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadModels } from '../../../cluster/models.ts'
import { openSession } from '../../../cluster/session.ts'
import { startServer } from '../../../cluster/start.ts'
import { PACKAGE_ROOT } from '../../../core/paths.ts'
import { judgeModelsOnNodes } from '../../../cluster/runnable.ts'
import { inPlace } from '../forkwise-process.ts'

const app = (name: string): string => join(PACKAGE_ROOT, 'tests', 'fixtures', 'apps', name)

test.concurrent.each([
  [
    'throws as it loads',
    'throws.mjs',
    2,
    /threw while it was (?:loaded|starting): no database here\n[^]*at connect .*throws\.mjs:2/,
  ],
  [
    'ends the process as it loads',
    'exits.mjs',
    2,
    /ended with exit code 3 before it did\.\nexpected DATABASE_URL to be set/,
  ],
  ['exports nothing usable', 'exports-nothing.mjs', 2, /has not called `listen`, and it has only `version`/],
  ['dies at once', 'dies.cjs', 2, /threw while it was starting: the database is gone\n[^]*at .*dies\.cjs:6/],
  [
    'answers 500',
    'fails.cjs',
    4,
    /expected status 200, got 500[^]*no such table: orders\n\s+at readOrder .*fails\.cjs:5/,
  ],
])('an app that %s ends the comparison with one error and the app’s own stack', (_what, file, code, message) =>
  inPlace(async (place) => {
    const words = [
      'compare',
      '--app',
      app(file),
      '--path',
      '/orders/42',
      '--models',
      'single,cluster',
      '--quick',
      '--anyway',
    ]
    const ended = await place.run(words)
    expect(ended.stderr).toMatch(message)
    expect(ended.stderr.match(/^forkwise: /gm)).toHaveLength(1)
    expect(ended.code).toBe(code)
  }),
)

describe('apps that were not written for Forkwise', () => {
  test('run unchanged under every model that arranges processes, and end when asked', () =>
    inPlace(async (place) => {
      const apps = ['express-compiled.cjs', 'express-module.mjs', 'listener.mjs', 'self-listening.cjs'].map(app)
      const models = (await loadModels()).filter((model) => model.runs === 'any-node-app')
      const judged = (await judgeModelsOnNodes(models, null, { handlers: [] })).filter(
        ({ needs }) => needs.length === 0,
      )
      expect(judged.map(({ model }) => model.id)).toEqual(expect.arrayContaining(['single', 'cluster', 'pm2-fork']))
      const closing = { headers: { connection: 'close' } }
      const session = await openSession({ stateRoot: join(place.dir, 'state') })
      const context = { session, size: { workers: 2, threads: 1 }, metrics: true, upstreamUrl: 'http://127.0.0.1:1' }
      try {
        for (const { model, node } of judged) {
          const answers = apps.map(async (module) => {
            const server = await startServer(model, {
              ...context,
              app: { module },
              nodePath: node.nodePath,
              signal: new AbortController().signal,
              startTimeoutS: 120,
            })
            const texts = server.targets.map(async (target) =>
              (await fetch(new URL('/orders/42', target), closing)).text(),
            )
            const found = await Promise.all(texts)
            expect((await server.stop(20)).killed).toEqual([])
            return found
          })
          expect(new Set((await Promise.all(answers)).flat()), model.id).toEqual(new Set(['{"order":"42"}']))
        }
      } finally {
        await session.close()
      }
    }))
})

describe('requests with a login and values from a table', () => {
  const SETUP = `import { appendFileSync } from 'node:fs'
export default async (target) => {
  appendFileSync('setups.txt', target + '\\n')
  const { token, user } = await (await fetch(target + '/login', { method: 'POST' })).json()
  return { headers: { authorization: 'Bearer ' + token }, values: { user } }
}`
  const IDS = ['1', 'ä/2 3', '100%']
  const compare = (setup: string): string[] => {
    const words = `compare --path /orders/{{id}}?user={{user}} --rows ids.csv --setup ${setup} --models single,cluster --quick --anyway --out run`
    return [...words.split(' '), '--app', app('orders-with-login.cjs')]
  }

  // As far as the first block: whether its figures can be trusted is a question of how busy the machine is.
  test.concurrent('are answered under every model, each launch prepared once', () =>
    inPlace(async (place) => {
      writeFileSync(join(place.dir, 'ids.csv'), `id\n${IDS.join('\n')}\n`)
      writeFileSync(join(place.dir, 'setup.mjs'), SETUP)
      const started = place.start(compare('setup.mjs'))
      await started.until('block 1, own')
      started.child.kill('SIGINT')
      const { code, stderr } = await started.ended
      expect(code, stderr).toBe(130)
      const lines = (file: string): string[] => readFileSync(join(place.dir, file), 'utf8').trim().split('\n')
      expect(new Set(lines('asked.txt'))).toEqual(new Set(IDS.map((id) => `ann ${id}`)))
      // The baseline was launched twice, and the other once, without which no block begins.
      expect(lines('setups.txt').length).toBeGreaterThanOrEqual(3)
    }))

  test.concurrent.each([
    ['without a login', 'export default () => ({ values: { user: 1 } })', 4, /expected status 200, got 401/],
    [
      'with a login that fails',
      `export default () => { throw new Error('no such user') }`,
      2,
      /setup\.mjs to prepare the app at http:\/\/127\.0\.0\.1:\d+, got: no such user/,
    ],
  ])('%s end the comparison at once, in words', (_what, setup, code, message) =>
    inPlace(async (place) => {
      writeFileSync(join(place.dir, 'ids.csv'), 'id\n1\n')
      writeFileSync(join(place.dir, 'setup.mjs'), setup)
      const ended = await place.run(compare('setup.mjs'))
      expect(ended.stderr).toMatch(message)
      expect(ended.code).toBe(code)
    }),
  )
})
