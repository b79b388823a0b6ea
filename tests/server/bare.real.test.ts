import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { compiled } from '../../core/paths.ts'

function bare(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [compiled('server/bare.js'), ...args], { encoding: 'utf8' })
}

describe('the bare function', () => {
  test.each(['/cpu/prime?n=999983', '/cpu/hash?rounds=1000', '/io/sleep?ms=1'])('counts the calls of %s', (path) => {
    const { status, stdout } = bare(path, '0.2')
    expect(status).toBe(0)
    const { callsPerS, calls, seconds } = JSON.parse(stdout) as Record<'callsPerS' | 'calls' | 'seconds', number>
    expect(calls).toBeGreaterThan(0)
    expect(seconds).toBeGreaterThanOrEqual(0.16)
    expect(callsPerS).toBeCloseTo(calls / seconds, 6)
  })

  test.each([
    ['an unknown path', ['/nowhere', '1'], /No handler answers "\/nowhere"/],
    ['no time', ['/cpu/prime?n=7'], /Usage/],
    ['input out of bounds', ['/cpu/prime?n=-7', '1'], /`n` to be a whole number/],
    ['nothing', [], /Usage/],
  ])('refuses %s with a word', (_what, args, message) => {
    const { status, stderr, stdout } = bare(...args)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(message)
  })
})
