import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { freeThreadedFinding, portFinding } from '../../loadtest/preflight.ts'

const RANGE = '32768\t60999\n'

function sockets(waiting: number): string {
  return `sockets: used 230\nTCP: inuse 8 orphan 0 tw ${waiting} alloc 12 mem 0\nUDP: inuse 0 mem 0\n`
}

describe('the local ports of a machine', () => {
  test('are fine while enough of them are free', () => {
    expect(portFinding(RANGE, sockets(12))).toMatchObject({
      level: 'ok',
      found: '28232 (32768 to 60999), 12 of them still held by closed connections',
    })
  })

  test('warn when closed connections hold most of them, or when there are few', () => {
    expect(portFinding(RANGE, sockets(20_000))).toMatchObject({
      level: 'warning',
      remedy: expect.stringMatching(/Wait a minute/) as string,
    })
    expect(portFinding('60000 60999', sockets(0))).toMatchObject({
      level: 'warning',
      remedy: expect.stringMatching(/ip_local_port_range/) as string,
    })
  })

  test('are said to be unseen where the system does not report it', () => {
    expect(portFinding(null, null)).toMatchObject({ level: 'ok', found: 'not visible here' })
  })
})

test('a CPython without a lock is found by its name on PATH; where there is none, it is said that Debian has none', () => {
  const dir = mkdtempSync(join(tmpdir(), 'fw-'))
  try {
    expect(freeThreadedFinding(dir)).toMatchObject({
      level: 'ok',
      found: expect.stringContaining('Debian has no') as string,
    })
    writeFileSync(join(dir, 'python3.14t'), '')
    writeFileSync(join(dir, 'python3.14'), '')
    expect(freeThreadedFinding(`/nowhere:${dir}`).found).toContain(`--python ${join(dir, 'python3.14t')}`)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})
