import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { wordsToOptions } from '../../../cli/option-words.ts'
import { ForkwiseError, ProblemList } from '../../../core/errors.ts'
import { prepareComparison } from '../../../experiments/comparison/prepare.ts'
import { configuredOptions, type ForkwiseConfig } from '../../../experiments/options/configuration.ts'
import type { CompareOptions } from '../../../experiments/options/options.ts'
import { COMPARE } from '../../../experiments/options/sets/comparison.ts'
import { prepare } from '../../../experiments/prepare.ts'
import type { PreparedComparison } from '../../../experiments/comparison/comparison.ts'

const dir = mkdtempSync(join(os.tmpdir(), 'fwt-'))
const app = join(dir, 'app.cjs')
writeFileSync(app, "module.exports = (request, response) => response.end('ok')")
afterAll(() => rmSync(dir, { recursive: true, force: true }))

type Values = Parameters<typeof wordsToOptions>[1]['values']

/** A comparison as a configuration and a command line together ask for it. */
function prepareConfigured(value: ForkwiseConfig, values: Values = {}): Promise<PreparedComparison> {
  const problems = new ProblemList()
  const words = wordsToOptions(COMPARE, { values, positionals: [] }, problems)
  const { given } = configuredOptions('compare', { value, label: 'f.json', dir }, problems)
  return prepareComparison(words.before(given, COMPARE), () => 'again', problems)
}

async function messagesOf(prepared: Promise<unknown>): Promise<readonly string[]> {
  const thrown: unknown = await prepared.then(
    () => null,
    (error: unknown) => error,
  )
  if (!(thrown instanceof ForkwiseError)) throw new Error('Expected an error.', { cause: thrown })
  return thrown.problems.map(({ message }) => message)
}

describe('from code', () => {
  test('defaults are those of the command line', async () => {
    const { manifest, reader, anyway, thresholds } = await prepare.compare({ seed: 7 })
    expect(manifest.plan).toMatchObject({ baseline: 'single', workloads: ['cpu', 'io', 'mixed'], seed: 7, timeoutS: 5 })
    expect(manifest.command).toBe('compare({"seed":7})')
    expect({ reader, anyway }).toEqual({ reader: null, anyway: false })
    expect(thresholds).toEqual({ assertions: [], undecided: 'fail', junit: null })
  })

  test('durations and rates are text or numbers', async () => {
    const options: CompareOptions = { models: ['single'], workloads: ['io'], timeout: '2s', rate: '300/min' }
    const text = await prepare.compare(options)
    const numbers = await prepare.compare({ ...options, timeout: 2, rate: 5 })
    expect(text.manifest.plan).toMatchObject({ timeoutS: 2, ratePerS: 5 })
    expect(numbers.manifest.plan).toMatchObject({ timeoutS: 2, ratePerS: 5 })
  })

  test('problems of form and of names are reported together, each by its name', async () => {
    const wrong = { workers: 0, models: ['single', 'clusterr'], workloads: ['cpuu'], app: undefined, rate: 'fast' }
    expect(await messagesOf(prepare.compare(wrong))).toEqual([
      'Expected `workers` to be a whole number from 1 to 128, got 0.',
      'Expected `rate` to be a rate above 0, got "fast".',
      'Expected a workload in `workloads` that exists, got "cpuu".',
      'Expected a model in `models` that exists, got "clusterr".',
    ])
  })

  test('options that do not exist are refused', async () => {
    expect(await messagesOf(prepare.compare({ bloks: 3 } as CompareOptions))).toEqual([
      'Expected an option that exists, got `bloks`.',
    ])
  })
})

test.each([
  { app, paths: ['/'] },
  { start: 'node app.cjs', paths: ['/'] },
])('the folder where a comparison was begun is kept, so that it is gone on with there: %o', async (config) => {
  const { manifest } = await prepareConfigured({ ...config, models: ['single'] })
  expect(manifest.plan.appStart?.cwd).toBe(process.cwd())
})

