import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Plan } from '../../analysis/capacity/planning/plan.ts'
import { KNOWN, measureKnown } from '../analysis/capacity/synthetic-measurement.ts'
import { performIn } from './command-in-process.ts'

// What is asked of a folder, and bad usage; capacity-commands.real.test.ts starts the program.

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fwt-capacity-'))
  mkdirSync(join(dir, 'known'))
  const measured = measureKnown(KNOWN, { workers: [1, 2, 3, 4] })
  writeFileSync(join(dir, 'known/measurement-known-known.json'), JSON.stringify(measured))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe('forkwise plan --from', () => {
  const words = ['plan', '--from', 'known', '--rate', '400', '--slo', 'p99<40ms']

  test('the plan as JSON, the same every time, and nothing else on stdout or stderr', async () => {
    const [first, second] = [await performIn(dir, [...words, '--json']), await performIn(dir, [...words, '--json'])]
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: '' })
    expect(first.stdout).toBe(second.stdout)
    const plan = JSON.parse(first.stdout) as Plan
    expect(plan).toMatchObject({ schema: 'forkwise/plan@1', plannedPerS: 400 })
    expect(plan.models[0]).toMatchObject({ outcome: 'server', server: { machines: 1, workersPerMachine: 3 } })
    expect(existsSync(join(dir, 'results'))).toBe(false)
  })

  test('the answer in words, with losses, what-ifs, growth, cost and assumptions', async () => {
    const { code, stdout } = await performIn(dir, [...words, '--growth', '30%/year', '--price', '$0.04/core-hour'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^400\/s within p99<40ms\n/)
    expect(stdout).toMatch(/\nknown +1 +3 +\d/)
    for (const part of [
      'Without a worker: ',
      'Without a machine: ',
      'With 2 times the rate',
      'In a year: 520/s',
      'To narrow it: ',
      'Assumed: arrivals are Poisson',
    ]) {
      expect(stdout).toContain(part)
    }
  })

  test('with --out the plan, its reports and what it was made from are kept', async () => {
    const { code } = await performIn(dir, [...words, '--no-confirm', '--out', 'planned'])
    expect(code).toBe(0)
    expect(readdirSync(join(dir, 'planned')).sort()).toEqual([
      'manifest.json',
      'measurement-known-known.json',
      'plan.json',
      'report.html',
      'report.md',
      'seal.json',
    ])
  })

  test('an objective that nothing meets is said, with the reason, and ends with 5', async () => {
    const { code, stdout } = await performIn(dir, ['plan', '--from', 'known', '--rate', '400', '--slo', 'p99<5ms'])
    expect(code).toBe(5)
    expect(stdout).toContain('Impossible: the service time alone is longer')
  })

  test.each([
    [['plan'], ['Expected `--rate`', 'Expected `--slo`']],
    [
      ['plan', '--rate', 'x', '--slo', 'p99', '--price', '3', '--models', 'nope'],
      ['a rate above 0, got "x"', 'got "p99"', 'with its currency and unit', 'got "nope"'],
    ],
    [[...words, '--budget', '1m'], ['at most one of `--from`, `--budget`']],
    [['plan', '--from', 'nowhere', '--rate', '1', '--slo', 'p99<1s'], ['which does not exist']],
    [['plan', '--from', 'known', '--models', 'cluster', '--rate', '1', '--slo', 'p99<1s'], ['got "cluster"']],
    [['capacity', 'cluster'], ['Expected `--slo`']],
    [['capacity', 'cluster', '--slo', 'p99<1s', '--width', '90%'], ['from 0.5% to 50%']],
    [
      ['scale', 'cluster', '--workers', '4..1'],
      ['from the lowest to the highest, got "4..1"', 'Write them like 1..8'],
    ],
    [['scale', 'cluster', '--budget', '1s'], ['`--budget` to be at least']],
    [['scale', 'cluster', '--blocks', '2', '--budget', '1m'], ['at most one of']],
    [['validate-plan', 'nope'], ['got "nope"']],
    [['validate-plan', '--from', 'known', '--cases', '3'], ['at most one of `--from` and `--cases`']],
    [['validate-plan', '--from', 'known', '--out', 'kept'], ['at most one of `--from` and `--out`']],
    [
      [...words, '--workload', 'io'],
      ['got "io"', 'Known: known'],
    ],
    [
      ['plan', '--from', 'known/measurement-known-known.json', '--rate', '1', '--slo', 'p99<1s'],
      ['which is no folder'],
    ],
    [['report', 'planned', '--assert', 'cluster/cpu p99 < 1ms'], ['`--assert` with the folder of a comparison']],
  ])('bad usage: %j', async (line, problems) => {
    const { code, stdout, stderr } = await performIn(dir, line)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    for (const problem of problems) expect(stderr).toContain(problem)
  })
})

test('validate-plan --from: predicted, measured and error, without any load', async () => {
  const { code, stdout, stderr } = await performIn(dir, ['validate-plan', '--from', 'known'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^Held-out measurements\n/)
  expect(stdout).toMatch(/\np99 +4 +\d+ +[\d.]+ % .*✓ 20 %\n/)
  expect(stdout).toContain('p99 from 1 alone')
  expect(stdout).toContain('Every goal was met.')
})
