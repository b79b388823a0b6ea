import { ForkwiseError } from '../core/errors.ts'
import type { Executor, ExecutorId } from './executor.ts'
import { loadFolder, loadFromFolder } from './folder.ts'

/** Options of an executor. */
export interface ExecutorOptions {
  /** Name of the unit that the executor works for; its threads and processes are named after it. */
  readonly unitName: string
  /** Folder of the launch, in which processes of a pool write their unit files; null for none. */
  readonly launchDir: string | null
  /** Threads or processes of its pool. */
  readonly poolSize: number
  /** Tasks that may wait for the pool before requests are shed. */
  readonly poolQueue: number
  /** Base URL of a task queue's broker; empty when there is none. */
  readonly brokerUrl: string
  /** Absolute path of the user's app module, whose handlers the pool's threads and processes load; null for none. */
  readonly appModule: string | null
  /** Told how long each task waited before its work began. */
  readonly onWait?: (waitS: number) => void
}

/** One kind of executor: one file in executors/, its id the file's name. */
export interface ExecutorKind {
  readonly id: ExecutorId
  /** One sentence on where the work runs. */
  readonly summary: string
  /** Resolves once the executor can take work: its threads or processes are up. */
  create(options: ExecutorOptions): Promise<Executor>
}

const FOLDER = new URL('executors/', import.meta.url)

/** Every executor kind by id. */
export async function loadExecutors(): Promise<ReadonlyMap<string, ExecutorKind>> {
  return loadFolder<ExecutorKind>(FOLDER, 'executor')
}

/** Makes one executor, loading nothing of the others. Throws when there is none of that id. */
export async function createExecutor(id: ExecutorId, options: ExecutorOptions): Promise<Executor> {
  const kind = await loadFromFolder<ExecutorKind>(FOLDER, id, 'executor')
  if (kind === undefined) throw new ForkwiseError('UNKNOWN_NAME', { message: `There is no executor "${id}".` })
  return kind.create(options)
}
