import { intervalOf, logMean, meanInterval } from '../../analysis/statistics/interval.ts'
import { findModel } from '../../cluster/models.ts'
import { significant } from '../../core/quantities.ts'
import type { Estimate } from '../../core/records.ts'
import { benchInstrument, CHEAPEST_PATH, type InstrumentCost } from '../../loadtest/bench/instrument-bench.ts'
import { sampleQuantile } from '../../loadtest/calibration/known-truth.ts'
import type { Bench, BenchRow } from '../bench.ts'

const CONFIDENCE = 0.95
const GOAL = { instrumentRatio: 1.02, readingRatio: 1.01, readingMs: 5 } as const

/** What measuring costs the server that is measured. */
export const bench: Bench = {
  name: 'instrument',
  summary:
    'CPU per request with the instrument ÷ without on the cheapest handler, and what a reading of the metrics costs',
  run: async (context) => instrumentRows(await benchInstrument(await findModel('single'), context)),
}

/** The rows of what pairs of launches cost; a goal is met or missed where the whole interval says so. */
export function instrumentRows(costs: readonly InstrumentCost[]): readonly BenchRow[] {
  const median = (pick: (cost: InstrumentCost) => number): string => significant(sampleQuantile(costs.map(pick), 0.5))
  return [
    row(
      `CPU per request of ${CHEAPEST_PATH}, with the instrument ÷ without`,
      ratioInterval(costs.map(({ instrumentRatio }) => instrumentRatio)),
      GOAL.instrumentRatio,
      `${median(({ withUs }) => withUs)} µs ÷ ${median(({ withoutUs }) => withoutUs)} µs, ${costs.length} pairs of launches`,
    ),
    row(
      'CPU per request, metrics read once a second ÷ not read',
      ratioInterval(costs.map(onceRatio)),
      GOAL.readingRatio,
      `from ${median(({ readingsPerS }) => readingsPerS)} readings a second: ${intervalText(ratioInterval(costs.map(({ readingRatio }) => readingRatio)))}`,
    ),
    row(
      'CPU of one reading, in ms',
      meanInterval(
        costs.map(({ readingMs }) => readingMs),
        CONFIDENCE,
      ),
      GOAL.readingMs,
    ),
  ]
}

function ratioInterval(ratios: readonly number[]): Estimate {
  return intervalOf(logMean(ratios.map(Math.log)), CONFIDENCE)
}

/** Each reading costs the same: the cost of one a second follows from that of many. */
function onceRatio({ readingRatio, readingsPerS }: InstrumentCost): number {
  return 1 + (readingRatio - 1) / readingsPerS
}

function row(what: string, interval: Estimate | null, goal: number, remark?: string): BenchRow {
  if (interval === null) throw new Error('Expected at least one pair of launches.')
  const met = interval.high <= goal ? true : interval.low > goal ? false : null
  const remarks = [...(remark === undefined ? [] : [remark]), ...(met === null ? ['too uncertain to decide'] : [])]
  return {
    what,
    measured: `${intervalText(interval)}${remarks.length === 0 ? '' : `, ${remarks.join(', ')}`}`,
    goal: `≤ ${goal}`,
    met,
  }
}

function intervalText({ estimate, low, high }: Estimate): string {
  return `${estimate.toFixed(4)} (95 % ${low.toFixed(4)}–${high.toFixed(4)})`
}
