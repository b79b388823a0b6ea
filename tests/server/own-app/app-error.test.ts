import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { appError } from '../../../server/own-app/app-error.ts'

let dir = ''
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(os.tmpdir(), 'fw-')))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const noRequire = new ReferenceError('require is not defined in ES module scope, you can use import instead')

test.each([
  ['{ "type": "module" }', /as .*package\.json says, and `node .*www` ends with the same error/],
  ['{}', /as an ES module, and/],
])('CommonJS that Node reads as an ES module is told where Node has that from: %s', (text, hint) => {
  writeFileSync(join(dir, 'package.json'), text)
  mkdirSync(join(dir, 'bin'))
  const { problems } = appError(join(dir, 'bin/www'), noRequire, 'was starting')
  expect(problems[0]?.hint).toMatch(hint)
})

test('an error of the app has its own message', () => {
  const { message, problems } = appError('/app.js', new ReferenceError('x is not defined'), 'was loaded')
  expect(message).toMatch('/app.js threw while it was loaded: x is not defined')
  expect(problems[0]?.hint).toBeUndefined()
})
