import { modelCapacity } from '../../../analysis/capacity/objective/capacity-result.ts'
import { plan } from '../../../analysis/capacity/planning/plan.ts'
import { parsePlanRequest } from '../../../analysis/capacity/planning/plan-request.ts'
import { scalingOf } from '../../../analysis/capacity/scaling/scaling.ts'
import { parseSlo } from '../../../analysis/capacity/objective/slo.ts'
import { machineFacts } from '../../../core/machine.ts'
import type { CapacityFindings } from '../../../store/capacity-findings.ts'
import { KNOWN, measureKnown } from '../../analysis/capacity/synthetic-measurement.ts'

let made: CapacityFindings | null = null

/** A known server, measured by simulation, searched, planned and validated: the same every time, and made once. */
export function knownFindings(): CapacityFindings {
  made ??= makeFindings()
  return made
}

function makeFindings(): CapacityFindings {
  const model = 'known'
  const measurement = { ...measureKnown(KNOWN, { workers: [1, 2, 3, 4] }), model }
  const slo = parseSlo('p99<40ms')
  const machine = { ...machineFacts(), ...measurement.machine, kernel: 'Linux 6', platform: 'Debian' }
  const search = {
    passedPerS: 700,
    failedPerS: 730,
    ended: 'width' as const,
    exact: true,
    tookS: 40,
    steps: [
      { ratePerS: 700, durationS: 4, trial: { passed: true, tookS: 4, missed: [] } },
      { ratePerS: 730, durationS: 4, trial: { passed: false, tookS: 4, missed: ['p99 44 ms, wanted below 40 ms'] } },
    ],
  } as unknown as Parameters<typeof modelCapacity>[3]
  return {
    id: 'known-run',
    machine,
    scale: { seed: 1, models: [scalingOf(measurement, 200)] },
    capacity: {
      schema: 'forkwise/capacity@1',
      id: 'known-run',
      machine,
      seed: 1,
      slo,
      models: [modelCapacity(measurement, 2, slo, search, 60)],
    },
    plan: {
      ...plan(parsePlanRequest({ rate: '400', slo: 'p99<40ms', growth: '30%/year', price: '$0.04/core-hour' }), [
        measurement,
      ]),
      confirmations: [
        {
          model,
          workers: 3,
          ratePerS: 400,
          latency: [{ name: 'p99', predictedS: 0.03, measuredS: 0.031 }],
          met: true,
          missed: [],
          faults: [],
        },
      ],
    },
    validation: {
      rows: [
        {
          what: 'p99',
          workers: 2,
          ratePerS: 300,
          load: 0.7,
          predicted: 0.02,
          measured: 0.021,
          error: -0.0476,
          chance: null,
          goal: 0.2,
          passed: true,
        },
        {
          what: 'highest rate',
          workers: 2,
          ratePerS: null,
          load: 0.8,
          predicted: 363,
          measured: 321,
          error: 0.131,
          chance: null,
          goal: 0.1,
          passed: false,
        },
      ],
      counts: [
        { routing: 'central-queue', ratePerS: 400, objective: 'p99<40ms', planned: 3, needed: 3, verdict: 'exact' },
      ],
      passed: false,
      complete: true,
      notes: ['A note.'],
    },
    measurements: [measurement],
  }
}
