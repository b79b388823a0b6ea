import type { ModelScaling, ScalePoint } from '../../analysis/capacity/scaling/scaling.ts'
import { percent } from '../../analysis/capacity/objective/slo.ts'
import { countText } from '../../analysis/wording.ts'
import { formatCount, significant } from '../../core/quantities.ts'
import type { TextStyle } from '../text.ts'
import { lawText, leastText, limitText, neededText } from './sentences.ts'
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
  const columns = COLUMNS.filter(({ cell }) => model.points.some((point) => cell(point, highest) !== NONE))
  const heading = columns.map(({ title }) => (title === 'workers' ? (model.axis ?? title) : title))
  const rows = model.points.map((point) => columns.map(({ cell }) => cell(point, highest)))
  const [head = '', ...lines] = alignedTable([heading, ...rows])
  const disturbed =
    model.disturbedSlices === 0
      ? ''
      : `Other programs disturbed ${model.disturbedSlices} of ${model.slices} slices${model.disturbedSlices === model.slices ? ', all of them: trust none of this' : ', which are left out'}.`
  const repetitions = countText(model.blocks, model.outside === undefined ? 'block' : 'repetition')
  const verdict = [`${capitalised(leastText(model))}.`, limitText(model), disturbed].filter((text) => text !== '')
  return [
    style('strong', `${model.model}, ${model.workload}, ${repetitions}${nodeText(model)}`),
    style('faint', head),
    ...lines,
    lawText(model),
    verdict.join(' '),
    ...[neededText(model)].filter((text) => text !== ''),
  ].join('\n')
}

/** What stands where nothing is known. */
const NONE = '–'

/** A column of the table; one that knows nothing of any row is left out. */
const COLUMNS: readonly {
  readonly title: string
  readonly cell: (point: ScalePoint, highest: number) => string
}[] = [
  { title: 'workers', cell: ({ workers }) => String(workers) },
  { title: 'requests/s', cell: ({ throughputPerS }) => formatCount(throughputPerS.estimate) },
  {
    title: '95 % interval',
    cell: ({ throughputPerS }) => intervalText(throughputPerS, (value) => formatCount(value)),
  },
  { title: '× one', cell: ({ speedup }) => (speedup === null ? NONE : significant(speedup)) },
  {
    title: 'CPU ms',
    cell: ({ cpuMsPerRequest }) => (cpuMsPerRequest === null ? NONE : significant(cpuMsPerRequest.estimate)),
  },
  { title: 'p50 ms', cell: ({ p50Ms }) => (p50Ms === null ? NONE : significant(p50Ms)) },
  { title: 'p99 ms', cell: ({ p99Ms }) => (p99Ms === null ? NONE : significant(p99Ms)) },
  { title: 'efficiency', cell: ({ efficiency }) => (efficiency === null ? NONE : percent(efficiency)) },
  { title: 'limit', cell: ({ limit }) => (limit === 'unknown' ? NONE : limit) },
  {
    title: '',
    cell: ({ throughputPerS }, highest) =>
      '█'.repeat(Math.round((throughputPerS.estimate / highest) * BAR_CELLS)).padEnd(BAR_CELLS),
  },
]

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
