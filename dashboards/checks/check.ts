/** A dashboard as its JSON file has it, as far as checks read it. */
export interface DashboardJson {
  readonly uid?: string
  readonly title?: string
  readonly editable?: boolean
  readonly panels?: readonly PanelJson[]
  readonly templating?: { readonly list?: readonly VariableJson[] }
  readonly annotations?: { readonly list?: readonly AnnotationJson[] }
}

/** A panel or a row of panels. */
export interface PanelJson {
  readonly id?: number
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly datasource?: DatasourceJson
  readonly gridPos?: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly TargetJson[]
  readonly fieldConfig?: {
    readonly defaults?: { readonly unit?: string }
    readonly overrides?: readonly {
      readonly properties?: readonly { readonly id: string; readonly value?: unknown }[]
    }[]
  }
  /** Panels of a collapsed row. */
  readonly panels?: readonly PanelJson[]
}

/** One query of a panel. */
export interface TargetJson {
  readonly refId?: string
  readonly expr?: string
  readonly instant?: boolean
  readonly datasource?: DatasourceJson
}

/** Which data source: a name or a reference. */
export type DatasourceJson = string | { readonly type?: string; readonly uid?: string } | null

/** A variable above the panels. */
export interface VariableJson {
  readonly type?: string
  readonly name?: string
  readonly label?: string
  readonly query?: unknown
  readonly datasource?: DatasourceJson
  readonly refresh?: number
  readonly multi?: boolean
  readonly includeAll?: boolean
  readonly allValue?: string
}

/** Marks on the time axis. */
export interface AnnotationJson {
  readonly name?: string
  readonly expr?: string
}

/** Dashboards by the name of their file. */
export type Dashboards = ReadonlyMap<string, DashboardJson>

/** What checks may use of their surroundings; null is what is not there. */
export interface CheckContext {
  /** Grafana's JSON schema of a dashboard. */
  readonly schema: object | null
  /** Lets promtool check the text of a rule file: null when it is well, else what it says. */
  readonly checkRules: ((rules: string) => Promise<string | null>) | null
  /** How many series a Prometheus answers an expression with over a finished run. */
  readonly countSeries: ((expr: string) => Promise<number>) | null
}

/** Something wrong with a dashboard. */
export interface Finding {
  readonly dashboard: string
  /** Title of the panel, where it is one panel's fault. */
  readonly panel?: string
  readonly message: string
}

/** One way of looking at dashboards. */
export interface Check {
  readonly id: string
  /** What holds when it finds nothing. */
  readonly title: string
  /** Findings, or the reason why the check could not be made. */
  run(dashboards: Dashboards, context: CheckContext): Promise<readonly Finding[] | { readonly skipped: string }>
}

/** The panels of a dashboard without its rows, those of collapsed rows included. */
export function panelsOf(dashboard: DashboardJson): PanelJson[] {
  return (dashboard.panels ?? []).flatMap((panel) => (panel.type === 'row' ? [...(panel.panels ?? [])] : [panel]))
}

/** Every query of every panel of every dashboard. */
export function* queriesOf(
  dashboards: Dashboards,
): Generator<{ dashboard: string; panel: PanelJson; target: TargetJson; expr: string }> {
  for (const [dashboard, json] of dashboards) {
    for (const panel of panelsOf(json)) {
      for (const target of panel.targets ?? []) yield { dashboard, panel, target, expr: target.expr ?? '' }
    }
  }
}

/** A finding about a panel. */
export function panelFinding(dashboard: string, panel: PanelJson, message: string): Finding {
  return { dashboard, panel: panel.title ?? `#${panel.id}`, message }
}
