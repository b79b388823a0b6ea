import { describe, expect, test } from 'vitest'
import { wordsToOptions } from '../../../cli/option-words.ts'
import { COMPARE } from '../../../experiments/options/sets/comparison.ts'
import { readSettings } from '../../../experiments/options/settings.ts'
import { resolveServers } from '../../../experiments/resolution/outside-servers.ts'
import { ForkwiseError, ProblemList } from '../../../core/errors.ts'

const MODELS = ['single', 'cluster']

function read(values: { url?: string[]; name?: string[]; pid?: string[] }): {
  servers: { id: string; url: string | undefined; pid: number | null | undefined }[]
  message: string
} {
  const problems = new ProblemList()
  const given = wordsToOptions(COMPARE, { values, positionals: [] }, problems)
  const models = resolveServers(readSettings(COMPARE, given, problems).servers, MODELS, given, problems)
  let message = ''
  try {
    problems.throwIfAny()
  } catch (thrown) {
    if (!(thrown instanceof ForkwiseError)) throw thrown
    message = thrown.message
  }
  return { servers: models.map(({ id, outside }) => ({ id, url: outside?.url, pid: outside?.pid })), message }
}

describe('addresses of this machine', () => {
  test.each([
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/'],
    ['http://127.9.9.9:8080/', 'http://127.9.9.9:8080/'],
    ['http://[::1]:8080', 'http://[::1]:8080/'],
    ['http://localhost:8080', 'http://localhost:8080/'],
  ])('%s is taken as %s', (url, taken) => {
    expect(read({ url: [url], name: ['go'] })).toEqual({ servers: [{ id: 'go', url: taken, pid: null }], message: '' })
  })

  test.each([
    ['http://10.0.0.7:8080', /an address of this machine/],
    ['http://example.test', /an address of this machine/],
    ['http://127.0.0.1.example.test', /an address of this machine/],
    ['http://0.0.0.0:8080', /an address of this machine/],
    ['https://127.0.0.1:8443', /begin with http:/],
    ['127.0.0.1:8080', /to be an address/],
    ['http://127.0.0.1:8080/api', /host and port alone/],
    ['http://me:secret@127.0.0.1:8080', /host and port alone/],
  ])('%s is refused', (url, message) => {
    const { servers, message: got } = read({ url: [url], name: ['go'] })
    expect(servers).toEqual([])
    expect(got).toMatch(message)
  })
})

describe('names and processes', () => {
  const url = ['http://127.0.0.1:8080', 'http://127.0.0.1:8081']
  const [mine, parent] = [String(process.pid), String(process.ppid)]

  test('are told apart by their order', () => {
    expect(read({ url, name: ['go', 'rust'] }).servers.map(({ id }) => id)).toEqual(['go', 'rust'])
  })

  test.each<[string, { url?: string[]; name?: string[]; pid?: string[] }, RegExp]>([
    ['an address without a name', { url }, /2 `--url` and 0 `--name`/],
    ['a name without an address', { name: ['go'] }, /0 `--url` and 1 `--name`/],
    ['the name of a model', { url, name: ['go', 'cluster'] }, /a name of its own, got "cluster"/],
    ['the same name twice', { url, name: ['go', 'go'] }, /a name of its own, got "go"/],
    ['a name that would be a path', { url, name: ['go', '../x'] }, /got "\.\.\/x"/],
    ['a name that means all models', { url, name: ['go', 'all'] }, /got "all"/],
    ['one pid for two servers', { url, name: ['go', 'rust'], pid: ['7'] }, /or the server's name with it; got 1 for 2/],
    ['the pid of a stranger', { url, name: ['go', 'rust'], pid: ['php=7'] }, /belong to one of the servers/],
    ['a pid that is no number', { url, name: ['go', 'rust'], pid: ['go=x'] }, /`--pid` to be a whole number/],
    ['a process that is not there', { url, name: ['go', 'rust'], pid: ['go=4194304'] }, /a process that runs/],
    ['this very process', { url, name: ['go', 'rust'], pid: [`go=${mine}`] }, /below which Forkwise itself runs/],
    ['a process above this one', { url, name: ['go', 'rust'], pid: [`go=${parent}`] }, /Forkwise itself runs/],
  ])('%s is refused', (_what, values, message) => {
    expect(read(values).message).toMatch(message)
  })
})
