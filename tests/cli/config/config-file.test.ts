import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readConfig } from '../../../cli/config/config-file.ts'
import { configJson, configScript } from '../../../cli/config/template.ts'
import { wordsToOptions } from '../../../cli/option-words.ts'
import { configuredOptions, type ForkwiseConfig } from '../../../experiments/options/configuration.ts'
import { COMPARE } from '../../../experiments/options/sets/comparison.ts'
import { readSettings } from '../../../experiments/options/settings.ts'
import { ForkwiseError, ProblemList } from '../../../core/errors.ts'

type Values = Parameters<typeof wordsToOptions>[1]['values']

let dir = ''

beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fwt-'))
})

afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** What a comparison in the folder would be, by its configuration alone. */
async function settingsOf(values: Values = {}, folder: string = dir): Promise<Record<string, unknown>> {
  const problems = new ProblemList()
  const loaded = await readConfig(undefined, folder)
  if (loaded === null) throw new Error('Expected a configuration.')
  const { given } = configuredOptions('compare', loaded, problems)
  const words = wordsToOptions(COMPARE, { values, positionals: [] }, problems)
  const settings = readSettings(COMPARE, words.before(given, COMPARE), problems)
  problems.throwIfAny()
  return settings
}

/** The message of the usage error that a configuration causes. */
async function complaint(text: string, name: string = 'forkwise.config.json'): Promise<string> {
  writeFileSync(join(dir, name), text)
  const thrown: unknown = await settingsOf().catch((error: unknown) => error)
  if (!(thrown instanceof ForkwiseError)) throw new Error('Expected a usage error.')
  expect(thrown.code).toBe('USAGE')
  return thrown.problems.map(({ message, hint }) => `${message} ${hint ?? ''}`).join('\n')
}

describe('a configuration', () => {
  test('is found in the folder, or is not there', async () => {
    expect(await readConfig(undefined, dir)).toBeNull()
    writeFileSync(join(dir, 'forkwise.config.json'), '{ "models": "all" }')
    expect(await readConfig(undefined, dir)).toMatchObject({ label: 'forkwise.config.json', value: { models: 'all' } })
    expect(await readConfig('none', dir)).toBeNull()
  })

  test('may hold the setup itself, which is kept as the file that has it', async () => {
    const file = join(dir, 'forkwise.config.mjs')
    writeFileSync(file, 'export default { setup: async (target) => ({ headers: { token: target } }) }')
    expect(await readConfig(undefined, dir)).toMatchObject({ value: { setup: file } })
  })

  test('may have the byte order mark and the line ends of Windows', async () => {
    writeFileSync(join(dir, 'forkwise.config.json'), '\uFEFF{\r\n  "models": "all"\r\n}\r\n')
    expect(await readConfig(undefined, dir)).toMatchObject({ value: { models: 'all' } })
  })

  test.each([
    ['forkwise.config.mjs', 'export default { blocks: 9 }'],
    ['forkwise.config.cjs', 'module.exports = { blocks: 9 }'],
    ['forkwise.config.ts', 'const blocks: number = 9\nexport default { blocks } satisfies { blocks: number }'],
    ['forkwise.config.mts', 'export default { blocks: await Promise.resolve(9 as number) }'],
    ['forkwise.config.cts', 'const blocks: number = 9\nexport = { blocks }'],
  ])('may be %s', async (name, text) => {
    writeFileSync(join(dir, name), text)
    expect((await readConfig(undefined, dir))?.value).toEqual({ blocks: 9 })
  })

  test('that is named must be there; of two in a folder one must be named', async () => {
    await expect(readConfig('nowhere.json', dir)).rejects.toThrow(/`--config` to be a file, got "nowhere.json"/)
    writeFileSync(join(dir, 'forkwise.config.cjs'), 'module.exports = {}')
    expect(await complaint('{}')).toMatch(/one configuration.*forkwise\.config\.cjs and forkwise\.config\.json/)
    expect(await readConfig('forkwise.config.cjs', dir)).not.toBeNull()
  })

  test('reports all its problems at once, each with its place', async () => {
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
    expect(problems).toMatch(/`workers of forkwise\.config\.json` to be a whole number from 1 to 128, got "two"/)
    expect(problems).toMatch(/`models of forkwise\.config\.json` to be a list of at least one model, got \[\]/)
    expect(problems).toMatch(/`undecided of .*` to be fail or warn, got "maybe"/)
    expect(problems).toMatch(/`workloads\[0\]\.id of .*` to be a name of at most 40 small letters/)
    expect(problems.trim().split('\n')).toHaveLength(5)
  })

  test.each<[string, string, string, RegExp]>([
    ['torn JSON', 'forkwise.config.json', '{ "models": ', /to load, got: .*JSON/],
    ['a script that throws', 'forkwise.config.cjs', 'throw new Error("no such host")', /to load, got: no such host/],
    ['a script without a default export', 'forkwise.config.mjs', 'export const models = []', /no default export/],
    ['a list', 'forkwise.config.json', '[]', /forkwise\.config\.json to be an object, got \[\]/],
  ])('that is %s is refused', async (_what, name, text, message) => {
    expect(await complaint(text, name)).toMatch(message)
  })
})

