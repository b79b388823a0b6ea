import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { detectApp, type DetectedApp } from '../../../cli/config/detected-app.ts'
import { PACKAGE_ROOT } from '../../../core/paths.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'forkwise-detect-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** A server that answers `path` with 200 and all else with another status. */
function serverFile(path: string, other: number): string {
  return `require('node:http').createServer((request, response) => {
    response.writeHead(request.url === '${path}' ? 200 : ${other}).end()
  }).listen(process.env.PORT)`
}

function detect(files: Readonly<Record<string, string>>, named: string | null = null): Promise<DetectedApp> {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true })
    writeFileSync(join(dir, name), text)
  }
  return detectApp(dir, named, process.execPath)
}

const scripts = (start: string): string => JSON.stringify({ main: 'wrong.js', scripts: { start } })

test('the file of the start script goes before the main file, and the path that it answers is found', async () => {
  expect(
    await detect({
      'package.json': scripts('NODE_ENV=production node --enable-source-maps ./bin/www'),
      'bin/www': serverFile('/health', 404),
      'wrong.js': 'throw new Error("not this one")',
    }),
  ).toEqual({
    app: './bin/www',
    start: null,
    paths: ['/health'],
    models: ['single', 'cluster', 'pm2-fork'],
    notes: ['It answers GET /health with 200, which is what will be measured.'],
  })
})

test('an app that wants to know who asks is written with what to add', async () => {
  const { app, paths, notes } = await detect({ 'server.js': serverFile('/nowhere', 401) })
  expect({ app, paths }).toEqual({ app: './server.js', paths: ['/'] })
  expect(notes).toEqual([expect.stringMatching(/answers GET \/ with 401: set `paths` .* and `headers`/)])
})

test('an app that computes in a handler of its own is offered a pool', async () => {
  const file = join(PACKAGE_ROOT, 'tests', 'fixtures', 'apps', 'pool-handlers.mjs')
  const { models } = await detectApp(dir, file, process.execPath)
  expect(models).toEqual(['single', 'cluster', 'pm2-fork', 'worker-pool'])
})

test('an app that fails is named with what it said', async () => {
  const { app, notes } = await detect({ 'app.js': 'throw new Error("no database here")' })
  expect(app).toBe('./app.js')
  expect(notes).toEqual([expect.stringContaining('no database here')])
})

test.each([
  ['next start -p 3000', 'npx next start -p $PORT'],
  ['fastify start app.js', 'npx fastify start -p $PORT app.js'],
])('of the start script %s the command is taken', async (script, start) => {
  expect(await detect({ 'package.json': scripts(script) })).toMatchObject({
    app: null,
    start,
    models: ['single', 'pm2-fork'],
  })
})

test('a folder without an app has none', async () => {
  expect(await detect({ 'package.json': '{ broken' })).toMatchObject({ app: null, start: null, notes: [] })
})
