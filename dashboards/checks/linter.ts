import { readPromql, type Selector } from '../promql.ts'
import { fillVariables, GRAFANA_VARIABLES } from '../variables.ts'
import {
  type Check,
  type DashboardJson,
  type DatasourceJson,
  type Finding,
  type PanelJson,
  type VariableJson,
  panelFinding,
  panelsOf,
} from './check.ts'

/**
 * The rules of grafana/dashboard-linter that make sense for Prometheus, under their own names. Its two rules on LogQL
 * are here one: no query is for anything but Prometheus.
 */
export const LINTER_CHECK: Check = {
  id: 'linter',
  title: 'well made by dashboard-linter’s rules',
  run: async (dashboards) => [...dashboards].flatMap(([name, json]) => [...lint(name, json)]),
}

/** Panels that show numbers and so need a title, a description and a unit. */
const NUMERIC = new Set(['stat', 'gauge', 'bargauge', 'table', 'timeseries', 'heatmap', 'state-timeline'])

/** Panels that need no query. */
const WITHOUT_QUERIES = new Set(['text', 'row', 'dashlist', 'news'])

/** Units that our panels use; a misspelt one would show bare numbers. */
const UNITS = new Set(['none', 'short', 'percentunit', 's', 'bytes', 'reqps', 'ops', 'cps'])

/** Series that carry no `job` and `instance` of a target, since Prometheus makes them of rules. */
const RULE_SERIES = /^ALERTS$|:/

/** A duration that nobody writes, in the place of `$__rate_interval`. */
const RATE_INTERVAL = '4241ms'

const VARIABLES = { ...GRAFANA_VARIABLES, __rate_interval: RATE_INTERVAL }

/** Value of Grafana's `refresh` that asks again when the time range changes. */
const ON_TIME_RANGE = 2

function* lint(name: string, json: DashboardJson): Generator<Finding> {
  const variables = json.templating?.list ?? []
  for (const message of dashboardFaults(json, variables)) yield { dashboard: name, message }
  for (const panel of panelsOf(json)) {
    for (const message of panelFaults(panel)) yield panelFinding(name, panel, message)
    for (const target of panel.targets ?? []) {
      for (const message of queryFaults(target.expr ?? '', target.datasource)) yield panelFinding(name, panel, message)
    }
  }
}

function* dashboardFaults(json: DashboardJson, variables: readonly VariableJson[]): Generator<string> {
  if (json.editable !== false) yield 'uneditable-dashboard-rule: it can be edited, but is generated.'
  const datasource = variables.find(({ type }) => type === 'datasource')
  if (datasource === undefined) yield 'template-datasource-rule: it has no variable for the data source.'
  else if (datasource.name !== 'datasource' || datasource.label !== 'Data source') {
    yield 'template-datasource-rule: the variable for the data source is not named `datasource` and labelled “Data source”.'
  }
  yield* targetVariableFaults('job', 'Job', variables)
  yield* targetVariableFaults('instance', 'Instance', variables)
  for (const variable of variables) {
    if (variable.type !== 'query') continue
    if (variable.refresh !== ON_TIME_RANGE) {
      yield `template-on-time-change-reload-rule: \`${variable.name}\` does not reload with the time range.`
    }
    const series = labelValuesSeries(variable.query)
    if (series === null || readPromql(fillVariables(series, VARIABLES)).error !== null) {
      yield `template-label-promql-rule: \`${variable.name}\` does not ask for label values of a selector.`
    }
  }
}

function* targetVariableFaults(name: string, label: string, variables: readonly VariableJson[]): Generator<string> {
  const rule = `template-${name}-rule`
  const variable = variables.find((candidate) => candidate.name === name)
  if (variable === undefined) yield `${rule}: it has no variable \`${name}\`.`
  else if (variable.label !== label) yield `${rule}: \`${name}\` is not labelled “${label}”.`
  else if (!isTemplated(variable.datasource)) yield `${rule}: \`${name}\` does not use the chosen data source.`
  else if (variable.multi !== true || variable.includeAll !== true || variable.allValue !== '.+') {
    yield `${rule}: \`${name}\` is not a multiple choice whose “All” is \`.+\`.`
  }
}

function* panelFaults(panel: PanelJson): Generator<string> {
  const type = panel.type ?? ''
  if (!WITHOUT_QUERIES.has(type)) {
    if ((panel.targets ?? []).every(({ expr }) => expr === undefined || expr === '')) {
      yield 'panel-no-targets-rule: it has no query.'
    }
    if (!isTemplated(panel.datasource)) yield 'panel-datasource-rule: it does not use the chosen data source.'
  }
  if (!NUMERIC.has(type)) return
  if ((panel.title ?? '') === '' || (panel.description ?? '') === '') {
    yield 'panel-title-description-rule: it lacks a title or a description.'
  }
  const units = unitsOf(panel)
  if (units.length === 0) yield 'panel-units-rule: it has no unit.'
  for (const unit of units) if (!UNITS.has(unit)) yield `panel-units-rule: \`${unit}\` is not a unit in use here.`
}

function* queryFaults(expr: string, datasource: DatasourceJson | undefined): Generator<string> {
  if (typeof datasource === 'object' && datasource !== null && datasource.type !== 'prometheus') {
    yield 'target-logql-rule: its query is not for Prometheus.'
  }
  const { error, selectors } = readPromql(fillVariables(expr, VARIABLES))
  if (error !== null) yield `target-promql-rule: it cannot be read at \`${error}\`.`
  for (const selector of selectors) yield* selectorFaults(selector)
}

function* selectorFaults(selector: Selector): Generator<string> {
  const { metric, range } = selector
  const called = selector.function ?? ''
  const isRate = called === 'rate' || called === 'irate'
  if (isRate && range !== RATE_INTERVAL) {
    yield `target-rate-interval-rule: \`${metric}\` is taken over ${range ?? 'nothing'} instead of \`$__rate_interval\`.`
  }
  if (metric.endsWith('_total') && !isRate && called !== 'increase') {
    yield `target-counter-agg-rule: the counter \`${metric}\` is used without rate, irate or increase.`
  }
  if (RULE_SERIES.test(metric)) return
  for (const label of ['job', 'instance']) {
    const chosen = selector.matchers.some(
      (matcher) => matcher.label === label && matcher.operator === '=~' && matcher.value === `$${label}`,
    )
    if (!chosen) yield `target-${label}-rule: \`${metric}\` is not narrowed by \`${label}=~"$${label}"\`.`
  }
}

function unitsOf(panel: PanelJson): string[] {
  if (panel.type === 'heatmap') {
    const options = (panel as { options?: { yAxis?: { unit?: string } } }).options
    return options?.yAxis?.unit === undefined ? [] : [options.yAxis.unit]
  }
  const overridden = (panel.fieldConfig?.overrides ?? []).flatMap(({ properties = [] }) =>
    properties.filter(({ id }) => id === 'unit').map(({ value }) => String(value)),
  )
  const unit = panel.fieldConfig?.defaults?.unit
  return [...(unit === undefined || unit === '' ? [] : [unit]), ...overridden]
}

function isTemplated(datasource: DatasourceJson | undefined): boolean {
  const uid = typeof datasource === 'object' ? datasource?.uid : datasource
  return uid === '$datasource' || uid === '${datasource}'
}

function labelValuesSeries(query: unknown): string | null {
  return typeof query === 'string' ? (/^label_values\((.+), *\w+\)$/.exec(query)?.[1] ?? null) : null
}
