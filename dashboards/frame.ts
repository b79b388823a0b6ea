import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
  type Dashboard,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { METRICS } from '../core/metrics.ts'
import { OKABE_ITO } from './look.ts'
import { DATASOURCE, type PanelSource } from './panels.ts'

/** A dashboard as it is written: its text and rows of panels. */
export interface DashboardSpec {
  /** Name of its file and end of its address, e.g. `workers`. */
  readonly id: string
  readonly title: string
  /** The question it answers. */
  readonly description: string
  /** True when it shows one model at a time. */
  readonly oneModel?: boolean
  readonly rows: readonly Row[]
}

/** Panels under a heading. */
export interface Row {
  readonly title: string
  readonly panels: readonly PanelSource[]
}

/** Tag that all our dashboards carry, by which they link to each other. */
const TAG = 'forkwise'

/** Builds a dashboard: variables, links and annotations are the same on all, and every panel gets a number. */
export function buildDashboard(spec: DashboardSpec): Dashboard {
  const builder = new DashboardBuilder(`Forkwise · ${spec.title}`)
    .uid(`forkwise-${spec.id}`)
    .description(spec.description)
    .tags([TAG, 'generated'])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .refresh('5s')
    .time({ from: 'now-15m', to: 'now' })
    .timezone('browser')
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(labelVariable('run_id', 'Run', 'up').allValue('.+').hide(VariableHide.DontHide))
    .withVariable(modelVariable(spec.oneModel === true))
    .withVariable(labelVariable('workload', 'Workload', 'up{run_id=~"$run_id"}').allValue('.*'))
    .withVariable(labelVariable('job', 'Job', 'up').allValue('.+').hide(VariableHide.HideVariable))
    .withVariable(
      labelVariable('instance', 'Instance', 'up{job=~"$job"}').allValue('.+').hide(VariableHide.HideVariable),
    )
    .annotation(phases())
    .annotation(faults())
    .link(
      new DashboardLinkBuilder('Forkwise')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .keepTime(true)
        .includeVars(true),
    )
  for (const row of spec.rows) {
    builder.withRow(new RowBuilder(row.title))
    for (const panel of row.panels) builder.withPanel(panel)
  }
  return numbered(builder.build())
}

function labelVariable(name: string, label: string, series: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(`label_values(${series}, ${name})`)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .current({ selected: true, text: ['All'], value: ['$__all'] })
}

function modelVariable(single: boolean): QueryVariableBuilder {
  const variable = labelVariable('model', 'Model', 'up{run_id=~"$run_id"}').allValue('.+')
  return single ? variable.multi(false).includeAll(false).current({ selected: true, text: '', value: '' }) : variable
}

function phases(): AnnotationQueryBuilder {
  const { name } = METRICS.loadPhase
  return new AnnotationQueryBuilder()
    .name('Phases')
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(OKABE_ITO.skyBlue)
    .expr(`${name}{run_id=~"$run_id",model=~"$model",phase!="idle"} unless ${name} offset 1s`)
    .step('1s')
    .titleFormat('{{phase}}')
    .textFormat('{{model}} {{workload}}')
}

function faults(): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name('Faults')
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor(OKABE_ITO.vermillion)
    .expr(`${METRICS.faultActive.name}{run_id=~"$run_id",model=~"$model"} == 1`)
    .step('1s')
    .titleFormat('Fault: {{fault}}')
    .textFormat('{{model}}')
}

/** The SDK leaves panels without a number and gives every row zero. */
function numbered(dashboard: Dashboard): Dashboard {
  const panels = (dashboard.panels ?? []).map((panel, i) => ({ ...panel, id: i + 1 }))
  return { ...dashboard, panels }
}
