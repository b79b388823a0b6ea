import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { CapacityResult } from '../../analysis/capacity/objective/capacity-result.ts'
import type { CapacityMeasurement } from '../../core/capacity.ts'
import { inPlace, type Place } from './forkwise-process.ts'

// Side by side, each in a place of its own: they wait for seconds to be measured. That what is measured after a stop equals
// what an uninterrupted run measures is tested in virtual time (tests/experiments/capacity/resume.test.ts).

/** A kind of run, and where it keeps what is finished. */
interface Kind {
  readonly line: readonly string[]
  /** What is finished, as it is on disk; empty before the first part is. */
  readonly kept: (place: Place) => readonly unknown[]
  /** How much there is of what the rest of the run adds to; null where the first part may be all that its budget has. */
  readonly grows: ((place: Place) => number) | null
  readonly result: string
  /** What holds of the whole, whatever was measured. */
  readonly holds?: (result: unknown) => void
  /** A command of another kind, which cannot go on with it and says which can. */
  readonly other?: string
}

/** What was measured at saturation; what limited it is judged anew with all that is known at the end. */
const saturations = (place: Place): readonly unknown[] =>
  (measurement(place)?.saturations ?? []).map((each) => ({ ...each, because: '' }))

/** Budgets are the smallest that leave enough for measuring. */
const KINDS: Readonly<Record<string, Kind>> = {
  'validate-plan': {
    line: ['validate-plan', 'single', '--workload', 'io', '--cases', '0', '--budget', '36s'],
    kept: saturations,
    // The trials of its search.
    grows: (place) => measurement(place)?.rates.length ?? 0,
    result: 'validation.json',
  },
  capacity: {
    line: ['capacity', 'single', '--workload', 'io', '--slo', 'p99<500ms', '--budget', '29s'],
    kept: saturations,
    // The trials of its search.
    grows: (place) => measurement(place)?.rates.length ?? 0,
    result: 'capacity.json',
    holds: (result) => {
      expect(result).toMatchObject({ schema: 'forkwise/capacity@1', slo: { text: 'p99<500ms' } })
      const [model] = (result as CapacityResult).models
      expect(model?.search.trials).toBe(model?.search.steps.length)
      // How many its budget holds is the machine's affair (rate-search.test.ts has it in virtual time).
      expect(model?.rates.length).toBeGreaterThan(0)
    },
  },
  plan: {
    line: ['plan', '--models', 'single', '--workload', 'io', '--rate', '50', '--slo', 'p99<500ms', '--budget', '15s'],
    kept: saturations,
    grows: null,
    result: 'plan.json',
  },
  resilience: {
    line: ['resilience', '--models', 'single', '--faults', 'kill', '--repeats', '2'],
    kept: (place) => lines(place, 'cells.ndjson'),
    grows: (place) => lines(place, 'cells.ndjson').length,
    result: 'result.json',
  },
  scale: {
    line: ['scale', 'single', '--workload', 'io', '--workers', '1', '--blocks', '2'],
    kept: saturations,
    grows: (place) => saturations(place).length,
    result: 'scale.json',
    other: 'capacity',
  },
}

describe.concurrent('a run that was killed with SIGKILL goes on with `--resume`', () => {
  for (const [command, { line, kept, grows, result, holds, other }] of Object.entries(KINDS)) {
    test(
      `${command}: what was finished is taken as it is, the rest is measured, and then it is complete`,
      { timeout: 900_000 },
      ({ expect }) =>
        inPlace(async (place) => {
          const started = place.start([...line, '--seed', '5', '--out', 'run'])
          await expect.poll(() => kept(place).length, { timeout: 300_000, interval: 20 }).toBeGreaterThan(0)
          started.child.kill('SIGKILL')
          await started.ended
          const before = kept(place)
          const size = grows?.(place) ?? 0
          expect(existsSync(join(place.dir, 'run', result))).toBe(false)
          const words = ['--resume', 'run']
          const refused = await place.run([command, ...words, '--seed', '6'])
          expect([refused.code, refused.stderr]).toEqual([
            2,
            expect.stringContaining('`--resume` alone, got it with `--seed`'),
          ])
          if (other !== undefined) {
            const [mistaken, unread] = await Promise.all([place.run([other, ...words]), place.run(['report', 'run'])])
            expect([mistaken.code, mistaken.stderr]).toEqual([
              2,
              expect.stringContaining(`forkwise ${command} --resume`),
            ])
            expect(unread.stderr).toContain(`forkwise ${command} --resume`)
          }
          const ended = await place.run([command, ...words])
          // Where a goal is missed, as a busy machine lets happen, that is a result too.
          expect([0, 4, 5], ended.stderr).toContain(ended.code)
          expect(kept(place).slice(0, before.length)).toEqual(before)
          if (grows !== null) expect(grows(place)).toBeGreaterThan(size)
          expect(existsSync(join(place.dir, 'run', result))).toBe(true)
          if (ended.code !== 4) holds?.(JSON.parse(readFileSync(join(place.dir, 'run', result), 'utf8')))
          const [again, reported] = await Promise.all([
            // A trial that failed leaves the run as it is, to be gone on with.
            ended.code === 4 ? null : place.run([command, ...words]),
            place.run(['report', 'run']),
          ])
          if (again !== null) {
            expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('which is complete')])
          }
          expect(reported.code).toBeLessThanOrEqual(5)
        }),
    )
  }
})

function measurement(place: Place): CapacityMeasurement | null {
  try {
    const text = readFileSync(join(place.dir, 'run', 'measurement-single-io.json'), 'utf8')
    return JSON.parse(text) as CapacityMeasurement
  } catch {
    return null
  }
}

function lines(place: Place, name: string): unknown[] {
  const path = join(place.dir, 'run', name)
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown)
}
