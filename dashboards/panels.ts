import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TableFooterOptionsBuilder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import { ThresholdsConfigBuilder, ThresholdsMode, type Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  PanelBuilder as HeatmapBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline'
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table'
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { type DashboardFieldConfigOverride, modelOverrides } from './look.ts'
import type { Query } from './queries.ts'

/** The data source that the reader chose. */
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const

/** A panel builder of any kind. */
export interface PanelSource {
  build(): Panel
}

/** What every panel says about itself. */
export interface PanelText {
  readonly title: string
  /** How to read it: what a high or low value means, and what not to conclude. */
  readonly description: string
  /** Grafana's name of the unit, e.g. `reqps`. */
  readonly unit: string
  readonly queries: readonly Query[]
  /** Columns of 24. */
  readonly width: number
  /** Rows; 8 unless given. */
  readonly height?: number
  readonly overrides?: readonly DashboardFieldConfigOverride[]
}

/** A value above which a colour applies; null for the lowest. */
export type Step = readonly [above: number | null, colour: string]

/** Lines over time. */
export function timeSeries(
  text: PanelText & {
    readonly max?: number
    readonly stacked?: boolean
    readonly bars?: boolean
    readonly log?: boolean
  },
): TimeSeriesBuilder {
  const byModel = text.queries.some(({ legend }) => legend.startsWith('{{model}}'))
  const panel = new TimeSeriesBuilder()
    .title(text.title)
    .description(text.description)
    .datasource(DATASOURCE)
    .unit(text.unit)
    .min(0)
    .span(text.width)
    .height(text.height ?? 8)
    .targets(text.queries.map((query, i) => target(query, i)))
    .overrides([...(byModel ? modelOverrides() : []), ...(text.overrides ?? [])])
    .lineWidth(2)
    .fillOpacity(text.stacked === true ? 30 : 0)
    .showPoints(VisibilityMode.Never)
    .spanNulls(false)
    .legend(legendTable())
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
  if (text.max !== undefined) panel.max(text.max)
  if (text.stacked === true) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal))
  if (text.bars === true) panel.drawStyle(GraphDrawStyle.Bars).fillOpacity(60).lineWidth(0)
  return panel
}

/** One large number with its recent course behind it. */
export function stat(text: PanelText & { readonly steps?: readonly Step[] }): StatBuilder {
  const panel = new StatBuilder()
    .title(text.title)
    .description(text.description)
    .datasource(DATASOURCE)
    .unit(text.unit)
    .span(text.width)
    .height(text.height ?? 4)
    .targets(text.queries.map((query, i) => target(query, i)))
    .overrides([...(text.overrides ?? [])])
    .graphMode(BigValueGraphMode.Area)
    .colorMode(text.steps === undefined ? BigValueColorMode.None : BigValueColorMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
  if (text.steps !== undefined) panel.thresholds(thresholds(text.steps))
  return panel
}

/** Distribution of a histogram over time. */
export function heatmap(text: PanelText): HeatmapBuilder {
  return new HeatmapBuilder()
    .title(text.title)
    .description(text.description)
    .datasource(DATASOURCE)
    .span(text.width)
    .height(text.height ?? 8)
    .targets(text.queries.map((query, i) => target(query, i).format(PromQueryFormat.Heatmap)))
    .calculate(false)
    .yAxis(new YAxisConfigBuilder().unit(text.unit))
    .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme('Viridis').steps(64).reverse(true))
}

/** What a number stands for on a timeline of states. */
export interface State {
  readonly value: number
  readonly text: string
  readonly colour: string
}

/** Bars of states over time, one row for each series. */
export function stateTimeline(text: PanelText & { readonly states: readonly State[] }): StateTimelineBuilder {
  const options = Object.fromEntries(
    text.states.map(({ value, text, colour }, index) => [String(value), { text, color: colour, index }]),
  )
  return (
    new StateTimelineBuilder()
      .title(text.title)
      .description(text.description)
      .datasource(DATASOURCE)
      .unit(text.unit)
      .span(text.width)
      .height(text.height ?? 8)
      .targets(text.queries.map((query, i) => target(query, i)))
      .overrides([...(text.overrides ?? [])])
      .mergeValues(true)
      .showValue(VisibilityMode.Never)
      .rowHeight(0.8)
      .fillOpacity(80)
      .spanNulls(false)
      // The SDK types a value mapping as an enum that JSON writes as this word.
      .mappings([{ type: 'value', options } as unknown as Parameters<StateTimelineBuilder['mappings']>[0][number]])
      .thresholds(thresholds(text.states.map(({ value, colour }, i) => [i === 0 ? null : value, colour])))
      .legend(
        new VizLegendOptionsBuilder()
          .displayMode(LegendDisplayMode.List)
          .placement(LegendPlacement.Bottom)
          .showLegend(true),
      )
  )
}

/** One column of a table. */
export interface Column {
  readonly title: string
  readonly expr: string
  readonly unit: string
}

/** A table with a row for each combination of labels and a column for each query, of the last instant shown. */
export function table(
  text: Omit<PanelText, 'queries' | 'unit'> & { readonly by: readonly string[]; readonly columns: readonly Column[] },
): TableBuilder {
  const letters = text.columns.map((_, i) => String.fromCodePoint(65 + i))
  return new TableBuilder()
    .title(text.title)
    .description(text.description)
    .datasource(DATASOURCE)
    .unit('short')
    .span(text.width)
    .height(text.height ?? 8)
    .targets(
      text.columns.map(({ expr }, i) => target({ expr, legend: '', instant: true }, i).format(PromQueryFormat.Table)),
    )
    .transformations([
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          indexByName: Object.fromEntries(
            [...text.by, ...letters.map((letter) => `Value #${letter}`)].map((name, i) => [name, i]),
          ),
          renameByName: Object.fromEntries(text.columns.map(({ title }, i) => [`Value #${letters[i]}`, title])),
        },
      },
    ])
    .overrides(
      text.columns.map(({ title, unit }) => ({
        matcher: { id: 'byName', options: title },
        properties: [{ id: 'unit', value: unit }],
      })),
    )
    .footer(new TableFooterOptionsBuilder().show(false))
}

/** Colours by value. */
export function thresholds(steps: readonly Step[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(steps.map(([value, color]) => ({ value, color })))
}

function target(query: Query, index: number): DataqueryBuilder {
  const builder = new DataqueryBuilder()
    .refId(String.fromCodePoint(65 + index))
    .datasource(DATASOURCE)
    .expr(query.expr)
    .legendFormat(query.legend)
  return query.instant === true ? builder.instant() : builder.range()
}

function legendTable(): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.Table)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
    .calcs(['mean', 'max', 'lastNotNull'])
}
