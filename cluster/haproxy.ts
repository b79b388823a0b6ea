import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ForkwiseError } from '../core/errors.ts'
import { addressOf, spawnedUnit } from './app-process.ts'
import type { ModelProcess, StartContext } from './model.ts'
import type { Balancing } from './nginx.ts'
import { findProgram } from './programs.ts'
import { startUpstreams, stopProxyFirst } from './upstreams.ts'

/** What {@link haproxyConfiguration} is made of. */
export interface HaproxySpec {
  /** Private folder with its statistics' socket. */
  readonly dir: string
  /** `host:port` to listen on. */
  readonly listen: string
  /** `host:port` of each process behind it. */
  readonly upstreams: readonly string[]
  readonly balancing: Balancing
  /** Seconds that requests in flight get when it is asked to end. */
  readonly graceS: number
}

/**
 * Starts processes of the app on ports of their own, and HAProxy in front of them once they listen. Throws PART_MISSING
 * when it is not on this machine.
 */
export async function startBehindHaproxy(context: StartContext, balancing: Balancing): Promise<ModelProcess> {
  const { launch, graceS } = context
  const program = findProgram('haproxy')
  if (program === null) throw new ForkwiseError('PART_MISSING', { message: 'HAProxy is not installed.' })
  const upstreams = await startUpstreams(context)
  const dir = join(launch.dir, 'haproxy')
  const file = join(dir, 'haproxy.cfg')
  mkdirSync(dir, { mode: 0o700 })
  writeFileSync(
    file,
    haproxyConfiguration({ dir, listen: addressOf(context).host, upstreams: upstreams.addresses, balancing, graceS }),
  )
  const proxy = launch.spawn({ name: 'haproxy', role: 'proxy' }, program, ['-db', '-f', file])
  const statusUrl = `haproxy+unix:${statusSocket(dir)}`
  return {
    targets: () => [addressOf(context)],
    foreignUnits: async () => [
      ...spawnedUnit('haproxy', 'proxy', proxy).map((unit) => ({ ...unit, statusUrl })),
      ...(await upstreams.units()),
    ],
    // SIGUSR1 is its soft stop: it listens no more and ends after its last request.
    requestStop: () => stopProxyFirst(proxy, 'SIGUSR1', () => upstreams.terminate()),
  }
}

/**
 * A configuration that measures nothing but proxying, as NGINX's (cluster/nginx.ts): connections are kept on both sides
 * and those to the processes are shared by all clients, nothing is logged, no process is given up, and no failed request
 * is tried again elsewhere.
 */
export function haproxyConfiguration({ dir, listen, upstreams, balancing, graceS }: HaproxySpec): string {
  return `
global
  maxconn 8192
  stats socket ${statusSocket(dir)} mode 600 level user
  hard-stop-after ${Math.max(1, Math.ceil(graceS))}s

defaults
  mode http
  timeout connect 5s
  timeout client 75s
  timeout server 75s
  timeout http-keep-alive 75s
  option forwardfor
  retries 0
  http-reuse always

frontend clients
  bind ${listen}
  default_backend app

backend app
  balance ${balancing === 'least-connections' ? 'leastconn' : 'roundrobin'}
${upstreams.map((address, index) => `  server worker-${index + 1} ${address}`).join('\n')}
`.trimStart()
}

/** Where HAProxy reports its statistics, apart from the traffic that is measured. */
function statusSocket(dir: string): string {
  return join(dir, 'status.sock')
}
