import { formatCount, significant } from '../../core/quantities.ts'
import type { Manifest, ResultCell, Verdict } from '../../core/records.ts'
import { countText } from '../wording.ts'

/**
 * Multiple of the workers above which a gain in throughput is not believed without a word. Computing that leaves the event
 * loop to others makes more of a mixed workload than there are workers (2.85 × with two, 2026-11), and another runtime may
 * be a few times as fast; nothing makes sixfold of two.
 */
const MOST_PER_WORKER = 3

/**
 * What is too good to be the model's doing, in sentences. Where the baseline has places for fewer requests that wait than
 * the other model, and so fewer connections, what waits may gain as many times more.
 */
export function plausibilityNotes(
  { plan }: Pick<Manifest, 'plan'>,
  verdicts: readonly Verdict[],
  cells: readonly Pick<ResultCell, 'model' | 'workload' | 'connections'>[],
): string[] {
  const connections = (model: string, workload: string): number =>
    cells.find((cell) => cell.model === model && cell.workload === workload)?.connections ?? 1
  return verdicts
    .filter(({ metric, ratio, candidate, baseline, workload }) => {
      const moreAtOnce = Math.max(1, connections(candidate, workload) / connections(baseline, workload))
      return metric === 'throughput' && ratio.estimate > MOST_PER_WORKER * plan.workers * moreAtOnce
    })
    .map(
      ({ candidate, baseline, workload, ratio }) =>
        `Doubtful: ${countText(plan.workers, 'worker')} cannot give ${formatRatio(ratio.estimate)} times the throughput, as ${candidate} has of ${baseline} under ${workload}. Do both run the same program, with the same settings, and is the work the same?`,
    )
}

function formatRatio(ratio: number): string {
  return ratio >= 1000 ? formatCount(Math.round(ratio)) : significant(ratio)
}
