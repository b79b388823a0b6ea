import { intervalOf, logMean, meanInterval } from '../../analysis/statistics/interval.ts'
import { findModel } from '../../cluster/models.ts'
import { significant } from '../../core/quantities.ts'
import type { Estimate } from '../../core/records.ts'
import { benchInstrument, CHEAPEST_PATH, READINGS_PER_S } from '../../loadtest/bench/instrument-bench.ts'
import type { Bench, BenchRow } from '../bench.ts'

const CONFIDENCE = 0.95
const GOAL = { instrumentRatio: 1.02, readingRatio: 1.01, readingMs: 5 } as const

/** What measuring costs the server that is measured. */
export const bench: Bench = {
  name: 'instrument',
  summary:
    'CPU per request with the instrument ÷ without on the cheapest handler, and what a reading of the metrics costs',
  async run(context) {
    const costs = await benchInstrument(await findModel('single'), context)
    const median = (pick: (cost: (typeof costs)[number]) => number): string => significant(medianOf(costs.map(pick)))
    const read = ratioInterval(costs.map(({ readingRatio }) => readingRatio))
    const once = perReading(read)
    return [
      row(
        `CPU per request of ${CHEAPEST_PATH}, with the instrument ÷ without`,
        ratioInterval(costs.map(({ instrumentRatio }) => instrumentRatio)),
        GOAL.instrumentRatio,
        `${median(({ withUs }) => withUs)} µs ÷ ${median(({ withoutUs }) => withoutUs)} µs, ${costs.length} pairs of launches`,
      ),
      row(
        'CPU per request, metrics read once a second ÷ not read',
        once,
        GOAL.readingRatio,
        `from ${READINGS_PER_S} readings a second: ${intervalText(read)}`,
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
  },
}

function ratioInterval(ratios: readonly number[]): Estimate {
  return intervalOf(logMean(ratios.map(Math.log)), CONFIDENCE)
}

/** Each reading costs the same, so one a second costs so much less than many do. */
function perReading({ estimate, low, high }: Estimate): Estimate {
  const share = (ratio: number): number => 1 + (ratio - 1) / READINGS_PER_S
  return { estimate: share(estimate), low: share(low), high: share(high) }
}

/** Met when the whole interval is within the goal, missed when none of it is; else there is no telling. */
function row(what: string, interval: Estimate | null, goal: number, remark?: string): BenchRow {
  if (interval === null) throw new Error('Expected at least one pair of launches.')
  const met = interval.high <= goal ? true : interval.low > goal ? false : null
  const remarks = [...(remark === undefined ? [] : [remark]), ...(met === null ? ['too uncertain to tell'] : [])]
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

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
