import type { RunningServer } from '../../cluster/model.ts'
import { findModel } from '../../cluster/models.ts'
import { needsEnvironment } from '../../cluster/runnable.ts'
import { startServer } from '../../cluster/start.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { LabLack } from '../../core/lab-record.ts'
import type { Load, WorkloadRequest } from '../../core/load.ts'
import { runGenerators } from '../../loadtest/generator.ts'
import type { GeneratorPart } from '../../loadtest/generator-protocol.ts'
import type { LabContext } from './lab.ts'

/** How a lab starts a server model. */
export interface LabServerOptions {
  readonly workers: number
  /** Variables for every process of it. */
  readonly env?: Readonly<Record<string, string>>
}

/**
 * Starts a server model with the built-in app, which is ended with the session at the latest. Throws TRIAL_FAILED when it
 * does not start.
 */
export async function startLabServer(
  { session, signal }: Pick<LabContext, 'session' | 'signal'>,
  modelId: string,
  { workers, env = {} }: LabServerOptions,
): Promise<RunningServer> {
  return startServer(await findModel(modelId), {
    session,
    size: { workers, threads: 1 },
    app: {},
    metrics: false,
    // No route of a lab calls another service.
    upstreamUrl: 'http://127.0.0.1:9',
    env,
    signal,
  }).catch((thrown: unknown) => {
    if (signal.aborted || !(thrown instanceof ForkwiseError)) throw thrown
    throw new ForkwiseError('TRIAL_FAILED', { message: thrown.message }, { cause: thrown })
  })
}

/**
 * Servers that stay for all repetitions of a lab, each started when it is first asked for: they do nothing while others are
 * measured. They are ended with the session. Rejects with TRIAL_FAILED where one does not start.
 */
export function standingServers(): (
  context: Pick<LabContext, 'session' | 'signal'>,
  modelId: string,
  options: LabServerOptions,
) => Promise<RunningServer> {
  const servers = new Map<string, Promise<RunningServer>>()
  return (context, modelId, options) => {
    const key = `${modelId} ${options.workers}`
    const server = servers.get(key) ?? startLabServer(context, modelId, options)
    servers.set(key, server)
    return server
  }
}

/**
 * Starts a server model with the built-in app, hands it over, and ends it, whatever happens. Throws TRIAL_FAILED when it
 * does not start, and what `use` throws.
 */
export async function withServer<T>(
  context: Pick<LabContext, 'session' | 'signal'>,
  modelId: string,
  options: LabServerOptions,
  use: (server: RunningServer) => Promise<T>,
): Promise<T> {
  const server = await startLabServer(context, modelId, options)
  try {
    const given = await use(server)
    context.signal.throwIfAborted()
    return given
  } finally {
    await server.stop(0)
  }
}

/** What server models lack on this machine, each in a sentence that begins with the model's name. */
export async function lacksOfModels(ids: readonly string[]): Promise<LabLack[]> {
  const environment = needsEnvironment(null)
  const lacks = await Promise.all(
    [...new Set(ids)].map(async (id) => {
      const needs = (await (await findModel(id)).needs?.(environment)) ?? []
      return needs.map(({ what, remedy }) => ({ what: `${id} cannot run here: ${what}.`, remedy }))
    }),
  )
  return lacks.flat()
}

/** Loads a server by one generator process; gives what it measured, with each second's latencies. */
export async function loadServerInDetail(
  { signal, watch }: Pick<LabContext, 'signal' | 'watch'>,
  server: RunningServer,
  requests: readonly WorkloadRequest[],
  load: Load,
): Promise<GeneratorPart> {
  const targets = server.targets.map(({ origin }) => origin)
  const job = { targets, requests, load, closesSilently: false, share: { index: 0, of: 1 }, traced: true }
  const [part] = await watch(() => runGenerators([job], { signal }))
  signal.throwIfAborted()
  if (part === undefined) throw new Error('Expected what the generator measured, got nothing.')
  return part
}

/** A request of a lab: expected to be answered with 200. */
export function requestOf(path: string, weight: number = 1): WorkloadRequest {
  return { route: path.split('?')[0] ?? path, method: 'GET', path, weight, expectStatus: 200 }
}
