import type { RatePoint } from '../../analysis/capacity/planning/rate-curve.ts'
import type { LatencyGoal } from '../../analysis/capacity/objective/slo.ts'
import { countText } from '../../analysis/wording.ts'
import { boundsOf } from '../../core/estimate.ts'
import { formatDuration, formatRate } from '../../core/quantities.ts'
import type { CapacityFindings } from '../../store/capacity-findings.ts'
import { LINE_FRAME, linePlot } from '../html/charts/lines.ts'
import { fittingScale, linearScale, tickLabel } from '../html/charts/scale.ts'
import { slug } from '../html/context.ts'
import { figure } from '../html/figure.ts'
import type { Markup } from '../html/markup.ts'
import { lookOf } from '../html/palette.ts'

type FoundPlan = NonNullable<CapacityFindings['plan']>

/** For each planned server and goal, the predicted latency against the rate with its bounds, the objective and the planned rate. */
export function rateFacets({ models, request, plannedPerS }: FoundPlan): (Markup | null)[] {
  return models.flatMap(({ model, server, rates }, place) =>
    server === null || rates === undefined || rates.length < 2
      ? []
      : request.slo.latency.map((goal, index) =>
          rateFacet({
            model,
            place,
            goal,
            size: `${countText(server.machines, 'machine')} with ${countText(server.workersPerMachine, 'worker')}${server.machines === 1 ? '' : ' each'}`,
            plannedPerS,
            points: rates.flatMap((point) => predictedAt(point, index)),
          }),
        ),
  )
}

interface PredictedPoint {
  readonly ratePerS: number
  readonly ms: number
  readonly lowMs: number
  readonly highMs: number
}

/** What the points say of one goal, in milliseconds; those without bounds are left out. */
function predictedAt({ ratePerS, prediction }: RatePoint, index: number): PredictedPoint[] {
  const latencyS = prediction.latency[index]?.latencyS
  if (latencyS === undefined) return []
  const [low, high] = boundsOf(latencyS)
  return low === null || high === null
    ? []
    : [{ ratePerS, ms: latencyS.estimate * 1000, lowMs: low * 1000, highMs: high * 1000 }]
}

function rateFacet(about: {
  readonly model: string
  readonly place: number
  readonly goal: LatencyGoal
  readonly size: string
  readonly plannedPerS: number
  readonly points: readonly PredictedPoint[]
}): Markup | null {
  const { model, place, goal, size, plannedPerS, points } = about
  if (points.length < 2) return null
  const id = `plan-rates-${slug(`${model}-${goal.name}`, place)}`
  const limitMs = goal.limitS * 1000
  const y = fittingScale(
    [...points.flatMap(({ lowMs, highMs }) => [lowMs, highMs]), limitMs],
    [LINE_FRAME.bottom, LINE_FRAME.top],
  )
  const time = (ms: number): string => formatDuration(ms / 1000)
  return figure({
    id,
    title: `${model}: ${goal.name} against the rate`,
    note: `${size}, predicted; 90 % of the time within the band. The horizontal line is the objective`,
    svg: linePlot(
      id,
      `Predicted ${goal.name} of ${model} against the rate, with the objective; the table below has the figures.`,
      {
        x: linearScale(
          [0, Math.max(...points.map(({ ratePerS }) => ratePerS))],
          [LINE_FRAME.left, LINE_FRAME.right - 8],
        ),
        y,
        xLabel: 'requests per second',
        yLabel: y.log ? 'ms, log' : 'ms',
        xFormat: tickLabel,
        yFormat: tickLabel,
        across: [{ y: limitMs, label: `${goal.name} < ${formatDuration(goal.limitS)}` }],
        down: [{ x: plannedPerS, label: 'planned' }],
      },
      [
        {
          name: model,
          look: lookOf(place),
          points: points.map(({ ratePerS, ms }) => ({ x: ratePerS, y: ms })),
          band: points.map(({ ratePerS, lowMs, highMs }) => ({ x: ratePerS, low: lowMs, high: highMs })),
          marks: points.map(({ ratePerS, ms, highMs }) => ({
            x: ratePerS,
            y: ms,
            title: `${formatRate(ratePerS)}: ${goal.name} ${time(ms)}, at most ${time(highMs)}`,
          })),
        },
      ],
    ),
    table: {
      headings: ['rate', goal.name, 'from', 'to'],
      rows: points.map(({ ratePerS, ms, lowMs, highMs }) => [
        formatRate(ratePerS),
        time(ms),
        time(lowMs),
        time(highMs),
      ]),
    },
  })
}
