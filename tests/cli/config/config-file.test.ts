import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readConfig } from '../../../cli/config/config-file.ts'
import { completedValues } from '../../../cli/config/configured-values.ts'
import type { ForkwiseConfig } from '../../../cli/config/define.ts'
import { ownWorkloads } from '../../../cli/config/own-workloads.ts'
import { CONFIG_SCHEMA } from '../../../cli/config/schema.ts'
import { configJson, configScript } from '../../../cli/config/template.ts'
import { ForkwiseError, ProblemList } from '../../../core/errors.ts'
import { PACKAGE_ROOT } from '../../../core/paths.ts'

let dir = ''

beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwt-'))
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** The message of the usage error that a configuration causes. */
async function complaint(text: string, name: string = 'forkwise.config.json'): Promise<string> {
  writeFileSync(join(dir, name), text)
  const thrown: unknown = await readConfig(undefined, dir).catch((error: unknown) => error)
  if (!(thrown instanceof ForkwiseError)) throw new Error('Expected a usage error.')
  expect(thrown.code).toBe('USAGE')
  return thrown.problems.map(({ message, hint }) => `${message} ${hint ?? ''}`).join('\n')
}

describe('a configuration', () => {
  test('is found in the folder, or is not there', async () => {
    expect(await readConfig(undefined, dir)).toBeNull()
    writeFileSync(join(dir, 'forkwise.config.json'), '{ "models": "all" }')
    expect(await readConfig(undefined, dir)).toMatchObject({ label: 'forkwise.config.json', config: { models: 'all' } })
    expect(await readConfig('none', dir)).toBeNull()
  })

  test.each([
    ['forkwise.config.mjs', 'export default { blocks: 9 }'],
    ['forkwise.config.cjs', 'module.exports = { blocks: 9 }'],
  ])('may be %s', async (name, text) => {
    writeFileSync(join(dir, name), text)
    expect((await readConfig(undefined, dir))?.config).toEqual({ blocks: 9 })
  })

  test('that is named must be there; of two in a folder one must be named', async () => {
    await expect(readConfig('nowhere.json', dir)).rejects.toThrow(/`--config` to be a file, got "nowhere.json"/)
    writeFileSync(join(dir, 'forkwise.config.cjs'), 'module.exports = {}')
    expect(await complaint('{}')).toMatch(/one configuration.*forkwise\.config\.cjs and forkwise\.config\.json/)
    expect(await readConfig('forkwise.config.cjs', dir)).not.toBeNull()
  })

  test('tells all its problems at once, each with its place', async () => {
    const problems = await complaint(
      JSON.stringify({
        bloks: 3,
        workers: 'two',
        models: [],
        undecided: 'maybe',
        workloads: [{ id: 'X', paths: ['/'] }],
      }),
    )
    expect(problems).toMatch(/a setting that exists.*got "bloks".*Did you mean "blocks"/)
    expect(problems).toMatch(/`workers` of forkwise\.config\.json to be integer, got "two"/)
    expect(problems).toMatch(/`models`.*not to have fewer than 1 items/)
    expect(problems).toMatch(/`undecided`.*: fail, warn, got "maybe"/)
    expect(problems).toMatch(/`workloads\[0\]\.id`/)
  })

  test.each<[string, string, string, RegExp]>([
    ['torn JSON', 'forkwise.config.json', '{ "models": ', /to load, got: .*JSON/],
    ['a script that throws', 'forkwise.config.cjs', 'throw new Error("no such host")', /to load, got: no such host/],
    ['a script without a default export', 'forkwise.config.mjs', 'export const models = []', /no default export/],
    ['a list', 'forkwise.config.json', '[]', /forkwise\.config\.json to be object/],
  ])('that is %s is refused', async (_what, name, text, message) => {
    expect(await complaint(text, name)).toMatch(message)
  })
})

