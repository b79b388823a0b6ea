import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { inspectApp } from '../../cluster/app-inspection.ts'
import { commandLineOf } from '../../cluster/proc.ts'
import { PACKAGE_ROOT } from '../../core/paths.ts'
import { ForkwiseError } from '../../core/errors.ts'

const app = (name: string): string => join(PACKAGE_ROOT, 'tests', 'fixtures', 'apps', name)

test.concurrent.each([
  ['listens on PORT as it loads', 'start-facts.cjs', 'PORT', []],
  ['is Fastify and listens with a callback', 'frameworks/fastify-callback.cjs', 'PORT', []],
  ['is Koa and listens', 'frameworks/koa-listen.mjs', 'PORT', []],
  ['exports a fetch function of Hono', 'frameworks/hono-export.mjs', 'exported', []],
  ['exports itself, and listens when its routes are there', 'listens-late.cjs', 'PORT', []],
  ['awaits its own listening at the top of its module', 'awaits-listen.mjs', '3000', []],
  ['listens only as the main module', 'main-guard.mjs', 'PORT', []],
  ['reads its address right after its call of listen', 'address-sync.cjs', 'PORT', []],
  ['only exports an app', 'express-module.mjs', 'exported', []],
  ['lets a server listen in createApp', 'create-app-listens.mjs', 'exported', []],
  ['exports an app, and listens with another server', 'metrics-first.cjs', 'exported', [19471]],
  ['listens on another port, too', 'metrics-and-port.cjs', 'PORT', [19472]],
  ['listens on a port that is undefined', 'undefined-port.cjs', '0', []],
  ['sends messages of its own', 'says-ready.cjs', 'exported', []],
  ['sees first whether its port is free', 'probes-port.cjs', 'PORT', []],
  ['ends when its standard input does', 'ends-with-stdin.cjs', 'PORT', []],
  ['exports the promise of an app', 'promise.cjs', 'exported', []],
])('the server of an app that %s is found', async (_what, file, servedBy, otherPorts) => {
  const { start, notes } = await inspectApp({ module: app(file) }, process.execPath)
  expect(start?.servedBy).toBe(servedBy)
  expect(notes).toEqual(otherPorts.map((port) => `Another server of the app listens on ${port}; it is not measured.`))
})

test.concurrent('TypeScript is run by the tsx of the app’s project, and that is noted', async () => {
  const { start, notes } = await inspectApp({ module: app('typed.ts') }, process.execPath)
  expect(start?.servedBy).toBe('PORT')
  expect(start?.loader).toMatch(/node_modules\/tsx\//)
  expect(notes).toEqual([expect.stringMatching(/^The app is TypeScript and is run by tsx \d/)])
})

test.concurrent('of several servers the user may name the one', async () => {
  const { start } = await inspectApp({ module: app('two-ports.cjs'), servedBy: '19474' }, process.execPath)
  expect(start?.servedBy).toBe('19474')
})

test.concurrent('a unix socket that an app asks for is there while it runs, and answers', async () => {
  const dir = mkdtempSync(join(os.tmpdir(), 'fw-'))
  const socketPath = join(dir, 'app.sock')
  let mode = 0
  let answer = ''
  const whileItRuns = async (): Promise<void> => {
    mode = statSync(socketPath).mode & 0o777
    const [response] = (await once(http.get({ socketPath, path: '/' }), 'response')) as [http.IncomingMessage]
    answer = await text(response)
  }
  const { start } = await inspectApp({ module: app('unix-socket.cjs'), cwd: dir }, process.execPath, { whileItRuns })
  expect({ servedBy: start?.servedBy, mode, answer }).toEqual({
    servedBy: 'socket',
    mode: 0o660,
    answer: '{"order":"42"}',
  })
  expect(readdirSync(dir)).toEqual([])
  rmSync(dir, { recursive: true })
})

test.concurrent.each([
  ['has two servers and none on PORT', 'two-ports.cjs', /2 servers listen, on 19473 and 19474/, /--app-port 19474/],
  ['forks workers of its own', 'forks.cjs', /forks workers of its own by node:cluster/, /--start/],
  ['speaks HTTPS', 'https.cjs', /it is an HTTPS server/, /node:http/],
  ['throws after it said that it is ready', 'says-ready-throws.cjs', /no database/, null],
  ['fails soon after its start', 'dies.cjs', /threw while it was starting: the database is gone/, null],
  ['exports a promise that is rejected', 'promise-rejected.cjs', /no database/, null],
  [
    'listens in a worker thread',
    'thread-listens.cjs',
    /a worker thread, or another process .*, listens on PORT/,
    /--start/,
  ],
  [
    'listens in a thread, and with another server beside',
    'thread-and-metrics.cjs',
    /a worker thread, or another process .*, listens on PORT/,
    /--start/,
  ],
  ['ends for want of an argument', 'wants-argument.cjs', /exit code 64[^]*usage: .* PLACE/, /--start "node FILE …"/],
  [
    'has a syntax error in an ES module that it imports',
    'syntax/entry.mjs',
    /broken\.mjs:2\n +export const two = \{;\n +\^/,
    null,
  ],
  ['wants a variable that is not there', 'wants-variable.cjs', /DB_URL must be set/, /--variant name=…,env\.NAME=…/],
  ['exports a function that makes it', 'factory.cjs', /a function of 0 parameters/, /as `createApp`/],
  ['has no server', 'exports-nothing.mjs', /has not called `listen`, and it has only `version`/, /export the app/],
])('an app that %s is refused in words', async (_what, file, message, hint) => {
  const error = await inspectApp({ module: app(file) }, process.execPath).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ForkwiseError)
  const { code, problems } = error as ForkwiseError
  expect(code).toBe('APP_INVALID')
  expect(problems[0]?.message).toMatch(message)
  if (hint !== null) expect(problems[0]?.hint).toMatch(hint)
})

test('an app is looked at with the variables that its variant gives it', async () => {
  const env = { DB_URL: 'postgres://orders' }
  let answer = ''
  const whileItRuns = async (url: string): Promise<void> => void (answer = await (await fetch(url)).text())
  await inspectApp({ module: app('wants-variable.cjs') }, process.execPath, { env, whileItRuns })
  expect(answer).toBe('postgres://orders')
})

test('what an app has started is gone with the look at it', async () => {
  const listens = app('process-listens.cjs')
  const left = (): string[] =>
    readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandLineOf(Number(pid)).includes(listens))
  await expect(inspectApp({ module: listens }, process.execPath)).rejects.toThrow(/another process/)
  expect(left()).toEqual([])
})
