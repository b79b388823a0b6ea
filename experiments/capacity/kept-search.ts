import type { JudgedTrial } from '../../analysis/capacity/objective/capacity-result.ts'
import type { SearchResult } from '../../analysis/capacity/objective/slo-search.ts'
import { type CapacityMeasurement, type MeasuredRate, SEARCH_BLOCK } from '../../core/capacity.ts'
import type { CapacityFolder } from '../../store/capacity-folder.ts'
import type { CapacityRecord } from '../../store/capacity-record.ts'
import { measurementOf } from './measuring.ts'
import { type RateSearch, searchRate, type SearchSurroundings } from './rate-search.ts'
import type { Subject } from './subject.ts'

/** What a search came to, and the measurement of its subject with the trials among the rates. */
export interface KeptSearch {
  readonly result: SearchResult<JudgedTrial>
  readonly measurement: CapacityMeasurement
}

/** Where a search is made and kept. */
export interface KeptSearchSurroundings extends Pick<SearchSurroundings, 'context' | 'emit'> {
  readonly folder: Pick<CapacityFolder, 'keep' | 'appendSearch'>
  readonly resumed: CapacityRecord | null
}

/**
 * Searches the highest rate of a subject, keeping every trial with what was measured of it. A search that was over when
 * the run stopped is taken from the folder; one that was not begins again.
 */
export async function keptSearch(
  subject: Subject,
  search: RateSearch,
  measurement: CapacityMeasurement,
  { context, emit, folder, resumed }: KeptSearchSurroundings,
): Promise<KeptSearch> {
  const { model, workload } = subject
  const { workers, slo } = search
  const withTrials = (trials: readonly MeasuredRate[]): CapacityMeasurement => ({
    ...measurement,
    rates: [...measurement.rates, ...trials],
  })
  const done = resumed?.searches.find(
    (each) =>
      each.model === model && each.workload === workload.id && each.workers === workers && each.objective === slo.text,
  )
  if (done !== undefined) {
    const kept = measurementOf(subject, resumed?.measurements ?? [])?.rates ?? []
    const trials = kept.filter((rate) => rate.block === SEARCH_BLOCK && rate.workers === workers)
    return { result: done.result, measurement: withTrials(trials) }
  }
  const keep = (trials: readonly MeasuredRate[]): void => folder.keep(withTrials(trials))
  const { result, measured } = await searchRate(subject, search, { context, emit, keep })
  folder.appendSearch({
    schema: 'forkwise/search@1',
    model,
    workload: workload.id,
    workers,
    objective: slo.text,
    result,
  })
  return { result, measurement: withTrials(measured) }
}
