import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { KEPT_FIRST_BYTES, KEPT_LAST_BYTES, LaunchLogs, LOG_LIMIT_BYTES } from '../../cluster/launch-logs.ts'

let dir = ''
let logs: LaunchLogs
beforeEach(() => {
  dir = mkdtempSync(join(os.tmpdir(), 'fw-'))
  logs = new LaunchLogs(dir)
})
afterEach(() => {
  logs.close()
  rmSync(dir, { recursive: true, force: true })
})

const linesOf = (name: string): string[] => readFileSync(join(dir, name), 'utf8').trimEnd().split('\n')

/** Writes numbered lines of 100 bytes; the number after the last one. */
function writeLines(file: number, from: number, bytes: number): number {
  const end = from + bytes / 100
  for (let line = from; line < end; line++) writeSync(file, `${String(line).padEnd(99, '.')}\n`)
  return end
}

test('a log within the limit stays as it is', () => {
  const file = logs.open('worker-1')
  writeLines(file, 0, LOG_LIMIT_BYTES / 2)
  closeSync(file)
  const before = readFileSync(join(dir, 'worker-1.log'), 'utf8')
  logs.cut()
  expect(readFileSync(join(dir, 'worker-1.log'), 'utf8')).toBe(before)
})

test('a longer one keeps its first and its last whole lines, and says how much is left out, however often it is cut', () => {
  const file = logs.open('worker-1')
  let written = 0
  for (let time = 0; time < 4; time++) {
    written = writeLines(file, written, LOG_LIMIT_BYTES + 1000)
    logs.cut()
    const lines = linesOf('worker-1.log')
    const notes = lines.filter((line) => line.startsWith('[…'))
    expect(notes).toHaveLength(1)
    const at = lines.indexOf(notes[0] ?? '')
    const numbers = (part: string[]): number[] => part.map((line) => Number(line.replace(/\.*$/, '')))
    const [first, last] = [numbers(lines.slice(0, at)), numbers(lines.slice(at + 1))]
    expect(first).toEqual(Array.from({ length: Math.floor(KEPT_FIRST_BYTES / 100) }, (_, line) => line))
    expect(last).toEqual(Array.from({ length: last.length }, (_, line) => Math.ceil(written) - last.length + line))
    expect(last.length).toBeGreaterThan(KEPT_LAST_BYTES / 100 - 2)
    const leftOut = (Math.ceil(written) - first.length - last.length) * 100
    const [, said = ''] = /about ([\d.]+) (?:KiB|MiB) left out/.exec(notes[0] ?? '') ?? []
    const unit = notes[0]?.includes('KiB left out') === true ? 1024 : 1024 ** 2
    expect(Number(said) * unit).toBeGreaterThan(leftOut * 0.99)
    expect(Number(said) * unit).toBeLessThan(leftOut * 1.01)
    written = Math.ceil(written)
  }
  closeSync(file)
})

test('a line longer than all that is kept loses its middle, too', () => {
  const file = logs.open('worker-1')
  writeSync(file, `begin${'x'.repeat(2 * LOG_LIMIT_BYTES)}end\n`)
  closeSync(file)
  logs.cut()
  const text = readFileSync(join(dir, 'worker-1.log'), 'utf8')
  expect(text).toMatch(/^beginx+\[… about 1\.69 MiB left out: .*\n?x+end\n$/)
  expect(text.length).toBeLessThan(KEPT_FIRST_BYTES + KEPT_LAST_BYTES + 200)
})

test('a process that writes to its descriptor goes on at the new end, without being asked', async () => {
  const file = logs.open('worker-1')
  const program = `
    const { writeSync } = require('node:fs')
    writeSync(1, 'started\\n')
    for (let n = 0; n < 100; n++) writeSync(1, ('x'.repeat(999) + '\\n').repeat(100))
    process.stdin.once('data', () => { console.log('the last words'); process.exit() })
    process.send('written')`
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', file, file, 'ipc'] })
  closeSync(file)
  await once(child, 'message')
  await expect.poll(() => statSync(join(dir, 'worker-1.log')).size).toBeLessThan(LOG_LIMIT_BYTES)
  child.stdin?.write('\n')
  await once(child, 'close')
  const lines = linesOf('worker-1.log')
  expect(lines[0]).toBe('started')
  expect(lines.at(-1)).toBe('the last words')
  expect(lines.some((line) => line.includes('left out'))).toBe(true)
  expect(logs.lastLines(1)).toBe('the last words')
})

test('of a writer that does not append, what is on the disk is bounded, and no zeros are told', () => {
  const path = join(dir, 'worker-1.log')
  // As a program does that opens /dev/stdout anew.
  const file = openSync(path, 'w')
  const at = (position: number, text: string): void => void writeSync(file, text, position)
  at(0, 'x\n'.repeat(LOG_LIMIT_BYTES))
  logs.cut()
  at(2 * LOG_LIMIT_BYTES, 'on it goes\n')
  closeSync(file)
  const cut = readFileSync(path, 'utf8')
  logs.cut()
  expect(readFileSync(path, 'utf8')).toBe(cut)
  expect(logs.lastLines(1)).toBe('on it goes')
})

test('the last lines are those of all logs, the one written last at the end; PM2’s stand in where there are no others', () => {
  writeFileSync(join(dir, 'pm2.log'), 'PM2 banner\n'.repeat(40))
  expect(logs.lastLines(2)).toBe('PM2 banner\nPM2 banner')
  writeFileSync(join(dir, 'workers.log'), 'one\n\ntwo\n')
  expect(logs.lastLines(20)).toBe('one\ntwo')
})

test('without a folder there are no lines, and nothing to cut', () => {
  rmSync(dir, { recursive: true })
  logs.cut()
  expect(logs.lastLines(20)).toBe('')
})
