import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BEAT_S, delayMaxS, type Heartbeat, heartbeatAgeS, startHeartbeat } from '../../../server/metrics/heartbeat.ts'

let nowMs = 0
let heartbeat: Heartbeat
const cells = new Float64Array(16)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  nowMs = 1_000_000
  vi.spyOn(process, 'hrtime').mockImplementation(() => [Math.floor(nowMs / 1000), (nowMs % 1000) * 1e6])
  cells.fill(0)
  heartbeat = startHeartbeat(cells)
})

afterEach(() => {
  heartbeat.stop()
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Lets time pass with the loop turning on time. */
function turnFor(seconds: number): void {
  for (let beat = 0; beat < Math.round(seconds / BEAT_S); beat++) {
    nowMs += BEAT_S * 1000
    vi.advanceTimersByTime(BEAT_S * 1000)
  }
}

/** Lets time pass while the loop is blocked. */
function blockFor(seconds: number): void {
  nowMs += seconds * 1000
}

test('a loop that turns has neither delay nor age', () => {
  turnFor(2)
  expect(heartbeatAgeS(cells)).toBe(0)
  expect(delayMaxS(cells)).toBeCloseTo(0, 9)
})

test('a block shows while it is going on', () => {
  turnFor(1)
  blockFor(3)
  expect(heartbeatAgeS(cells)).toBeCloseTo(3, 9)
  expect(delayMaxS(cells)).toBeCloseTo(3 - BEAT_S, 9)
})

test('a block that is over is remembered for about five seconds, then forgotten', () => {
  blockFor(0.8)
  turnFor(0.1)
  expect(heartbeatAgeS(cells)).toBe(0)
  expect(delayMaxS(cells)).toBeCloseTo(0.8, 6)
  turnFor(3)
  expect(delayMaxS(cells)).toBeCloseTo(0.8, 6)
  turnFor(3)
  expect(delayMaxS(cells)).toBeCloseTo(0, 6)
})

test('what was met before the process was ready is forgotten, a block that is just over included', () => {
  blockFor(0.8)
  turnFor(0.2)
  blockFor(1.5)
  heartbeat.forget()
  expect(heartbeatAgeS(cells)).toBe(0)
  turnFor(0.2)
  expect(delayMaxS(cells)).toBeCloseTo(0, 6)
  blockFor(0.3)
  turnFor(0.1)
  expect(delayMaxS(cells)).toBeCloseTo(0.3, 6)
})

test('of several blocks the longest is reported', () => {
  for (const lengthS of [0.2, 0.7, 0.4]) {
    blockFor(lengthS)
    turnFor(0.2)
  }
  expect(delayMaxS(cells)).toBeCloseTo(0.7, 6)
})
