import { ForkwiseError, type ProblemList } from '../../core/errors.ts'
import type { Workload, WorkloadRequest } from '../../core/load.ts'
import { workloadOfPaths } from '../../loadtest/workloads.ts'
import type { ForkwiseConfig, OwnRequest, OwnWorkload } from './define.ts'

/** The workloads that a configuration defines; ids that are taken and paths that cannot be read are noted. */
export function ownWorkloads(
  { workloads = [] }: ForkwiseConfig,
  takenIds: readonly string[],
  problems: ProblemList,
): readonly Workload[] {
  const own = workloads.filter((workload): workload is OwnWorkload => typeof workload !== 'string')
  return own.flatMap((workload, index) => {
    const before = own.slice(0, index).map(({ id }) => id)
    if ([...takenIds, ...before].includes(workload.id)) {
      problems.add(`Expected the id of a workload to be its own, got "${workload.id}", which another one has.`)
      return []
    }
    return made(workload, problems)
  })
}

function made({ id, title, paths, connectionsPerWorker }: OwnWorkload, problems: ProblemList): Workload[] {
  const texts = paths.map((path) => (typeof path === 'string' ? path : path.path))
  try {
    const plain = workloadOfPaths(texts, connectionsPerWorker)
    return [
      {
        ...plain,
        id,
        title: title ?? id,
        requests: plain.requests.map((request, index) => {
          const full = paths[index]
          return typeof full === 'object' ? completed(request, full) : request
        }),
      },
    ]
  } catch (thrown) {
    if (!(thrown instanceof ForkwiseError)) throw thrown
    for (const problem of thrown.problems)
      problems.add(problem.message.replace('`--path`', `a path of \`${id}\``), problem.hint)
    return []
  }
}

function completed(
  request: WorkloadRequest,
  { method = 'GET', weight = 1, headers, body, expectStatus = 200 }: OwnRequest,
): WorkloadRequest {
  const asJson = body !== undefined && typeof body !== 'string'
  const allHeaders = { ...(asJson ? { 'content-type': 'application/json' } : {}), ...headers }
  return {
    ...request,
    route: method === 'GET' ? request.route : `${method} ${request.route}`,
    method,
    weight,
    expectStatus,
    ...(Object.keys(allHeaders).length === 0 ? {} : { headers: allHeaders }),
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  }
}
