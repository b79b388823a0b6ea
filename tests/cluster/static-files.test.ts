import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { filesDirectives, writeStaticFiles } from '../../cluster/static-files.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fw-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

test('each file has the size its query asks for, and lines as the app makes them', () => {
  for (const { path, targets } of writeStaticFiles(dir)) {
    const text = readFileSync(path, 'utf8')
    const kb = Number(/kb=(\d+)$/.exec(targets.at(-1) ?? '')?.[1])
    expect(text.length).toBe(kb * 1024)
    expect(text).toMatch(/^0000000000 Forkwise reads this line/)
  }
})

test('only what is asked for to the letter is served, everything else goes to the app', () => {
  const { http, server } = filesDirectives(
    [{ path: '/f/lines-100.txt', targets: ['/io/file', '/io/file?kb=100'] }],
    '/log',
  )
  expect(http).toContain('  "GET /io/file?kb=100" /f/lines-100.txt;')
  expect(http).toContain('  "HEAD /io/file" /f/lines-100.txt;')
  expect(http).toContain('  default /nowhere;')
  expect(server).toContain('  try_files $static_file @app;')
})

test('without files nothing is added', () => expect(filesDirectives([], '/log')).toEqual({ http: [], server: [] }))
