import { isMainThread } from 'node:worker_threads'
import { LAUNCH_ENV } from '../../core/unit.ts'

/** True in the main thread of a worker: one of ours or one of PM2's, not in who supervises them or in a thread. */
export function isWorkerProcess(env: NodeJS.ProcessEnv = process.env): boolean {
  if (!isMainThread) return false
  // PM2 passes its workers their index: in fork mode directly, in cluster mode inside `pm2_env`.
  const ofPm2 = env['NODE_APP_INSTANCE'] !== undefined || env['pm2_env'] !== undefined
  return ofPm2 || (env[LAUNCH_ENV.unitName] ?? '').startsWith('worker-')
}
