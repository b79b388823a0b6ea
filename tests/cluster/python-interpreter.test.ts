import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { inspectPython, needModules } from '../../cluster/python-interpreter.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fw-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

/** A program that prints and ends as set, whatever it is asked. */
function program(prints: string, exitCode = 0): string {
  const file = join(dir, 'python')
  writeFileSync(file, `#!/bin/sh\necho '${prints}'\nexit ${exitCode}\n`)
  chmodSync(file, 0o755)
  return file
}

describe('an interpreter that is named', () => {
  test.each([
    ['forkwise PyPy 7.3.11 (Python 3.9.16)', 'PyPy 7.3.11 (Python 3.9.16)'],
    ['forkwise CPython 3.14.0 free-threaded', 'CPython 3.14.0 free-threaded'],
  ])('says what it is: %s', (prints, version) => {
    expect(inspectPython(program(prints)).version).toBe(version)
  })

  test.each([
    ['is Python 2', 'forkwise CPython 2.7.18', 0, /3\.9 or newer, got .*: it is CPython 2\.7\.18/],
    ['is too old', 'forkwise CPython 3.8.18', 0, /3\.9 or newer, got .*: it is CPython 3\.8\.18/],
    ['is too old behind a newer name', 'forkwise PyPy 7.3.9 (Python 3.8.13)', 0, /it is PyPy 7\.3\.9/],
    ['is something else', 'hello', 0, /does not say what it is/],
    ['fails', '', 3, /ended with exit code 3/],
  ])('is refused when it %s', (_, prints, exitCode, message) => {
    const path = program(prints, exitCode)
    expect(() => inspectPython(path)).toThrow(message)
  })

  test('is refused when it cannot be run, with the reason', () => {
    const text = join(dir, 'notes.txt')
    writeFileSync(text, 'hello', { mode: 0o644 })
    expect(() => inspectPython(join(dir, 'none'))).toThrow(/Expected `--python` .*: there is no such file\./)
    expect(() => inspectPython('python-of-nobody')).toThrow(/: PATH has no such program\./)
    expect(() => inspectPython(dir)).toThrow(/: it is a folder\./)
    expect(() => inspectPython(text)).toThrow(/: it may not be executed\./)
    expect(() => inspectPython('/bin/ls')).toThrow(/: it ended with exit code 2 when it was asked what it is\./)
  })
})

describe('what an interpreter lacks for a model', () => {
  const python = { version: 'CPython 3.14.0', packages: '' }

  test('modules that it cannot import, with how to get them', () => {
    const [need] = needModules({ ...python, path: program('', 1) }, ['gunicorn', 'gevent'])
    expect(need?.what).toMatch(/cannot import gunicorn, gevent$/)
    expect(need?.remedy).toContain('-m pip install')
  })

  test('nothing when it can', () => expect(needModules({ ...python, path: program('') }, ['gunicorn'])).toEqual([]))

  test('a way into servers that have Debian’s Python built in', () => {
    expect(needModules({ ...python, path: '/opt/python' }, undefined)[0]?.what).toMatch(/built in/)
  })
})
