import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard'

/** Changes the look of the series that a matcher finds. */
export type DashboardFieldConfigOverride = NonNullable<Panel['fieldConfig']>['overrides'][number]

/**
 * Colours that people with any kind of colour vision can tell apart (Okabe and Ito, 2008). Grey stands for their black,
 * which a dark page would swallow.
 */
export const OKABE_ITO = {
  orange: '#E69F00',
  skyBlue: '#56B4E9',
  green: '#009E73',
  yellow: '#F0E442',
  blue: '#0072B2',
  vermillion: '#D55E00',
  purple: '#CC79A7',
  grey: '#999999',
} as const

/** What is fine, what wants a look, and what is wrong. */
export const GOOD: string = OKABE_ITO.green
export const WARN: string = OKABE_ITO.orange
export const BAD: string = OKABE_ITO.vermillion

/** Models with a look of their own, in the order in which colours are given out; others get Grafana's by name. */
export const MODELS_WITH_LOOK: readonly string[] = [
  'single',
  'cluster',
  'pm2-fork',
  'worker-pool',
  'reuse-port',
  'nginx-fork',
  'cluster-shared',
  'process-pool',
  'pm2-cluster',
  'cooperative',
  'cluster-worker-pool',
  'task-queue',
  'thread-per-request',
  'gunicorn-sync',
  'gunicorn-gthread',
  'gunicorn-gevent',
  'uwsgi',
  'mod-wsgi',
  'watt',
  'nginx-unit',
  'nginx-fork-least',
  'celery',
  'celery-reply',
  'celery-late-reply',
  'rq',
  'rq-reply',
  'task-queue-reply',
  'uvicorn',
  'hypercorn',
  'daphne',
  'gunicorn-uvicorn',
  'nginx-gunicorn',
  'nginx-uwsgi',
  'haproxy-fork',
  'haproxy-fork-roundrobin',
  'single-bun',
  'single-deno',
]

const COLOURS: readonly string[] = Object.values(OKABE_ITO)

/** Dash patterns in pixels, lines and gaps in turn: models that share a colour differ by these. */
const DASHES: readonly (readonly number[])[] = [[], [10, 6], [3, 5], [14, 4, 3, 4], [18, 8]]

/** How a model looks on every panel. */
export interface ModelLook {
  readonly colour: string
  /** Empty for a solid line. */
  readonly dash: readonly number[]
}

/** The look of a model; null for one that has none of its own. */
export function modelLook(model: string): ModelLook | null {
  const place = MODELS_WITH_LOOK.indexOf(model)
  const colour = COLOURS[place % COLOURS.length]
  const dash = DASHES[Math.floor(place / COLOURS.length)]
  return colour === undefined || dash === undefined ? null : { colour, dash }
}

/** Overrides that give each model its look in panels whose series are named after models, alone or with more words. */
export function modelOverrides(): DashboardFieldConfigOverride[] {
  return MODELS_WITH_LOOK.flatMap((model) => {
    const look = modelLook(model)
    if (look === null) return []
    const properties: { id: string; value: unknown }[] = [
      { id: 'color', value: { mode: 'fixed', fixedColor: look.colour } },
    ]
    if (look.dash.length > 0) properties.push({ id: 'custom.lineStyle', value: { fill: 'dash', dash: look.dash } })
    return [{ matcher: { id: 'byRegexp', options: `/^${model}( |$)/` }, properties }]
  })
}

/** Overrides that give named series a fixed colour. */
export function colourOverrides(colours: Readonly<Record<string, string>>): DashboardFieldConfigOverride[] {
  return Object.entries(colours).map(([name, colour]) => ({
    matcher: { id: 'byRegexp', options: `/(^| )${name}$/` },
    properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: colour } }],
  }))
}
