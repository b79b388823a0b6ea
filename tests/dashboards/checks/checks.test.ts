import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { PACKAGE_ROOT } from '../../../core/paths.ts'
import { checkDashboards, CHECKS } from '../../../dashboards/checks.ts'
import type { CheckContext, DashboardJson, PanelJson, VariableJson } from '../../../dashboards/checks/check.ts'
import { buildDashboards } from '../../../dashboards/dashboards.ts'

/** A dashboard that a test may break. */
type Loose<T> = T extends readonly (infer Item)[]
  ? Loose<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Loose<T[Key]> }
    : T
type Broken = Loose<DashboardJson>

/** Grafana's schema, which the project does not contain. */
const SCHEMA_FILE = join(PACKAGE_ROOT, '..', 'shared', 'grafana', 'dashboard.jsonschema.json')
const NOTHING: CheckContext = { schema: null, checkRules: null, countSeries: null }

let dashboards: Map<string, Broken>
beforeEach(() => {
  const text = JSON.stringify([...buildDashboards()])
  dashboards = new Map(JSON.parse(text) as [string, Broken][])
})

/** The dashboard that gets broken. */
function victim(): Broken {
  const dashboard = dashboards.get('workers')
  if (dashboard === undefined) throw new Error('a dashboard named workers expected')
  return dashboard
}

function panel(title: string): Loose<PanelJson> {
  const found = victim().panels?.find((candidate) => candidate.title === title)
  if (found === undefined) throw new Error(`a panel named ${title} expected`)
  return found
}

function variable(name: string): Loose<VariableJson> {
  const found = victim().templating?.list?.find((candidate) => candidate.name === name)
  if (found === undefined) throw new Error(`a variable named ${name} expected`)
  return found
}

function expression(title: string, change: (expr: string) => string): void {
  const [target] = panel(title).targets ?? []
  if (target?.expr === undefined) throw new Error(`a query of ${title} expected`)
  target.expr = change(target.expr)
}

async function findings(id: string, context: CheckContext = NOTHING): Promise<string[]> {
  const outcome = (await checkDashboards(dashboards, context)).find((candidate) => candidate.id === id)
  if (outcome === undefined) throw new Error(`a check named ${id} expected`)
  return outcome.findings.map(({ dashboard, panel: title, message }) => `${dashboard} ${title ?? ''}: ${message}`)
}

test('our dashboards pass, and what could not be checked is said', async () => {
  const outcomes = await checkDashboards(dashboards, NOTHING)
  expect(outcomes.flatMap((outcome) => outcome.findings)).toEqual([])
  expect(outcomes.filter(({ skipped }) => skipped !== null).map(({ id }) => id)).toEqual(['schema', 'promql', 'live'])
})

const BREAKS: readonly [check: string, sentence: string, break_: () => void, message: string][] = [
  ['linter', 'it can be edited', () => (victim().editable = true), 'uneditable-dashboard-rule'],
  [
    'linter',
    'no variable for the data source',
    () => (victim().templating = { list: [] }),
    'template-datasource-rule: it has no',
  ],
  [
    'linter',
    'the data source under another name',
    () => (variable('datasource').name = 'ds'),
    'template-datasource-rule',
  ],
  ['linter', 'no choice of jobs', () => (variable('job').name = 'jobs'), 'template-job-rule: it has no'],
  ['linter', 'jobs of a fixed data source', () => (variable('job').datasource = { uid: 'x' }), 'template-job-rule'],
  ['linter', '“All” jobs that match nothing', () => (variable('job').allValue = ''), 'template-job-rule'],
  ['linter', 'only one instance at a time', () => (variable('instance').multi = false), 'template-instance-rule'],
  ['linter', 'instances labelled otherwise', () => (variable('instance').label = 'Host'), 'template-instance-rule'],
  ['linter', 'a variable that is never asked again', () => (variable('model').refresh = 1), 'on-time-change-reload'],
  [
    'linter',
    'a variable that asks for nonsense',
    () => (variable('model').query = 'label_values(up{, model)'),
    'template-label-promql-rule',
  ],
  ['linter', 'a fixed data source', () => (panel('Imbalance').datasource = 'prom'), 'panel-datasource-rule'],
  ['linter', 'no description', () => (panel('Imbalance').description = ''), 'panel-title-description-rule'],
  ['linter', 'no unit', () => (panel('Imbalance').fieldConfig = { defaults: {} }), 'panel-units-rule: it has no'],
  [
    'linter',
    'a unit that does not exist',
    () => (panel('Imbalance').fieldConfig = { defaults: { unit: 'requests/s' } }),
    'panel-units-rule: `requests/s`',
  ],
  ['linter', 'no query', () => (panel('Imbalance').targets = []), 'panel-no-targets-rule'],
  [
    'linter',
    'a query for another kind of store',
    () => (panel('Imbalance').targets = [{ expr: 'up', datasource: { type: 'loki' } }]),
    'target-logql-rule',
  ],
  ['linter', 'PromQL that cannot be read', () => expression('Imbalance', (expr) => `${expr})`), 'target-promql-rule'],
  [
    'linter',
    'a rate over a fixed time',
    () => expression('CPU of each unit', (expr) => expr.replace('$__rate_interval', '4s')),
    'target-rate-interval-rule',
  ],
  [
    'linter',
    'a counter shown as it is',
    () => expression('Restarts', () => 'server_worker_restarts_total{job=~"$job",instance=~"$instance"}'),
    'target-counter-agg-rule',
  ],
  [
    'linter',
    'a query of all jobs',
    () => expression('Imbalance', (expr) => expr.replaceAll('job=~"$job",', '')),
    'target-job-rule',
  ],
  [
    'linter',
    'a query of all instances',
    () => expression('Imbalance', (expr) => expr.replaceAll('instance=~"$instance",', '')),
    'target-instance-rule',
  ],
  ['layout', 'two panels with one id', () => (panel('Imbalance').id = panel('Restarts').id ?? 0), 'shares its `id`'],
  ['layout', 'a panel without an id', () => delete panel('Imbalance').id, 'no `id`'],
  [
    'layout',
    'a panel on another one',
    () => (panel('Imbalance').gridPos = { ...(panel('Restarts').gridPos ?? { x: 0, y: 0, w: 1, h: 1 }), w: 3 }),
    'lies on “Restarts”',
  ],
  [
    'layout',
    'a panel that reaches out of the page',
    () => (panel('Imbalance').gridPos = { x: 20, y: 90, w: 8, h: 8 }),
    'beyond the 24 columns',
  ],
  ['layout', 'a panel nowhere', () => delete panel('Imbalance').gridPos, 'no `gridPos`'],
  [
    'layout',
    'two queries with one name',
    () =>
      (panel('Imbalance').targets = [
        { refId: 'A', expr: 'up' },
        { refId: 'A', expr: 'up' },
      ]),
    'share a `refId`',
  ],
  ['layout', 'the address of another dashboard', () => (victim().uid = 'forkwise-compare-models'), 'shares its `uid`'],
  ['layout', 'no address', () => delete victim().uid, 'no `uid`'],
  [
    'catalogue',
    'a metric that nobody exposes',
    () => expression('Memory of each unit', (expr) => expr.replace('resident_memory', 'rss')),
    'No metric of the catalogue is named `process_rss_bytes`',
  ],
  [
    'catalogue',
    'a histogram without a part',
    () => expression('Imbalance', (expr) => expr.replace('seconds_count', 'seconds')),
    'No metric of the catalogue is named `http_server_request_duration_seconds`',
  ],
  [
    'catalogue',
    'a label that the metric does not have',
    () => expression('Memory of each unit', (expr) => expr.replace('role!=', 'http_route!=')),
    '`process_resident_memory_bytes` has no label `http_route`',
  ],
  [
    'catalogue',
    'grouping by a label that nothing has',
    () => expression('Imbalance', (expr) => expr.replaceAll('by (model)', 'by (modell)')),
    'No metric has a label `modell`',
  ],
  [
    'catalogue',
    'a value that the label never has',
    () => expression('State of each unit', (expr) => expr.replace('"ready"', '"running"')),
    '`state` of `server_worker_up` is never `running`',
  ],
]

