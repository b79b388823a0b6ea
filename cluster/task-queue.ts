import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { compiled } from '../core/paths.ts'
import { LAUNCH_ENV } from '../core/unit.ts'
import { addressOf, appEnvironment, spawnApp, spawnedUnit, terminate } from './app-process.ts'
import type { ModelProcess, StartContext, UnmetNeed } from './model.ts'
import { needProgram } from './programs.ts'
import { startRedis } from './redis.ts'

/** What a task queue needs on the machine. */
export const TASK_QUEUE_NEEDS = (): Promise<readonly UnmetNeed[]> =>
  Promise.resolve(needProgram('redis-server', 'redis-server'))

/** Starts Redis, a process that answers the requests, and the processes that work off its queue. */
export async function startTaskQueue(
  context: StartContext,
  executor: 'task-queue' | 'task-queue-reply',
): Promise<ModelProcess> {
  const { launch, size, nodePath } = context
  const broker = await startRedis(launch)
  const env = { [LAUNCH_ENV.broker]: broker.url }
  const settings = { executor, poolSize: size.workers, env } as const
  const web = spawnApp(context, { name: 'web', role: 'worker' }, settings)
  const workers = Array.from({ length: size.workers }, (_, index) =>
    launch.spawn({ name: `worker-${index + 1}`, role: 'worker' }, nodePath, [compiled('server/task-worker.js')], {
      env: appEnvironment(context, settings),
      ipc: true,
    }),
  )
  return {
    targets: () => [addressOf(context)],
    foreignUnits: () => Promise.resolve(spawnedUnit('broker', 'broker', broker.process)),
    // Requests in flight wait for results, so each part goes when nobody needs it any more.
    async requestStop() {
      await ended(web)
      await ended(...workers)
      await terminate(broker.process)
    },
  }
}

/** Asks processes to end and waits until they have. */
async function ended(...children: readonly ChildProcess[]): Promise<void> {
  const ends = children
    .filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
    .map((child) => once(child, 'exit'))
  await terminate(...children)
  await Promise.all(ends)
}
