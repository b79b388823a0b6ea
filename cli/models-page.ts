import type { ServerModel, Topology } from '../cluster/model.ts'

/** The table of docs/MODELS.md: what every server model consists of, how it routes, and what it costs. */
export function modelsTable(models: readonly ServerModel[]): string {
  const rows = models.map((model) => [
    `\`${model.id}\``,
    model.title,
    unitsText(model.topology({ workers: 2, threads: 2 })),
    model.routing,
    model.runtime ?? (model.executor === 'wsgi' ? 'Python' : model.executor),
    model.runs === 'any-node-app' ? 'yes' : 'no',
    placesText(model),
    model.tradeoff,
  ])
  const headings = [
    'id',
    'what it is',
    'units with 2 workers',
    'routing',
    'executor',
    'own app',
    'at once',
    'trade-off',
  ]
  return [headings, headings.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function unitsText(topology: Topology): string {
  return Object.entries(topology)
    .map(([role, count]) => `${count} ${role}`)
    .join(', ')
}

/** Requests that one worker can have in hand while they wait. */
function placesText(model: ServerModel): string {
  const places = model.places?.({ workers: 1, threads: 1 })
  return places === undefined ? 'any number' : `${places} per worker`
}
