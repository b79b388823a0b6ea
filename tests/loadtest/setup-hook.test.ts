import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { WorkloadRequest } from '../../core/load.ts'
import { preparedWorkload } from '../../loadtest/setup-hook.ts'

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'forkwise-setup-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

let files = 0
function module(text: string, extension = 'mjs'): string {
  const file = join(dir, `setup-${files++}.${extension}`)
  writeFileSync(file, text)
  return file
}

const signal = new AbortController().signal
const launch = (port: number): { targets: readonly URL[] } => ({ targets: [new URL(`http://127.0.0.1:${port}/`)] })
const get = (path: string, more: Partial<WorkloadRequest> = {}): WorkloadRequest => {
  return { route: path, method: 'GET', path, weight: 1, expectStatus: 200, ...more }
}

test('a setup runs once for each launch, and its headers and values are in the requests', async () => {
  const setup = module(`let calls = 0
export default async (target) => ({ headers: { Authorization: 'Bearer ' + new URL(target).port, 'x-a': 'setup' }, values: { user: ++calls } })`)
  const workload = { setup, requests: [get('/users/{{user}}'), get('/', { headers: { 'x-a': 'own' } })] }
  const first = launch(1)
  const asked = await Promise.all([
    preparedWorkload(first, workload, signal),
    preparedWorkload(first, workload, signal),
    preparedWorkload(launch(2), workload, signal),
  ])
  expect(asked.map(({ requests: [request] }) => request?.path)).toEqual(['/users/1', '/users/1', '/users/2'])
  expect(asked[2]?.requests.map(({ headers }) => headers)).toEqual([
    { authorization: 'Bearer 2', 'x-a': 'setup' },
    { authorization: 'Bearer 2', 'x-a': 'own' },
  ])
})

test.each([
  ['a function named setup', `export const setup = () => ({ values: { a: 'x' } })`, 'mjs'],
  ['a configuration', `export default { models: [], setup: () => ({ values: { a: 'x' } }) }`, 'mjs'],
  ['CommonJS', `module.exports = async () => ({ values: { a: 'x' } })`, 'cjs'],
  ['TypeScript', `export default (target: string): object => ({ values: { a: 'x' } })`, 'ts'],
])('%s is found', async (_what, text, extension) => {
  const { requests } = await preparedWorkload(
    launch(1),
    { setup: module(text, extension), requests: [get('/{{a}}')] },
    signal,
  )
  expect(requests[0]?.path).toBe('/x')
})

test.each([
  [
    'throws',
    `export default () => { throw new Error('no user') }`,
    'APP_INVALID',
    /at http:\/\/127\.0\.0\.1:1, got: no user/,
  ],
  ['gives something else', `export default () => ({ header: {} })`, 'APP_INVALID', /got: it gave/],
  ['gives a header that HTTP forbids', `export default () => ({ headers: { 'a b': '1' } })`, 'APP_INVALID', /a b/],
  ['leaves a placeholder', `export default () => undefined`, 'APP_INVALID', /a value for {{a}}, got none/],
  ['exports no function', `export default 1`, 'USAGE', /to export a function/],
  ['cannot be loaded', `export default`, 'USAGE', /to load, got/],
])('a setup that %s is refused in words', async (_what, text, code, message) => {
  const asked = preparedWorkload(launch(1), { setup: module(text), requests: [get('/{{a}}')] }, signal)
  await expect(asked).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string })
})

test('an interruption ends the wait for a setup', async () => {
  const abort = new AbortController()
  const setup = module(`export default () => new Promise(() => {})`)
  const asked = preparedWorkload(launch(1), { setup, requests: [get('/')] }, abort.signal)
  setTimeout(() => abort.abort(), 10)
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
})

test('a workload without a setup is as it was', async () => {
  const workload = { requests: [get('/{{a}}')] }
  expect(await preparedWorkload(launch(1), workload, signal)).toBe(workload)
})
