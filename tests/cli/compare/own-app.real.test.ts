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
