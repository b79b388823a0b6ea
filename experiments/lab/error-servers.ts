import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { findModel } from '../../cluster/models.ts'
import { startRedis } from '../../cluster/redis.ts'
import { startServer } from '../../cluster/start.ts'
import { ForkwiseError } from '../../core/errors.ts'
import { LAUNCH_ENV } from '../../core/unit.ts'
import { compiled } from '../../core/paths.ts'
import { createExecutor } from '../../server/executors.ts'
import type { Handler } from '../../server/handler.ts'
import { hereContext } from '../../server/here-context.ts'
import type { LabContext } from './lab.ts'
import { programPath } from './program-run.ts'

/** Nobody was told when nothing has been heard for so long after the work has gone wrong, in ms. */
const SILENCE_MS = 1000

/** Longest wait for an answer, in ms. */
const LIMIT_MS = 20_000

const WELL = 'caller: status 200'

/**
 * What a client hears when the handler of an app under PM2 goes wrong in each way, each in a server of its own: PM2 gives up
 * an app that dies again and again. Throws TRIAL_FAILED when the app does not answer before.
 */
export async function faultsOfApp(
  { session, signal }: LabContext,
  faults: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const model = await findModel('pm2-fork')
  const app = { module: programPath('errors-server.ts') }
  const heard: Record<string, string> = {}
  for (const fault of faults) {
    const size = { workers: 1, threads: 1 }
    const server = await startServer(model, { session, size, app, metrics: false, upstreamUrl: '', signal })
    try {
      const [url] = server.targets
      const before = await answerTo(new URL('/', url))
      if (before !== WELL) {
        throw new ForkwiseError('TRIAL_FAILED', { message: `Expected the app under PM2 to answer, got ${before}.` })
      }
      heard[fault] = await answerTo(new URL(`/${fault}`, url))
    } finally {
      await server.stop(0)
    }
  }
  return heard
}

/** What hears who has put a job into a queue on Redis when it goes wrong in each way, each on a worker of its own. */
export async function faultsOfQueue(
  { session }: LabContext,
  faults: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const launch = session.createLaunch('lab errors')
  const appModule = programPath('errors-handlers.ts')
  const broker = await startRedis(launch)
  const options = { unitName: 'lab', launchDir: null, poolSize: 4, poolQueue: 10, brokerUrl: broker.url, appModule }
  const queue = await createExecutor('task-queue-reply', options)
  const heard: Record<string, string> = {}
  try {
    for (const [index, fault] of faults.entries()) {
      const worker = launch.spawn(
        { name: `worker-${index + 1}`, role: 'worker' },
        process.execPath,
        [compiled('server/task-worker.js')],
        {
          env: { [LAUNCH_ENV.broker]: broker.url, [LAUNCH_ENV.app]: appModule, [LAUNCH_ENV.metrics]: 'off' },
          ipc: true,
          transient: true,
        },
      )
      const gone = once(worker, 'exit')
      const answer = queue.run({ id: 'go-wrong', kind: 'cpu' } as Handler, fault, hereContext()).then(
        () => 'caller: result',
        () => 'caller: failed event',
      )
      const silence = gone.then(() => sleep(SILENCE_MS, 'nobody'))
      heard[fault] = await Promise.race([answer, silence, sleep(LIMIT_MS, 'waits for ever')])
      worker.kill()
      await gone
    }
  } finally {
    await queue.close()
    await launch.end()
  }
  return heard
}

async function answerTo(url: URL): Promise<string> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS), headers: { connection: 'close' } })
    await answer.text()
    return `caller: status ${answer.status}`
  } catch {
    return 'caller: connection closed'
  }
}
