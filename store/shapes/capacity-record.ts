import type { JudgedTrial } from '../../analysis/capacity/objective/capacity-result.ts'
import type { SearchResult, SearchStep } from '../../analysis/capacity/objective/slo-search.ts'
import type { CapacityManifest, FinishedSearch, TriedCount } from '../capacity-record.ts'
import { amount, byName, constant, flag, list, nullable, object, oneOf, optional, type Shape, text } from '../shape.ts'
import { countRow } from './capacity-results.ts'
import { count, machineFacts } from './run.ts'

/** manifest.json of a capacity run. */
export const capacityManifest: Shape<CapacityManifest> = object<CapacityManifest>({
  schema: constant('forkwise/capacity-manifest@1'),
  id: text,
  createdAt: text,
  forkwiseVersion: text,
  experiment: oneOf('scale', 'capacity', 'plan', 'validate-plan'),
  machine: machineFacts,
  options: byName<unknown>({ schema: {} }),
  cwd: optional(text),
})

/** A line of searches.ndjson. */
export const finishedSearch: Shape<FinishedSearch> = object<FinishedSearch>({
  schema: constant('forkwise/search@1'),
  model: text,
  workload: text,
  workers: count,
  objective: text,
  result: object<SearchResult<JudgedTrial>>({
    passedPerS: nullable(amount),
    failedPerS: nullable(amount),
    ended: oneOf('width', 'budget', 'interrupted', 'below-lowest', 'above-highest'),
    exact: flag,
    steps: list(
      object<SearchStep<JudgedTrial>>({
        ratePerS: amount,
        durationS: amount,
        trial: object<JudgedTrial>({ passed: flag, missed: list(text) }),
      }),
    ),
    tookS: amount,
  }),
})

/** A line of counts.ndjson. */
export const triedCount: Shape<TriedCount> = object<TriedCount>({
  schema: constant('forkwise/count@1'),
  number: count,
  row: countRow,
})