describe('a broken dashboard is caught', () => {
  test.each(BREAKS)('%s: %s', async (check, _, breakIt, message) => {
    breakIt()
    const found = await findings(check)
    expect(
      found.some((text) => text.startsWith('workers') && text.includes(message)),
      found.join('\n'),
    ).toBe(true)
  })

  test('every check has one, or needs what is only there sometimes', () => {
    const broken = new Set(BREAKS.map(([check]) => check))
    expect(CHECKS.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual(['schema', 'promql', 'live'])
  })

  test('live: a query that is answered with nothing', async () => {
    const countSeries = async (expr: string): Promise<number> => (expr.includes('server_worker_exits_total') ? 0 : 1)
    expect(await findings('live', { ...NOTHING, countSeries })).toEqual([
      expect.stringMatching(/^workers Exits: .* is answered with no series\.$/),
    ])
  })

  test('live: an annotation or variable that finds nothing', async () => {
    const countSeries = async (expr: string): Promise<number> =>
      expr.startsWith('lab_fault_active') || expr === 'up' ? 0 : 1
    const found = await findings('live', { ...NOTHING, countSeries })
    expect(found).toContainEqual(expect.stringContaining('annotation Faults'))
    expect(found).toContainEqual(expect.stringContaining('variable run_id'))
  })

  test('live: no variable of Grafana is left in what Prometheus is asked', async () => {
    const asked: string[] = []
    await findings('live', {
      ...NOTHING,
      countSeries: async (expr) => {
        asked.push(expr)
        return 1
      },
    })
    expect(asked.length).toBeGreaterThan(60)
    expect(asked.filter((expr) => expr.includes('$'))).toEqual([])
  })

  test('promql: what promtool complains of, and only that', async () => {
    const checkRules = async (rules: string): Promise<string | null> =>
      rules.includes('server_worker_exits_total') ? 'a complaint' : null
    expect(await findings('promql', { ...NOTHING, checkRules })).toEqual([
      expect.stringMatching(/^workers Exits: .*: a complaint$/),
    ])
  })
})

describe.skipIf(!existsSync(SCHEMA_FILE))(
  'Grafana’s schema [needs ../shared/grafana/dashboard.jsonschema.json]',
  () => {
    const context: CheckContext = {
      ...NOTHING,
      schema: existsSync(SCHEMA_FILE) ? (JSON.parse(readFileSync(SCHEMA_FILE, 'utf8')) as object) : null,
    }

    test('takes our dashboards', async () => {
      expect(await findings('schema', context)).toEqual([])
    })

    const breaks: readonly [sentence: string, break_: () => void, message: string][] = [
      ['an unknown key', () => Object.assign(victim(), { colour: 'red' }), 'additional properties'],
      ['an unknown key of a panel', () => Object.assign(panel('Imbalance'), { legend: {} }), '/panels/'],
      ['a title that is a number', () => Object.assign(victim(), { title: 3 }), '/title must be string'],
      ['a panel wider than the page', () => (panel('Imbalance').gridPos = { x: 0, y: 0, w: 25, h: 8 }), 'gridPos'],
    ]
    test.each(breaks)('refuses %s', async (_, breakIt, message) => {
      breakIt()
      expect((await findings('schema', context)).join('\n')).toContain(message)
    })
  },
)
