import { describe, expect, test } from 'vitest'
import { busyCorrections, calibratedModelOf } from '../../../../analysis/capacity/service/calibration.ts'
import { scaled } from '../../../../analysis/capacity/simulation/distribution.ts'
import { countArrivals } from '../../../../analysis/capacity/service/replay.ts'
import { serviceModelOf } from '../../../../analysis/capacity/service/service-model.ts'
import type { CapacityMeasurement, MeasuredRate } from '../../../../core/capacity.ts'
import { LatencyHistogram } from '../../../../core/histogram.ts'
import { KNOWN, measureKnown, runKnown, type KnownServer } from '../synthetic-measurement.ts'

const SERVER = { ...KNOWN, sigma: 0, noise: 0 }
const MEASURED = measureKnown(SERVER, { workers: [1, 2], requests: 2000 })
const BUSY_S = 0.005

describe('busy times', () => {
  test.each([0.9, 1, 1.1, 1.2])('that are %d times those at saturation are found out', (factor) => {
    const corrections = busyCorrections(withSlices(factor), serviceModelOf(MEASURED))
    expect(corrections.map(({ workers }) => workers)).toEqual([1, 2])
    // Drawn towards 1 as if one of thirteen slices had found 1.
    for (const found of corrections) expect(Math.abs(found.factor / factor ** (12 / 13) - 1)).toBeLessThan(0.03)
  })

  test('are corrected for counts between, and beyond as for the nearest', () => {
    const measurement = withSlices(1.2)
    const before = serviceModelOf(measurement)
    const after = calibratedModelOf(measurement)
    for (const workers of [1, 2, 3, 4]) {
      const ratio = after.busyS(workers).busyS.estimate / before.busyS(workers).busyS.estimate
      expect(Math.abs(ratio / 1.18 - 1)).toBeLessThan(0.03)
    }
  })

  test('one slow slice of three changes nothing', () => {
    const [usual, slow] = [withSlices(1, [0.5]), withSlices(1.35, [0.5])]
    const mixed = {
      ...usual,
      rates: usual.rates.map((rate, i) => (i % 4 === 0 ? (slow.rates[i] as MeasuredRate) : rate)),
    }
    const corrections = busyCorrections(mixed, serviceModelOf(MEASURED))
    expect(corrections.map(({ workers }) => workers)).toEqual([1, 2])
    for (const { factor } of corrections) {
      expect(Math.abs(factor - 1)).toBeLessThan(0.04)
    }
  })

  test('of slices on a slower machine, known by the CPU that a request cost, are not corrected for that', () => {
    const slow = withSlices(1.2, [0.5])
    const both = {
      ...slow,
      rates: slow.rates.map((rate) => Object.assign({}, rate, { cpuCores: 1.2 * rate.cpuCores })),
    }
    const usual = withSlices(1, [0.35])
    const mixed = { ...MEASURED, rates: [...usual.rates, ...both.rates] }
    const corrections = busyCorrections(mixed, serviceModelOf(MEASURED))
    expect(corrections.map(({ workers }) => workers)).toEqual([1, 2])
    for (const { factor } of corrections) {
      // Usual is what all slices cost on the mean, 1.1 times what the saturations say.
      expect(Math.abs(factor / 1.1 ** (8 / 9) - 1)).toBeLessThan(0.03)
    }
  })

  test('stay as they are where there is no evidence about them', () => {
    expect(MEASURED.rates.every(({ arrivals }) => arrivals === undefined)).toBe(true)
    expect(busyCorrections(MEASURED, serviceModelOf(MEASURED))).toEqual([])
    expect(calibratedModelOf(MEASURED).busyS(2)).toEqual(serviceModelOf(MEASURED).busyS(2))
    const waiting: KnownServer = {
      ...SERVER,
      cpu: { kind: 'constant', valueS: 0.0002 },
      wait: { kind: 'constant', valueS: 0.05 },
    }
    const measured = measureKnown(waiting, { workers: [1], requests: 500 })
    const slices = { ...measured, rates: slicesOf(waiting, 1, [0.3], [1]) }
    expect(busyCorrections(slices, serviceModelOf(measured))).toEqual([])
  })
})

/** A measurement whose open loops found busy times `factor` times those at saturation: four slices of each rate. */
function withSlices(factor: number, loads: readonly number[] = [0.35, 0.5, 0.65]): CapacityMeasurement {
  return { ...MEASURED, rates: slicesOf(SERVER, factor, loads, [1, 2]) }
}

function slicesOf(
  server: KnownServer,
  factor: number,
  loads: readonly number[],
  counts: readonly number[],
): MeasuredRate[] {
  const slower = { ...server, cpu: scaled(server.cpu, factor) }
  return counts.flatMap((workers) =>
    loads.flatMap((load) =>
      [1, 2, 3, 4].map((block): MeasuredRate => {
        const ratePerS = (load * workers) / BUSY_S
        const sent = { seed: 100 * block + workers, warmupS: 0.5, durationS: 8 }
        const { before, after } = countArrivals(ratePerS, sent)
        const run = { workers, ratePerS, requests: after, warmupRequests: before, seed: block, arrivalSeed: sent.seed }
        const histogram = new LatencyHistogram()
        for (const latencyS of runKnown(slower, run).latenciesS) histogram.record(latencyS * 1e6)
        return {
          ...(MEASURED.rates[0] as MeasuredRate),
          block,
          workers,
          ratePerS,
          achievedPerS: ratePerS,
          cpuCores: ratePerS * BUSY_S,
          arrivals: sent,
          histogram: histogram.toBase64(),
        }
      }),
    ),
  )
}