describe('the command line', () => {
  const loaded = (config: ForkwiseConfig): Parameters<typeof completedValues>[1] => ({
    file: '/home/me/forkwise.config.json',
    label: 'forkwise.config.json',
    dir: '/home/me',
    config,
  })

  test('is completed by the configuration, whose paths start from its own folder', () => {
    const values = completedValues({ seed: '4' }, loaded({ app: './app.js', workers: 3, metrics: false, seed: 9 }))
    expect(values).toEqual({ app: '/home/me/app.js', workers: '3', metrics: 'off', seed: '4' })
  })

  test.each<[string, Record<string, string | boolean | string[]>, ForkwiseConfig, object]>([
    ['another length', { quick: true }, { budget: '5m' }, { quick: true }],
    ['other requests', { workloads: 'cpu' }, { paths: ['/a'] }, { workloads: 'cpu' }],
    [
      'other servers',
      { url: ['http://127.0.0.1:1'], name: ['a'] },
      { servers: [{ name: 'b', url: 'http://127.0.0.1:2', pid: 7 }] },
      { url: ['http://127.0.0.1:1'], name: ['a'] },
    ],
    [
      'nothing',
      {},
      { servers: [{ name: 'b', url: 'http://x', pid: 7 }] },
      { url: ['http://x'], name: ['b'], pid: ['b=7'] },
    ],
  ])('that names %s puts aside what the configuration says of it', (_what, given, config, values) => {
    expect(completedValues(given, loaded(config))).toEqual(values)
  })
})

test('workloads of one’s own are mixes of paths and of requests in full', () => {
  const problems = new ProblemList()
  const paths = ['9:/orders/42', { path: '/orders', method: 'POST', body: { item: 7 }, expectStatus: 201 }] as const
  const [orders] = ownWorkloads({ workloads: ['cpu', { id: 'orders', paths }] }, ['cpu'], problems)
  expect(orders).toMatchObject({ id: 'orders', title: 'orders' })
  expect(orders?.requests).toEqual([
    { route: '/orders/42', method: 'GET', path: '/orders/42', weight: 9, expectStatus: 200 },
    {
      route: 'POST /orders',
      method: 'POST',
      path: '/orders',
      weight: 1,
      expectStatus: 201,
      headers: { 'content-type': 'application/json' },
      body: '{"item":7}',
    },
  ])
  expect(problems.length).toBe(0)
  ownWorkloads(
    {
      workloads: [
        { id: 'cpu', paths: ['/'] },
        { id: 'b', paths: ['orders'] },
      ],
    },
    ['cpu'],
    problems,
  )
  expect(() => problems.throwIfAny()).toThrow(/got "cpu", which another one has\.\nExpected a path of `b`/)
})

describe('what init writes is read without complaint', () => {
  test.each([null, './app.js'])('for the app %s', async (app) => {
    for (const esm of [false, true]) {
      const folder = join(dir, String(esm))
      mkdirSync(folder)
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: esm ? 'module' : 'commonjs' }))
      writeFileSync(join(folder, 'forkwise.config.js'), configScript({ app, esm, schema: '' }))
      const config = (await readConfig(undefined, folder))?.config
      expect(config).toMatchObject({ budget: '5m', ...(app === null ? {} : { app, paths: ['/'] }) })
    }
    writeFileSync(join(dir, 'forkwise.config.json'), configJson({ app, esm: false, schema: './schema.json' }))
    expect((await readConfig(undefined, dir))?.config).toMatchObject({ $schema: './schema.json', budget: '5m' })
  })

  test('with every comment taken for a setting, too', async () => {
    const all = configScript({ app: './app.js', esm: true, schema: '' }).replaceAll(
      /^ {2}\/\/ (?=[a-z]+: |  |\],)/gm,
      '  ',
    )
    writeFileSync(join(dir, 'forkwise.config.mjs'), all)
    const config = (await readConfig(undefined, dir))?.config
    expect(config?.workloads).toHaveLength(1)
    expect(config).toMatchObject({ workers: 4, servers: [{ name: 'django' }], junit: 'forkwise.xml' })
  })
})

test('docs/forkwise.config.schema.json is the schema (FORKWISE_UPDATE=1 writes it)', () => {
  const file = join(PACKAGE_ROOT, 'docs', 'forkwise.config.schema.json')
  const text = `${JSON.stringify(CONFIG_SCHEMA, null, 2)}\n`
  if (process.env['FORKWISE_UPDATE'] === '1') writeFileSync(file, text)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(text))
})
