import { IDENTITY_LABELS, LABEL_VALUES, METRICS, type MetricKey } from '../../core/metrics.ts'
import { type Matcher, readPromql } from '../promql.ts'
import { fillVariables, GRAFANA_VARIABLES } from '../variables.ts'
import { RECORDED } from '../rules/recording-rules.ts'
import { type Check, panelFinding, queriesOf } from './check.ts'

/** Labels that Prometheus gives to every series it reads. */
const SCRAPE_LABELS = ['job', 'instance']

/** A series name that queries may use, with the labels that its series have. */
interface KnownSeries {
  readonly labels: ReadonlySet<string>
  /** Values of labels that have a fixed set. */
  readonly values: Readonly<Record<string, readonly string[]>>
}

/** Metrics and labels that exist: a misspelt one would make an empty panel, and no error anywhere. */
export const CATALOGUE_CHECK: Check = {
  id: 'catalogue',
  title: 'metrics and labels of the catalogue only',
  async run(dashboards) {
    const known = knownSeries()
    const allLabels = new Set([...known.values()].flatMap(({ labels }) => [...labels]))
    return [...queriesOf(dashboards)].flatMap(({ dashboard, panel, expr }) => {
      const { selectors, grouping } = readPromql(fillVariables(expr, GRAFANA_VARIABLES))
      const faults = selectors.flatMap(({ metric, matchers }) => {
        const series = known.get(metric)
        if (series === undefined) return [`No metric of the catalogue is named \`${metric}\`.`]
        return matchers.flatMap((matcher) => matcherFaults(metric, series, matcher))
      })
      const strange = grouping
        .filter((label) => !allLabels.has(label))
        .map((label) => `No metric has a label \`${label}\`.`)
      return [...faults, ...strange].map((message) => panelFinding(dashboard, panel, message))
    })
  },
}

function matcherFaults(metric: string, series: KnownSeries, { label, operator, value }: Matcher): string[] {
  if (!series.labels.has(label)) return [`\`${metric}\` has no label \`${label}\`.`]
  const values = series.values[label]
  const fixed = operator === '=' || operator === '!='
  if (values === undefined || !fixed || value.includes('$') || values.includes(value)) return []
  return [`\`${label}\` of \`${metric}\` is never \`${value}\`, but ${values.join(', ')}.`]
}

function knownSeries(): Map<string, KnownSeries> {
  const common = [...SCRAPE_LABELS, ...IDENTITY_LABELS]
  const known = new Map<string, KnownSeries>()
  const add = (name: string, labels: readonly string[], values: KnownSeries['values'] = {}): void => {
    known.set(name, { labels: new Set(labels), values })
  }
  for (const key of Object.keys(METRICS) as MetricKey[]) {
    const { name, kind, labels } = METRICS[key]
    const values = LABEL_VALUES[key]
    if (kind !== 'histogram') add(name, [...common, ...labels], values)
    else {
      add(`${name}_bucket`, [...common, ...labels, 'le'], values)
      for (const suffix of ['_sum', '_count']) add(`${name}${suffix}`, [...common, ...labels], values)
    }
  }
  for (const { record } of Object.values(RECORDED)) {
    add(record, ['run_id', 'model', 'workload', ...(record.startsWith('worker:') ? ['worker'] : [])])
  }
  add('up', common)
  add('scrape_duration_seconds', common)
  add('ALERTS', [...common, 'alertname', 'alertstate', 'severity', 'pool', 'queue'])
  return known
}
