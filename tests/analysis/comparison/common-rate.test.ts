import { expect, test } from 'vitest'
import { commonRatesOf } from '../../../analysis/comparison/common-rate.ts'
import type { PilotRecord } from '../../../core/records.ts'

const PILOT: PilotRecord = {
  schema: 'forkwise/pilot@1',
  capacities: [
    { model: 'single', workload: 'io', ratePerS: 900 },
    { model: 'gunicorn-sync', workload: 'io', ratePerS: 38 },
    { model: 'silent', workload: 'io', ratePerS: 0 },
    { model: 'single', workload: 'cpu', ratePerS: 200 },
  ],
  commonRates: { io: 22.8, cpu: 120 },
  bareRates: {},
  refused: [],
  notes: [],
}

test('the model with the lowest capacity above zero set the rate', () => {
  expect(commonRatesOf(['io', 'cpu', 'mixed'], PILOT)).toEqual([
    { workload: 'io', ratePerS: 22.8, setBy: 'gunicorn-sync', capacityPerS: 38 },
    { workload: 'cpu', ratePerS: 120, setBy: 'single', capacityPerS: 200 },
  ])
  expect(commonRatesOf(['io'], null)).toEqual([])
})
