import type { PilotRecord, Result } from '../../core/records.ts'

/** The rates of the latency slices, each with the model whose capacity in the pilot set it: the lowest. */
export function commonRatesOf(
  workloads: readonly string[],
  pilot: PilotRecord | null,
): NonNullable<Result['commonRates']> {
  return workloads.flatMap((workload) => {
    const ratePerS = pilot?.commonRates[workload] ?? 0
    const [slowest] = (pilot?.capacities ?? [])
      .filter((entry) => entry.workload === workload && entry.ratePerS > 0)
      .toSorted((a, b) => a.ratePerS - b.ratePerS)
    if (ratePerS <= 0 || slowest === undefined) return []
    return [{ workload, ratePerS, setBy: slowest.model, capacityPerS: slowest.ratePerS }]
  })
}
