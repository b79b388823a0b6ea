import { expect, test } from 'vitest'
import { LiveServer } from '../../cli/live-server.ts'
import type { DriverProgress } from '../../loadtest/driver-progress.ts'

const terminal = {
  result: () => undefined,
  note: () => undefined,
  live: () => undefined,
  columns: 120,
  interactive: true,
  style: (_: string, text: string) => text,
}

const progress = (failed: number): DriverProgress => ({
  phase: 'counting',
  elapsedS: 3,
  ratePerS: 50,
  failed,
  p50Ms: 2,
  p99Ms: null,
})

const fault = (active: boolean, id = 'freeze'): Parameters<LiveServer['linesOf']>[0] => ({
  type: 'fault',
  fault: id,
  active,
})

test('a fault that is over says how many requests failed meanwhile, each its own', () => {
  const live = new LiveServer(terminal, { expectedS: null })
  live.load(progress(2))
  expect(live.linesOf(fault(true))).toEqual(['freeze is injected.'])
  live.load(progress(5))
  expect(live.linesOf(fault(true, 'kill'))).toEqual(['kill is injected.'])
  live.load(progress(6))
  expect(live.linesOf(fault(false))).toEqual(['freeze is over: 4 requests failed meanwhile.'])
  expect(live.linesOf(fault(false, 'kill'))).toEqual(['kill is over: 1 request failed meanwhile.'])
})

test('without a load nothing is said of requests', () => {
  const live = new LiveServer(terminal, { expectedS: null })
  live.linesOf(fault(true))
  expect(live.linesOf(fault(false))).toEqual(['freeze is over.'])
})
