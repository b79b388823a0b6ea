import { loadModels } from '../../cluster/models.ts'
import { EXIT } from '../../core/errors.ts'
import { requireKnown } from '../../core/names.ts'
import { loadWorkloads } from '../../loadtest/workloads.ts'
import { wrapText } from '../../report/table.ts'
import { loadHandlers } from '../../server/handlers.ts'
import type { Command, Terminal } from '../command.ts'
import { textColumns } from '../definitions.ts'
import { judgeModelsOnNodes, needsEnvironment, unmetText, versionText } from '../../cluster/runnable.ts'

const KINDS = ['models', 'workloads', 'handlers'] as const

/** One thing that exists, as `list --json` prints it. */
interface Entry {
  readonly id: string
  readonly title: string
  readonly detail: string
  readonly available: boolean
  readonly reason?: string
  readonly remedy?: string
  /** Version and path of the Node that runs a model which needs a newer one than this. */
  readonly node?: string
  readonly nodePath?: string
}

/** `forkwise list`: what there is, and what of it can run here. */
export const command: Command = {
  name: 'list',
  summary: 'Show the server models, workloads and handlers, and what can run here.',
  positionals: '[models|workloads|handlers]',
  arity: [0, 1],
  description: 'Lists what exists. A model that cannot run on this machine is listed with the reason and the remedy.',
  options: [
    { name: 'node', type: 'string', value: 'path', help: 'Judge the models for this Node.' },
    { name: 'python', type: 'string', value: 'path', help: 'Judge the models in Python for this interpreter.' },
  ],
  examples: [
    { line: 'forkwise list', meaning: 'Everything.' },
    { line: 'forkwise list models --json', meaning: 'The models, for a script.' },
  ],
  json: true,
  async run({ positionals, values, json, terminal }) {
    const [kind] = positionals
    if (kind !== undefined) requireKnown('a kind of thing', [kind], KINDS)
    const [node, python] = [values['node'], values['python']]
    const lists: Partial<Record<(typeof KINDS)[number], readonly Entry[]>> = {}
    if (kind === undefined || kind === 'models')
      lists.models = await modelEntries(
        typeof node === 'string' ? node : null,
        typeof python === 'string' ? python : null,
      )
    if (kind === undefined || kind === 'workloads') lists.workloads = await workloadEntries()
    if (kind === undefined || kind === 'handlers') lists.handlers = await handlerEntries()
    terminal.result(json ? JSON.stringify({ schema: 'forkwise/list@1', ...lists }, null, 2) : listText(lists, terminal))
    return EXIT.ok
  },
}

async function modelEntries(nodePath: string | null, pythonPath: string | null): Promise<Entry[]> {
  const usual = needsEnvironment(nodePath)
  const judged = await judgeModelsOnNodes(await loadModels(), nodePath, null, pythonPath)
  return judged.map(({ model, needs, node }) => ({
    id: model.id,
    title: model.title,
    detail: `${model.tradeoff} (routing ${model.routing}, executor ${model.executor})`,
    available: needs.length === 0,
    ...(node.nodePath === usual.nodePath ? {} : { node: versionText(node), nodePath: node.nodePath }),
    ...(needs.length === 0 ? {} : unmetText(needs)),
  }))
}

async function workloadEntries(): Promise<Entry[]> {
  const workloads = await loadWorkloads()
  return workloads.map(({ id, title, summary, requests }) => ({
    id,
    title,
    detail: `${summary} Requests: ${requests.map((request) => `${request.weight} × ${request.path}`).join(', ')}.`,
    available: true,
  }))
}

async function handlerEntries(): Promise<Entry[]> {
  const handlers = await loadHandlers()
  return [...handlers.values()].map(({ id, path, kind, summary, parameters }) => {
    const query = parameters.map((parameter) => `${parameter.name}=${parameter.fallback}`).join('&')
    return { id, title: `${path}${query === '' ? '' : `?${query}`} (${kind})`, detail: summary, available: true }
  })
}

function listText(lists: Readonly<Record<string, readonly Entry[] | undefined>>, terminal: Terminal): string {
  const width = textColumns(terminal.columns)
  return Object.entries(lists)
    .flatMap(([kind, entries]) => [
      terminal.style('strong', kind),
      ...(entries ?? []).flatMap((entry) => entryLines(entry, width, terminal)),
      '',
    ])
    .join('\n')
    .trimEnd()
}

function entryLines(entry: Entry, width: number, terminal: Terminal): string[] {
  const indented = (text: string): string[] => wrapText(text, width - 4).map((line) => `    ${line}`)
  const [title = '', ...more] = wrapText(`${entry.id} ${entry.title}`, width - 4)
  const lines = [
    `  ${terminal.style('accent', entry.id)} ${title.slice(entry.id.length)}`.trimEnd(),
    ...more.map((line) => `    ${line}`),
    ...indented(entry.detail),
  ]
  if (entry.node !== undefined) lines.push(...indented(`Runs on Node ${entry.node} of \`npx forkwise setup\`.`))
  if (entry.available) return lines
  const missing = indented(`Unavailable: ${entry.reason ?? ''} ${entry.remedy ?? ''}`)
  return [...lines, ...missing.map((line) => terminal.style('warn', line))]
}
