import { boundsOf } from '../../../core/estimate.ts'
import type { CurvePicture } from '../../../core/lab-record.ts'
import { significant } from '../../../core/quantities.ts'
import { type Line, LINE_FRAME, linePlot } from '../charts/lines.ts'
import { linearScale, logScale, type Scale, tickLabel } from '../charts/scale.ts'
import { legend } from '../context.ts'
import { markup, type Markup } from '../markup.ts'
import { type Look, lookOf } from '../palette.ts'

/** Figures over a quantity: what was measured with its intervals, laws, curves of texts, and what was predicted. */
export function labCurve({ id, title, x, y, series, marks }: CurvePicture): Markup {
  const all = series.flatMap(({ points }) => points)
  if (all.length === 0) return markup`<p>Nothing was measured.</p>`
  const measured = series.filter(({ style }) => style === 'measured')
  const looks = new Map<string, Look>(series.map((each) => [each.name, lookFor(each.style, measured.indexOf(each))]))
  const xs = [...all.map((point) => point.x), ...marks.map((mark) => mark.x)]
  const ys = all.flatMap((point) => [point.y, Math.min(point.high ?? point.y, 2.5 * point.y)])
  const { left, right, top, bottom } = LINE_FRAME
  const across = axis(xs, x.log, [left, right])
  const up = axis(y.log ? ys : [0, ...ys], y.log, [bottom, top])
  const within = (value: number): number =>
    Math.max(Math.min(...ys, y.log ? Infinity : 0), Math.min(Math.max(...ys), value))
  return markup`${legend(looks)}${linePlot(
    id,
    `${title}; the table below has the figures.`,
    {
      x: across,
      y: up,
      xLabel: axisText(x),
      yLabel: axisText(y),
      xFormat: tickLabel,
      yFormat: tickLabel,
      down: marks,
    },
    series.map(({ name, style, points }) => ({
      name,
      look: looks.get(name) ?? lookOf(0),
      points: points.length === 1 ? [] : points,
      ...bandFor(
        points.flatMap((point) => {
          if (point.low === null || point.high === null) return []
          const [low, high] = boundsOf({ estimate: point.y, low: point.low, high: point.high })
          return low === null || high === null ? [] : [{ x: point.x, low: within(low), high: within(high) }]
        }),
      ),
      marks:
        style === 'fitted'
          ? []
          : points.map((point) => ({
              x: point.x,
              y: point.y,
              title: `${name}: ${significant(point.y)} ${y.unit} at ${significant(point.x)}`,
            })),
    })),
  )}`
}

/** The band of a line; a line without intervals has none. */
function bandFor(band: NonNullable<Line['band']>): Pick<Line, 'band'> {
  return band.length === 0 ? {} : { band }
}

function lookFor(style: CurvePicture['series'][number]['style'], place: number): Look {
  if (style === 'reference') return { ...lookOf(0), classes: 's0 d1' }
  if (style === 'fitted') return { ...lookOf(0), classes: 's0 d2' }
  if (style === 'predicted') return { ...lookOf(0), classes: 's5 d0' }
  const colour = MEASURED_COLOURS[place % MEASURED_COLOURS.length] ?? 1
  const dash = Math.floor(place / MEASURED_COLOURS.length)
  return { ...lookOf(colour), classes: `s${colour} d${dash}` }
}

/** Of what was measured: those first that differ most; beyond them come dashes. */
const MEASURED_COLOURS = [1, 2, 3, 4, 6, 7] as const

function axis(values: readonly number[], log: boolean, range: readonly [number, number]): Scale {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return log && low > 0 ? logScale([low, high], range) : linearScale([low, high], range)
}

function axisText({ title, unit, log }: CurvePicture['x']): string {
  return `${title} ${unit}`.trimEnd() + (log ? ', logarithmic' : '')
}
