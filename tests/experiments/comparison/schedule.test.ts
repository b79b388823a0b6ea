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

test('what is left follows the mean launch of each workload, so that blocks with and without a control count as what they are', () => {
  const { schedule } = onClock({ expectedS: 100 })
  schedule.blockDone(['cpu', 4], 20, false)
  schedule.blockDone(['cpu', 5], 25, false)
  schedule.blockDone(['io', 4], 40, false)
  expect(
    schedule.secondsOf([
      ['cpu', 9],
      ['io', 4],
      ['mixed', 4],
    ]),
  ).toBe(45 + 40)
})

test('a run without a budget is always within it, but not within what was announced', () => {
  const { schedule, at } = onClock({ expectedS: 100 })
  schedule.blockDone(['cpu', 4], 60, false)
  at(40)
  expect(schedule.isWithinAnnounced([['cpu', 4]])).toBe(true)
  at(41)
  expect(schedule.isWithinAnnounced([['cpu', 4]])).toBe(false)
  at(1e6)
  expect(schedule.isWithinBudget([['cpu', 4]])).toBe(true)
})

test('a budget ends when another round would exceed it by more than a tenth', () => {
  const { schedule, at } = onClock({ expectedS: 80, budgetS: 100 })
  schedule.blockDone(['cpu', 4], 20, false)
  at(89)
  expect(schedule.isWithinBudget([['cpu', 4]])).toBe(true)
  at(91)
  expect(schedule.isWithinBudget([['cpu', 4]])).toBe(false)
})

test('the time of lost blocks comes on top of what was announced, and is no reason to call the run late', () => {
  const { schedule, at } = onClock({ expectedS: 100, budgetS: 100 })
  schedule.blockDone(['cpu', 4], 20, true)
  at(100)
  expect(schedule.announcedLeftS()).toBe(20)
  expect(schedule.isWithinAnnounced([['cpu', 4]])).toBe(true)
  at(109)
  expect(schedule.isWithinBudget([['cpu', 4]])).toBe(true)
  expect(schedule.lateByS(20)).toBeNull()
  at(111)
  expect(schedule.isWithinBudget([['cpu', 4]])).toBe(false)
})

test('a run that takes clearly longer than announced says so once', () => {
  const { schedule, at } = onClock({ expectedS: 100 })
  at(40)
  expect(schedule.lateByS(70)).toBeNull()
  expect(schedule.lateByS(80)).toBe(20)
  expect(schedule.lateByS(90)).toBeNull()
})
