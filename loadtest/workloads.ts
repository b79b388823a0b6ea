import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ForkwiseError, ProblemList } from '../core/errors.ts'
import type { Workload, WorkloadRequest } from '../core/load.ts'
import { requireKnown } from '../core/names.ts'
import { quoted } from '../core/quotes.ts'

const FOLDER = join(import.meta.dirname, 'workloads')

let loaded: Promise<readonly Workload[]> | null = null

/** Loads every workload: the files of loadtest/workloads/, whose default export has the file's name as id. */
export function loadWorkloads(): Promise<readonly Workload[]> {
  loaded ??= Promise.all(
    readdirSync(FOLDER)
      .map((file) => /^([a-z0-9-]+)\.(?:js|ts)$/.exec(file)?.[1])
      .filter((id) => id !== undefined)
      .sort()
      .map(loadWorkload),
  )
  return loaded
}

/** Finds one workload; throws UNKNOWN_NAME with the nearest name and the names that exist. */
export async function findWorkload(id: string): Promise<Workload> {
  const workloads = await loadWorkloads()
  requireKnown(
    'a workload',
    [id],
    workloads.map((workload) => workload.id),
  )
  return workloads.find((workload) => workload.id === id) as Workload
}

/** Name of the route of an own request: its path without the query, with the method in front unless it is GET. */
export function routeOf(method: WorkloadRequest['method'], path: string): string {
  const [route = path] = path.split('?')
  return method === 'GET' ? route : `${method} ${route}`
}

/**
 * A workload of the user's own paths, e.g. `/orders?page=2`, `9:/orders` (weight 9) or `1:POST /orders`. Each is a route
 * of its own ({@link routeOf}), and 200 is expected. Throws one usage error, which names the option, for all paths that
 * cannot be read.
 */
export function workloadOfPaths(
  paths: readonly string[],
  connectionsPerWorker: number = 32,
  option: string = '--path',
): Workload {
  const problems = new ProblemList()
  if (paths.length === 0) problems.add(`Expected \`${option}\` at least once, got none.`)
  const requests = paths.map((text) => readPath(text, option, problems))
  problems.throwIfAny()
  return {
    id: 'own',
    title: 'Own paths',
    summary: `Requests for ${paths.join(', ')}.`,
    requests: requests.filter((request) => request !== null),
    connections: ({ workers, cores }) => connectionsPerWorker * Math.max(1, Math.min(workers, cores)),
  }
}

const METHODS: readonly WorkloadRequest['method'][] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']

function readPath(text: string, option: string, problems: ProblemList): WorkloadRequest | null {
  const match = /^(?:(\d+(?:\.\d+)?):)?(?:([A-Z]+) )?(\/[\x21-\x7e]*)$/.exec(text.trim())
  const method = METHODS.find((known) => known === (match?.[2] ?? 'GET'))
  const weight = Number(match?.[1] ?? 1)
  if (match === null || method === undefined || !(weight > 0)) {
    problems.add(
      `Expected \`${option}\` to be a path that begins with a slash, got ${quoted(text)}.`,
      `Write it like /orders?page=2, 9:/orders with a weight, or 1:POST /orders; methods are ${METHODS.join(', ')}.`,
    )
    return null
  }
  const path = match[3] ?? '/'
  return { route: routeOf(method, path), method, path, weight, expectStatus: 200 }
}

async function loadWorkload(id: string): Promise<Workload> {
  const extension = import.meta.filename.endsWith('.ts') ? 'ts' : 'js'
  const { default: workload } = (await import(pathToFileURL(join(FOLDER, `${id}.${extension}`)).href)) as {
    default?: Workload
  }
  if (workload?.id === id) return workload
  throw new ForkwiseError('INTERNAL', {
    message: `Expected loadtest/workloads/${id}.${extension} to export a workload with the id \`${id}\` by default, got \`${workload?.id}\`.`,
  })
}