describe('requests for an app of one’s own', () => {
  test('carry headers, method, body and the status to expect', async () => {
    const { workloads } = await prepareConfigured(
      { app, headers: { Authorization: 'Bearer 1' } },
      { path: ['/orders', '3:GET /orders/42'], method: 'POST', body: 'x', expect: '201' },
    )
    const headers = { authorization: 'Bearer 1' }
    expect(workloads[0]?.requests).toEqual([
      { route: 'POST /orders', method: 'POST', path: '/orders', weight: 1, expectStatus: 201, headers, body: 'x' },
      { route: '/orders/42', method: 'GET', path: '/orders/42', weight: 3, expectStatus: 201, headers },
    ])
  })

  test('may be workloads of a configuration, of which the command line names one', async () => {
    const paths = ['9:/orders/42', { path: '/orders', method: 'POST', body: { item: 7 }, expectStatus: 201 }] as const
    const config: ForkwiseConfig = {
      app,
      workloads: [
        { id: 'orders', paths },
        { id: 'report', paths: ['/report'] },
      ],
    }
    const { manifest, workloads } = await prepareConfigured(config, { workloads: 'orders' })
    expect(manifest.plan.workloads).toEqual(['orders'])
    expect(workloads[0]?.requests).toEqual([
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
    expect((await prepareConfigured(config)).manifest.plan.workloads).toEqual(['orders', 'report'])
  })

  test.each<[string, ForkwiseConfig, Values, RegExp]>([
    ['an app without paths', { app }, {}, /`paths of f\.json` with `app of f\.json`|`--path` with `app of f\.json`/],
    ['paths without an app', {}, { path: ['/a'] }, /`--path` only with `--app` or `--url`, got it alone/],
    ['a path that is none', { app, paths: ['orders'] }, {}, /`paths of f\.json` to be a path that begins with a slash/],
    ['a body with GET', { app }, { path: ['/a'], method: 'GET', body: 'x' }, /no `--body` with GET/],
    ['a header of the connection', { app, paths: ['/'] }, { header: ['te: x'] }, /`--header` to leave `te` to the/],
    [
      'an id twice',
      { workloads: [{ id: 'cpu', paths: ['/'] }] },
      {},
      /`workloads\[0\]\.id of f\.json` to be its own, got "cpu"/,
    ],
    [
      'an app that is not there',
      { app: './nix.js', paths: ['/'] },
      {},
      /`app of f\.json` to be a file, got "\.\/nix\.js"/,
    ],
  ])('%s is refused', async (_what, config, values, message) => {
    expect((await messagesOf(prepareConfigured(config, values))).join('\n')).toMatch(message)
  })

  test.each(['Expect', 'connection', 'Content-Length', 'Transfer-Encoding', 'Keep-Alive', 'Upgrade', 'TE', 'Trailer'])(
    'the header %s of a request in a configuration is the one problem of it',
    async (header) => {
      const paths = [{ path: '/', headers: { [header]: 'x' } }]
      expect(await messagesOf(prepareConfigured({ app, workloads: [{ id: 'upload', paths }] }))).toEqual([
        `Expected \`workloads[0].paths[0].headers of f.json\` to leave \`${header.toLowerCase()}\` to the generator.`,
      ])
    },
  )

  test('values of a table and a setup of the configuration go with its workloads', async () => {
    writeFileSync(join(dir, 'ids.csv'), 'id\n1\n2\n')
    writeFileSync(join(dir, 'login.mjs'), 'export default () => ({})')
    const config: ForkwiseConfig = {
      app,
      rows: 'ids.csv',
      setup: 'login.mjs',
      workloads: [{ id: 'orders', paths: ['/orders/{{id}}?by={{user}}'] }],
    }
    const { workloads, manifest } = await prepareConfigured(config)
    expect(workloads[0]?.requests.map(({ path }) => path)).toEqual(['/orders/1?by={{user}}', '/orders/2?by={{user}}'])
    expect(manifest.workloads[0]).toMatchObject({ setup: join(dir, 'login.mjs') })
    const missing = prepareConfigured({ ...config, rows: 'no.csv', setup: 'no.mjs' })
    expect((await messagesOf(missing)).join('\n')).toMatch(
      /`rows of f\.json` to be a file[^]*`setup of f\.json` to be a/,
    )
  })
})

describe('a configuration has slack', () => {
  const assert = ['cluster/orders p99 < 80ms', 'single/report p99 < 80ms', '*/cpu errors <= 0']
  const config: ForkwiseConfig = {
    app,
    models: ['single', 'cluster'],
    workloads: ['cpu', { id: 'orders', paths: ['/o'] }, { id: 'report', paths: ['/r'] }],
    compare: { assert },
  }

  test('thresholds on what is not compared now are left out with a note', async () => {
    const { thresholds, notes } = await prepareConfigured(config, { workloads: 'report' })
    expect(thresholds.assertions.map(({ text }) => text)).toEqual(['single/report p99 < 80ms'])
    expect(notes).toHaveLength(2)
    expect(notes[0]).toMatch(/"cluster\/orders p99 < 80ms" is left out/)
    const all = await prepareConfigured(config)
    expect([all.thresholds.assertions.length, all.notes.length]).toEqual([3, 0])
  })

  test('but not for names that do not exist anywhere, nor on the command line', async () => {
    const typo = { ...config, compare: { assert: ['cluster/ordrs p99 < 80ms'] } }
    expect((await messagesOf(prepareConfigured(typo))).join()).toMatch(/got "ordrs"/)
    const values = { workloads: 'report', assert: ['single/orders p99 < 80ms'] }
    expect((await messagesOf(prepareConfigured(config, values))).join()).toMatch(/got "orders"/)
  })

  test('a JUnit file needs no thresholds there', async () => {
    const { thresholds } = await prepareConfigured({ compare: { junit: 'f.xml', undecided: 'warn', anyway: true } })
    expect(thresholds).toEqual({ assertions: [], undecided: 'warn', junit: join(dir, 'f.xml') })
    expect((await messagesOf(prepareConfigured({}, { junit: 'f.xml' }))).join()).toMatch(/together with `--assert`/)
  })

  test('servers alone bring no models with them', async () => {
    const servers = [{ name: 'go', url: 'http://127.0.0.1:1' }]
    expect((await prepareConfigured({ servers })).manifest.plan.models).toEqual(['go'])
    const beside = await prepareConfigured({ servers, app, paths: ['/'], models: ['single'] })
    expect(beside.manifest.plan.models).toEqual(['single', 'go'])
  })
})

test('a budget that is too short is named as it was given', async () => {
  const config: ForkwiseConfig = { models: ['single'], compare: { budget: 1 } }
  expect((await messagesOf(prepareConfigured(config))).join()).toMatch(/`compare\.budget of f\.json` to be at least/)
})
