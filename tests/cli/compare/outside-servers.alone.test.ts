import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../../../core/paths.ts'
import type { Result } from '../../../core/records.ts'
import { makePlace, type Place } from '../forkwise-process.ts'

const app = (name: string): string => join(PACKAGE_ROOT, 'tests', 'fixtures', 'apps', name)

let place: Place
const servers: ChildProcess[] = []

beforeEach(() => {
  place = makePlace()
})

afterEach(() => {
  for (const server of servers.splice(0)) server.kill('SIGKILL')
  expect(place.processes()).toEqual([])
  place.remove()
})

/** A server of somebody else's, which answers every request with the text; gives its address and pid. */
async function startOutside(text: string): Promise<{ url: string; pid: string; child: ChildProcess }> {
  const script = `
    const server = require('node:http').createServer((request, response) => {
      response.setHeader('Content-Type', 'application/json')
      response.end(${JSON.stringify(text)})
    })
    server.listen(0, '127.0.0.1', () => process.stdout.write(String(server.address().port)))`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  servers.push(child)
  const [port] = (await once(child.stdout, 'data')) as [Buffer]
  return { url: `http://127.0.0.1:${port.toString()}`, pid: String(child.pid), child }
}

test('servers that run already are compared, each with one outcome, and are left alone', async () => {
  const good = await startOutside('{"order":"42"}')
  const odd = await startOutside('{"order":42}')
  const down = await startOutside('')
  down.child.kill('SIGKILL')
  const out = join(place.dir, 'run')
  const words = ['compare', '--models', 'cluster,gunicorn-sync', '--app', app('throws-in-cluster.mjs')]
  words.push('--path', '/orders/42', '--blocks', '2', '--baseline', 'good', '--anyway', '--out', out, '--json')
  words.push('--url', good.url, '--name', 'good', '--pid', `good=${good.pid}`)
  words.push('--url', good.url, '--name', 'unseen')
  words.push('--url', odd.url, '--name', 'odd', '--url', down.url, '--name', 'down')
  const ended = await place.run(words)
  expect(ended.code).toBe(4)
  const result = JSON.parse(ended.stdout) as Result
  const left = new Map(result.unavailable.map(({ model, reason }) => [model, reason]))
  expect(left.get('cluster')).toMatch(/the cache is opened already\n[^]*at openCache .*throws-in-cluster\.mjs:4/)
  expect(left.get('gunicorn-sync')).toMatch(/serves Python|not installed|gunicorn/)
  expect(left.get('odd')).toMatch(/GET \/orders\/42: \$\.order expected "42", got 42/)
  expect(left.get('down')).toContain(`nothing accepts connections at ${down.url}`)
  expect(result.cells.map(({ model }) => model).sort()).toEqual(['good', 'unseen'])
  const trials = readFileSync(join(out, 'trials.ndjson'), 'utf8').trim().split('\n')
  const unseen = trials.filter((line) => line.includes('"model":"unseen"'))
  expect(unseen.length).toBeGreaterThan(0)
  for (const line of unseen) expect(line).toContain('"cpuMsPerRequest":null')
  const seen = trials.find((line) => line.includes('"model":"good"') && line.includes('"outcome":"valid"')) ?? ''
  expect(seen).toMatch(/"server":\[\{"name":"good","role":"worker","pid":\d+,"cpuS":0\.\d*[1-9]/)
  expect(result.validity.notes.filter((note) => note.includes('runs outside of Forkwise'))).toHaveLength(2)
  expect(good.child.exitCode).toBeNull()
  expect((await fetch(good.url)).status).toBe(200)
})
