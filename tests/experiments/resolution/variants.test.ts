import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServerModel } from '../../../cluster/model.ts'
import { loadModels } from '../../../cluster/models.ts'
import { ForkwiseError, ProblemList } from '../../../core/errors.ts'
import { codeSource, GivenOptions } from '../../../experiments/options/given.ts'
import type { CompareOptions } from '../../../experiments/options/options.ts'
import { COMPARE } from '../../../experiments/options/sets/comparison.ts'
import { readSettings } from '../../../experiments/options/settings.ts'
import { pickModels } from '../../../experiments/resolution/models.ts'
import { resolveVariants, type WantedVariant } from '../../../experiments/resolution/variants.ts'

let dir = ''
let all: readonly ServerModel[] = []
beforeAll(async () => {
  all = await loadModels()
  dir = mkdtempSync(join(os.tmpdir(), 'fw-'))
  for (const name of ['a.js', 'b.js']) writeFileSync(join(dir, name), '')
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** The variants, or everything that is wrong with them. */
function resolved(options: CompareOptions): readonly WantedVariant[] | null | string {
  const given = GivenOptions.of({ ...options }, codeSource(dir))
  const problems = new ProblemList()
  const settings = readSettings(COMPARE, given, problems)
  const chosen = Array.isArray(options.models) ? pickModels(options.models, all, given, problems) : null
  const app = typeof settings.app === 'string' ? { module: settings.app } : null
  const found = resolveVariants(settings, { chosen, all, app, taken: all.map(({ id }) => id) }, given, problems)
  try {
    problems.throwIfAny('USAGE')
    return found
  } catch (thrown) {
    return thrown instanceof ForkwiseError ? thrown.message : String(thrown)
  }
}

const briefly = (found: ReturnType<typeof resolved>): unknown =>
  typeof found === 'string' || found === null ? found : found.map(({ id, model }) => `${id} ${model.id}`)

test('models alone are no variants', () => {
  expect(resolved({ models: ['single', 'cluster'], app: 'a.js' })).toBeNull()
})

test('apps by name are compared under the single process, or under the models that are named', () => {
  const app = { old: 'a.js', new: 'b.js' }
  expect(briefly(resolved({ app }))).toEqual(['old single', 'new single'])
  expect(briefly(resolved({ app, models: ['cluster'] }))).toEqual(['old cluster', 'new cluster'])
  expect(briefly(resolved({ app, models: ['single', 'cluster'] }))).toEqual([
    'single@old single',
    'single@new single',
    'cluster@old cluster',
    'cluster@new cluster',
  ])
  expect(resolved({ app })).toMatchObject([
    { app: { module: join(dir, 'a.js') } },
    { app: { module: join(dir, 'b.js') } },
  ])
})

test('apps and Nodes are crossed', () => {
  const found = resolved({ app: { old: 'a.js', new: 'b.js' }, node: { '20': '/n20', '24': '/n24' } })
  expect(briefly(found)).toEqual(['old-20 single', 'old-24 single', 'new-20 single', 'new-24 single'])
  expect(found).toMatchObject([{ nodePath: '/n20' }, { nodePath: '/n24' }, { nodePath: '/n20' }, { nodePath: '/n24' }])
})

test('one revision is compared with the files as they are', () => {
  expect(resolved({ app: 'a.js', refs: ['origin/main'] })).toMatchObject([
    { id: 'origin-main', ref: 'origin/main' },
    { id: 'now', app: { module: join(dir, 'a.js') } },
  ])
  expect(briefly(resolved({ app: 'a.js', refs: ['main', 'HEAD'] }))).toEqual(['main single', 'HEAD single'])
})

test('variants one by one have what they say, and the rest as the comparison has it', () => {
  const variants = [
    { name: 'pool8', model: 'worker-pool', workers: 8, env: { UV: '8' }, nodeArgs: '--max-semi-space-size=64' },
    { name: 'plain', model: 'single', app: 'b.js' },
    { name: 'pypy', model: 'gunicorn-gthread', python: './pypy3' },
  ]
  expect(resolved({ app: 'a.js', variants })).toMatchObject([
    {
      id: 'pool8',
      workers: 8,
      app: { module: join(dir, 'a.js') },
      env: { UV: '8', NODE_OPTIONS: expect.stringMatching(/--max-semi-space-size=64$/) as string },
    },
    { id: 'plain', model: { id: 'single' }, app: { module: join(dir, 'b.js') }, env: {} },
    { id: 'pypy', model: { id: 'gunicorn-gthread' }, pythonPath: join(dir, 'pypy3') },
  ])
})

test('everything that is wrong is said at once', () => {
  const variants = [
    { name: 'cluster', model: 'single' },
    { name: 'x', model: 'clustre' },
    { name: 'y', app: 'none.js' },
    { name: 'y', model: 'single' },
  ]
  const message = resolved({ variants, build: 'make', models: ['single', 'pm2-fork'] })
  for (const part of [
    '`build` only with `refs`',
    'got "cluster", which another one, a model or a server has',
    'a model in `variants[1].model` that exists, got "clustre"',
    '`variants[2].model`, got none',
    '`variants[2].app` to be a file',
  ]) {
    expect(message).toContain(part)
  }
  expect(resolved({ refs: ['main'] })).toContain('Expected `app` or `start` with `refs`, got none')
  expect(resolved({ refs: ['main'], app: { a: 'a.js', b: 'b.js' } })).toContain('Expected one app with `refs`')
})

test('a revision that is named twice is refused: it would be compared with something else', () => {
  expect(resolved({ app: 'a.js', refs: ['HEAD', 'HEAD'] })).toMatch(/each revision of `refs` once, got HEAD, HEAD/)
})
