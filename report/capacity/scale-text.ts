import { countText } from '../../analysis/wording.ts'
import type { ModelScaling, ScalePoint } from '../../analysis/capacity/scaling/scaling.ts'
import { percent } from '../../analysis/capacity/objective/slo.ts'
import { formatCount, formatRate, significant } from '../../core/quantities.ts'
import type { Estimate } from '../../core/records.ts'
import type { TextStyle } from '../text.ts'
import { alignedTable, intervalText, nodeText } from './table.ts'

/** Cells of the longest bar. */
const BAR_CELLS = 24

/** How each model's throughput grows with its workers, as text. */
export function scaleText(models: readonly ModelScaling[], style: TextStyle): string {
  const highest = Math.max(...models.flatMap((model) => model.points.map((point) => point.throughputPerS.estimate)))
  return models.map((model) => modelText(model, highest, style)).join('\n\n')
}

function modelText(model: ModelScaling, highest: number, style: TextStyle): string {
  const heading = [
    'workers',
    'requests/s',
    '95 % interval',
    '× one',
    'CPU ms',
    'p50 ms',
    'p99 ms',
    'efficiency',
    'limit',
    '',
  ]
  const [head = '', ...rows] = alignedTable([heading, ...model.points.map((point) => cellsOf(point, highest))])
  const disturbed =
    model.disturbedSlices === 0
      ? ''
      : ` Other programs disturbed ${model.disturbedSlices} of ${model.slices} slices${model.disturbedSlices === model.slices ? ', all of them: trust none of this' : ', which are left out'}.`
  return [
    style('strong', `${model.model}, ${model.workload}, ${model.blocks} blocks${nodeText(model)}`),
    style('faint', head),
    ...rows,
    lawText(model),
    `${model.least === 1 ? 'One worker is' : `${model.least} workers are`} the fewest within 5 % of the best (${model.best}). Limited by ${model.limitedBy}.${disturbed}`,
  ].join('\n')
}

function cellsOf(point: ScalePoint, highest: number): string[] {
  const { workers, throughputPerS, cpuMsPerRequest, speedup, efficiency } = point
  return [
    String(workers),
    formatCount(throughputPerS.estimate),
    intervalText(throughputPerS, (value) => formatCount(value)),
    speedup === null ? '–' : significant(speedup),
    significant(cpuMsPerRequest.estimate),
    point.p50Ms === null ? '–' : significant(point.p50Ms),
    point.p99Ms === null ? '–' : significant(point.p99Ms),
    efficiency === null ? '–' : percent(efficiency),
    point.limit,
    '█'.repeat(Math.round((throughputPerS.estimate / highest) * BAR_CELLS)).padEnd(BAR_CELLS),
  ]
}

function lawText({ usl, uslMissing, cores, points }: ModelScaling): string {
  if (usl === null) return `No scaling law: ${uslMissing}.`
  const { curve, sigma, kappa, peak, peakWorkers, largestMeasured } = usl
  const coefficient = (value: number, interval: Estimate | null): string =>
    `${percent(value)}${interval === null ? '' : ` (${intervalText(interval, percent)})`}`
  const peakText =
    peak === null
      ? 'no peak'
      : peak.workers > 2 * largestMeasured
        ? `peak beyond what can be told from ${countText(largestMeasured, 'worker')}`
        : `peak at ${formatCount(peak.workers)} workers (${peakWorkers === null ? '–' : intervalText(peakWorkers, formatCount)}), ${formatRate(peak.throughputPerS)}`
  const crowded = points.filter(({ workers, limit }) => workers > cores && limit === 'machine').length
  const mixed =
    crowded === 0
      ? ''
      : ` It includes counts of more workers than the ${cores} core${cores === 1 ? '' : 's'}: what they lack in cores counts as contention and coherency.`
  return `Scaling law: contention σ ${coefficient(curve.sigma, sigma)}, coherency κ ${coefficient(curve.kappa, kappa)}, ${peakText}.${mixed}`
}
