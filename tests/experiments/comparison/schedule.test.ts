import { expect, test } from 'vitest'
import { Schedule } from '../../../experiments/comparison/schedule.ts'

/** A schedule on a clock that is set by hand, in seconds. */
function onClock(plan: { expectedS: number; budgetS?: number }): { schedule: Schedule; at: (seconds: number) => void } {
  let nowS = 0
  return {
    schedule: new Schedule(plan, () => nowS * 1000),
    at: (seconds) => {
      nowS = seconds
    },
  }
}

test('what is left follows the mean block of each workload', () => {
  const { schedule } = onClock({ expectedS: 100 })
  schedule.blockDone('cpu', 10, true)
  schedule.blockDone('cpu', 14, true)
  schedule.blockDone('io', 30, true)
  const left = new Map([
    ['cpu', 2],
    ['io', 1],
  ])
  expect(schedule.secondsOf(left)).toBe(2 * 12 + 30)
})

test('a run without a budget always has time', () => {
  const { schedule, at } = onClock({ expectedS: 10 })
  schedule.blockDone('cpu', 60, true)
  at(1e6)
  expect(schedule.hasTimeFor(['cpu'])).toBe(true)
})

test('a budget ends when another round would exceed it by more than a tenth', () => {
  const { schedule, at } = onClock({ expectedS: 100, budgetS: 100 })
  schedule.blockDone('cpu', 20, true)
  at(89)
  expect(schedule.hasTimeFor(['cpu'])).toBe(true)
  at(91)
  expect(schedule.hasTimeFor(['cpu'])).toBe(false)
})

test('the time of dropped blocks comes on top of a budget, and is no reason to call the run late', () => {
  const { schedule, at } = onClock({ expectedS: 100, budgetS: 100 })
  schedule.blockDone('cpu', 20, false)
  at(109)
  expect(schedule.hasTimeFor(['cpu'])).toBe(true)
  expect(schedule.lateByS(20)).toBeNull()
  at(111)
  expect(schedule.hasTimeFor(['cpu'])).toBe(false)
})

test('a run that takes clearly longer than announced says so once', () => {
  const { schedule, at } = onClock({ expectedS: 100 })
  at(40)
  expect(schedule.lateByS(70)).toBeNull()
  expect(schedule.lateByS(80)).toBe(20)
  expect(schedule.lateByS(90)).toBeNull()
})
