import type { ModelScaling, ScalePoint } from '../../analysis/capacity/scaling/scaling.ts'
import { percent } from '../../analysis/capacity/objective/slo.ts'
import { formatCount, significant } from '../../core/quantities.ts'
import type { TextStyle } from '../text.ts'
import { lawText, leastText } from './sentences.ts'
import { alignedTable } from '../table.ts'
import { intervalText, nodeText } from './table.ts'

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
    `${capitalised(leastText(model))}. Limited by ${model.limitedBy}.${disturbed}`,
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

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
