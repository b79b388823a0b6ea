/** Values that stand in for Grafana's variables when an expression is used outside of Grafana. */
export interface VariableValues {
  readonly [variable: string]: string
}

/** Puts values in the place of `$name` and `${name}`; unknown variables are left as they are. */
export function fillVariables(expr: string, values: VariableValues): string {
  return expr.replace(/\$(?:\{(\w+)(?::\w+)?\}|(\w+))/g, (all, braced?: string, bare?: string) => {
    return values[braced ?? bare ?? ''] ?? all
  })
}

/** Grafana's own variables, as they are on a dashboard of the last quarter of an hour over readings of one second. */
export const GRAFANA_VARIABLES: VariableValues = { __rate_interval: '4s', __interval: '1s', __range: '15m' }

/** The variables of our dashboards when everything is chosen, as a reader finds it who opens one. */
export const EVERYTHING: VariableValues = {
  ...GRAFANA_VARIABLES,
  job: '.+',
  instance: '.+',
  run_id: '.+',
  model: '.+',
  workload: '.*',
}
