import { judgeModelsOnNodes } from '../../cluster/runnable.ts'
import type { ServerModel, Size } from '../../cluster/model.ts'
import { loadModels } from '../../cluster/models.ts'

/** A model with the Node that runs it here, or why nothing does. */
export interface Subject {
  readonly model: ServerModel
  readonly nodePath: string
  readonly unavailable: string | null
}

/** Size of every server that is tested. */
export const SIZE: Size = { workers: 2, threads: 2 }

/** What a model is known not to do, and why: `GAPS[model][start of the check's name]`. */
const GAPS: Readonly<Record<string, Readonly<Record<string, string>>>> = {}

/** Requests that a server of {@link SIZE} can have in flight, for models that let the others wait in the kernel. */
const MOST_IN_FLIGHT: Readonly<Record<string, number>> = {
  // What has not been accepted yet is reset when Gunicorn ends, and a sync worker accepts one request at a time.
  'gunicorn-sync': SIZE.workers,
  // NGINX cuts what has not been answered after the grace of 5 s, and sync workers answer one after the other.
  'nginx-gunicorn': 2 * SIZE.workers,
  // Twisted ends at once on SIGTERM and cuts the requests in flight (Daphne 4.0.0).
  daphne: 0,
}

/** How many computations every model is asked for, or fewer where each one starts a thread or process (40 to 100 ms of CPU). */
export function requestsFor({ id, executor }: ServerModel): number {
  return executor === 'thread-per-request' || id === 'rq' || id === 'rq-reply' ? 20 : 80
}

/** How many requests are to be in flight when a server of that model is asked to end. */
export function inFlightOf(modelId: string): number {
  return MOST_IN_FLIGHT[modelId] ?? 6
}

/** The status with which a server of that model answers a request that computes. */
export function workStatusOf(model: ServerModel): number {
  return model.executor === 'task-queue' ? 202 : 200
}

/** The reason why a model skips a check; null when it does not. */
export function gapOf(modelId: string, check: string): string | null {
  const gaps = Object.entries(GAPS[modelId] ?? {})
  return gaps.find(([start]) => check.startsWith(start))?.[1] ?? null
}

/** Every model, on the Node that runs the tests or, where that is too old for it, on the one of `npx forkwise setup`. */
export async function modelsToTest(): Promise<Subject[]> {
  const judged = await judgeModelsOnNodes(await loadModels(), null, null)
  return judged.map(({ model, needs, node }) => {
    const unavailable =
      needs.length === 0 ? null : needs.map(({ what, remedy }) => `needs ${what}: ${remedy}`).join(' ')
    if (unavailable !== null && process.env['FORKWISE_REQUIRE_ALL'] === '1' && !NOWHERE.includes(model.id)) {
      throw new Error(`${model.id} ${unavailable}`)
    }
    return { model, nodePath: node.nodePath, unavailable }
  })
}

/** Models whose server no package of this system brings: they need not be there for every part to be. */
const NOWHERE: readonly string[] = ['nginx-unit']
