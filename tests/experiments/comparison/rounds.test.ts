import { describe, expect, test } from 'vitest'
import { nextRound, type Progress, secondsLeft } from '../../../experiments/comparison/rounds.ts'
import { Schedule } from '../../../experiments/comparison/schedule.ts'

const PLAN = {
  blocks: 8,
  maxBlocks: 16,
  control: true,
  expectedS: 480,
  looks: { from: 5, planned: 8 },
} as const

/** Seconds of a launch. */
const LAUNCH_S = 5

function at(workload: string, kept: number, open: number | null, more: Partial<Progress> = {}): Progress {
  return { workload, models: 4, kept, whole: kept, last: kept, open, ...more }
}

/** A schedule that knows launches of `cpu`, `io` and `mixed`, so many seconds after the run began. */
function after(seconds: number, plan: { expectedS: number; budgetS?: number } = PLAN): Schedule {
  let nowMs = 0
  const schedule = new Schedule(plan, () => nowMs)
  for (const workload of ['cpu', 'io', 'mixed']) schedule.blockDone([workload, 4], 4 * LAUNCH_S, false)
  nowMs = seconds * 1000
  return schedule
}

describe('the next round', () => {
  test('has every workload that has not had its blocks, whatever the time', () => {
    const all = [at('cpu', 7, 3), at('io', 7, 9), at('mixed', 8, 0)]
    expect(nextRound(all, PLAN, after(10_000))).toEqual(['cpu', 'io'])
  })

  test('leaves out what is settled, but not before anything may be called', () => {
    expect(nextRound([at('cpu', 5, 0), at('io', 5, 1)], PLAN, after(100))).toEqual(['io'])
    expect(nextRound([at('cpu', 4, 0), at('io', 4, 1)], PLAN, after(100))).toEqual(['cpu', 'io'])
  })

  test('gives the time that is left of what was announced to what is open, to those with fewest whole blocks first', () => {
    const all = [at('cpu', 8, 2), at('io', 5, 0), at('mixed', 8, 4, { whole: 7 })]
    // The ninth block of a workload has four launches.
    expect(nextRound(all, PLAN, after(480 - 8 * LAUNCH_S))).toEqual(['mixed', 'cpu'])
    expect(nextRound(all, PLAN, after(480 - 7 * LAUNCH_S))).toEqual(['mixed'])
    expect(nextRound(all, PLAN, after(480 - 3 * LAUNCH_S))).toEqual([])
  })

  test('keeps time for blocks that are planned before it gives any to others', () => {
    const all = [at('cpu', 8, 9), at('io', 6, 1)]
    // Two blocks of io: nine launches with the control of the eighth.
    expect(nextRound(all, PLAN, after(480 - 13 * LAUNCH_S))).toEqual(['io', 'cpu'])
    expect(nextRound(all, PLAN, after(480 - 12 * LAUNCH_S))).toEqual(['io'])
  })

  test('goes beyond the plan only where something is open, and begins at most so many blocks', () => {
    expect(nextRound([at('cpu', 8, 0), at('io', 8, null)], PLAN, after(0))).toEqual([])
    expect(nextRound([at('cpu', 6, 5, { last: 16 })], PLAN, after(0))).toEqual([])
  })

  test('is as planned where nobody looks', () => {
    const { looks: _, ...plan } = PLAN
    expect(nextRound([at('cpu', 7, null), at('io', 8, null)], plan, after(0))).toEqual(['cpu'])
  })
})

describe('the time left', () => {
  test('counts controls, and ends with the announced time where something is open', () => {
    // Blocks 6 to 8 have two controls.
    expect(secondsLeft([at('cpu', 5, null)], PLAN, after(0))).toBe((3 * 4 + 2) * LAUNCH_S)
    expect(secondsLeft([at('cpu', 8, 3)], PLAN, after(450))).toBe(30)
    expect(secondsLeft([at('cpu', 8, 0)], PLAN, after(450))).toBe(0)
  })

  test('never grows from round to round, but by blocks that were dropped', () => {
    let nowS = 0
    const schedule = new Schedule(PLAN, () => nowS * 1000)
    let all = ['cpu', 'io', 'mixed'].map((workload) => at(workload, 0, null))
    let [before, allowedS] = [Infinity, 0]
    for (let round = 1; ; round++) {
      const coming = nextRound(all, PLAN, schedule)
      if (coming.length === 0) break
      if (round > 1) {
        const left = secondsLeft(all, PLAN, schedule)
        expect(left).toBeLessThanOrEqual(before + allowedS + 1e-9)
        before = left
      }
      allowedS = 0
      all = all.map((each) => {
        if (!coming.includes(each.workload)) return each
        const last = each.last + 1
        const launches = last % 2 === 0 ? 5 : 4
        const dropped = each.workload === 'io' && last === 3
        nowS += launches * LAUNCH_S
        if (dropped) allowedS += launches * LAUNCH_S + LAUNCH_S
        schedule.blockDone([each.workload, launches], launches * LAUNCH_S, dropped)
        const kept = each.kept + (dropped ? 0 : 1)
        return { ...each, last, kept, whole: kept, open: kept < 5 ? null : each.workload === 'cpu' ? 0 : 2 }
      })
    }
    expect(before).toBeGreaterThanOrEqual(0)
    expect(nowS).toBeLessThanOrEqual(PLAN.expectedS + 5 * LAUNCH_S)
    expect(all.map(({ kept }) => kept)).toEqual([5, expect.any(Number) as number, expect.any(Number) as number])
  })
})