describe('the command line', () => {
  const read = (values: Values, config: ForkwiseConfig): Promise<Record<string, unknown>> => {
    writeFileSync(join(dir, 'forkwise.config.json'), JSON.stringify(config))
    return settingsOf(values)
  }

  test('is completed by the configuration, whose paths start from its own folder', async () => {
    const settings = await read({ seed: '4' }, { app: './app.js', workers: 3, metrics: false, seed: 9, timeout: '2s' })
    expect(settings).toMatchObject({ app: join(dir, 'app.js'), workers: 3, metrics: false, seed: 4, timeout: 2 })
  })

  test.each<[string, Values, ForkwiseConfig, object, readonly string[]]>([
    ['another length', { quick: true }, { compare: { budget: '5m' } }, { quick: true }, ['budget']],
    ['other requests', { workloads: 'cpu' }, { paths: ['/a'] }, { workloads: ['cpu'] }, ['paths']],
    [
      'other servers',
      { url: ['http://127.0.0.1:1'], name: ['a'] },
      { servers: [{ name: 'b', url: 'http://127.0.0.1:2', pid: 7 }] },
      { servers: [{ name: 'a', url: 'http://127.0.0.1:1' }] },
      [],
    ],
    ['nothing', {}, { quick: true, compare: { blocks: 9 } }, { blocks: 9 }, ['quick']],
  ])('that names %s puts aside what the configuration says of it', async (_what, values, config, found, aside) => {
    const settings = await read(values, config)
    expect(settings).toMatchObject(found)
    for (const key of aside) expect(settings[key]).toBeUndefined()
  })
})

test('sections win over what is common, and options of compare at the top are reported', () => {
  const problems = new ProblemList()
  const value: ForkwiseConfig = { workers: 2, budget: '5m', compare: { workers: 3 } }
  const { given, outdated } = configuredOptions('compare', { value, label: 'f.json', dir }, problems)
  expect(readSettings(COMPARE, given, problems)).toMatchObject({ workers: 3, budget: 300 })
  expect(outdated).toEqual(['budget'])
  expect(problems.length).toBe(0)
})

describe('what init writes is read without complaint', () => {
  const FACTS = { start: null, paths: ['/'], models: ['single', 'cluster'], schema: '' }

  test.each([null, './app.js'])('for the app %s', async (app) => {
    for (const esm of [false, true]) {
      const folder = join(dir, String(esm))
      mkdirSync(folder)
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: esm ? 'module' : 'commonjs' }))
      writeFileSync(join(folder, 'forkwise.config.js'), configScript({ ...FACTS, app, esm }))
      const settings = await settingsOf({}, folder)
      expect(settings).toMatchObject({
        budget: 300,
        ...(app === null ? {} : { app: join(folder, app), paths: ['/'] }),
      })
    }
    writeFileSync(join(dir, 'forkwise.config.json'), configJson({ ...FACTS, app, esm: false, schema: './schema.json' }))
    expect(await settingsOf()).toMatchObject({ budget: 300 })
    expect((await readConfig(undefined, dir))?.value).toMatchObject({ $schema: './schema.json' })
  })

  test('for a command', async () => {
    const start = 'npx next start -p $PORT'
    writeFileSync(
      join(dir, 'forkwise.config.js'),
      configScript({ ...FACTS, app: null, start, models: ['single', 'pm2-fork'], esm: false }),
    )
    expect(await settingsOf()).toMatchObject({ start, paths: ['/'], models: ['single', 'pm2-fork'] })
  })

  test('with every comment taken for a setting, too', async () => {
    const all = configScript({ ...FACTS, app: './app.js', esm: true })
      .replaceAll(/^( +)\/\/ (?=\w+: |  |\],)/gm, '$1')
      .replace(/^ +paths: \['\/'\],$/m, '')
    writeFileSync(join(dir, 'forkwise.config.mjs'), all)
    const settings = await settingsOf()
    expect(settings['workloads']).toHaveLength(1)
    expect(settings).toMatchObject({
      workers: 4,
      headers: { authorization: 'Bearer 123' },
      servers: [{ name: 'django' }],
      junit: join(dir, 'forkwise.xml'),
    })
  })
})
