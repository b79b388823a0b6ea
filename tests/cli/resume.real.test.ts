import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CapacityMeasurement } from '../../core/capacity.ts'
import { makePlace, type Place } from './forkwise-process.ts'

let place: Place

beforeEach(() => {
  place = makePlace()
})

afterEach(() => {
  expect(place.processes()).toEqual([])
  expect(place.stateEntries()).toEqual([])
  place.remove()
})

/** A kind of run, and where it keeps what is finished. */
interface Kind {
  readonly line: readonly string[]
  /** What is finished, as it is on disk; empty before the first part is. */
  readonly kept: () => readonly unknown[]
  /** How much there is of what the rest of the run adds to; null where the first part may be all that its budget has. */
  readonly grows: (() => number) | null
  readonly result: string
}

const KINDS: Readonly<Record<string, Kind>> = {
  scale: {
    line: ['scale', 'single', '--workload', 'io', '--blocks', '2'],
    kept: () => measurement('io')?.saturations ?? [],
    grows: () => measurement('io')?.saturations.length ?? 0,
    result: 'scale.json',
  },
  capacity: {
    line: ['capacity', 'single', '--workload', 'io', '--slo', 'p99<500ms', '--budget', '40s'],
    kept: () => measurement('io')?.saturations ?? [],
    // The trials of its search.
    grows: () => measurement('io')?.rates.length ?? 0,
    result: 'capacity.json',
  },
  plan: {
    line: ['plan', '--models', 'single', '--workload', 'io', '--rate', '50', '--slo', 'p99<500ms', '--budget', '30s'],
    kept: () => measurement('io')?.saturations ?? [],
    grows: null,
    result: 'plan.json',
  },
  'validate-plan': {
    line: ['validate-plan', 'single', '--workload', 'io', '--cases', '0', '--budget', '90s'],
    kept: () => measurement('io')?.saturations ?? [],
    // The trials of its search.
    grows: () => measurement('io')?.rates.length ?? 0,
    result: 'validation.json',
  },
  resilience: {
    line: ['resilience', '--models', 'single', '--faults', 'kill', '--repeats', '2'],
    kept: () => lines('cells.ndjson'),
    grows: () => lines('cells.ndjson').length,
    result: 'result.json',
  },
}

describe('a run that was killed with SIGKILL goes on with `--resume`', () => {
  for (const [command, { line, kept, grows, result }] of Object.entries(KINDS)) {
    test(`${command}: what was finished is taken as it is, the rest is measured, and then it is complete`, async () => {
      const started = place.start([...line, '--seed', '5', '--out', 'run'])
      await expect.poll(() => kept().length, { timeout: 60_000, interval: 20 }).toBeGreaterThan(0)
      started.child.kill('SIGKILL')
      await started.ended
      const before = kept()
      const size = grows?.() ?? 0
      expect(existsSync(join(place.dir, 'run', result))).toBe(false)
      const refused = await place.run([command, '--resume', 'run', '--seed', '6'])
      expect([refused.code, refused.stderr]).toEqual([
        2,
        expect.stringContaining('`--resume` alone, got it with `--seed`'),
      ])
      const ended = await place.run([command, '--resume', 'run'])
      // Where a goal is missed, as a busy machine lets happen, that is a result too.
      expect([0, 4, 5], ended.stderr).toContain(ended.code)
      expect(kept().slice(0, before.length)).toEqual(before)
      if (grows !== null) expect(grows()).toBeGreaterThan(size)
      expect(existsSync(join(place.dir, 'run', result))).toBe(true)
      const again = await place.run([command, '--resume', 'run'])
      expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('which is complete')])
      expect((await place.run(['report', 'run'])).code).toBeLessThanOrEqual(5)
    }, 240_000)
  }

  test('a run of another command is refused, with the right one', async () => {
    const started = place.start(['scale', 'single', '--workload', 'io', '--blocks', '2', '--out', 'run'])
    await expect.poll(() => measurement('io')?.saturations.length ?? 0, { timeout: 60_000 }).toBeGreaterThan(0)
    started.child.kill('SIGKILL')
    await started.ended
    const refused = await place.run(['capacity', '--resume', 'run'])
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('forkwise scale --resume')])
    const unread = await place.run(['report', 'run'])
    expect(unread.stderr).toContain('forkwise scale --resume')
    // Whatever the killed run left is ended by the next that starts something.
    expect((await place.run(['scale', '--resume', 'run'])).code).toBe(0)
  }, 120_000)
})

function measurement(workload: string): CapacityMeasurement | null {
  try {
    const text = readFileSync(join(place.dir, 'run', `measurement-single-${workload}.json`), 'utf8')
    return JSON.parse(text) as CapacityMeasurement
  } catch {
    return null
  }
}

function lines(name: string): unknown[] {
  const path = join(place.dir, 'run', name)
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown)
}
