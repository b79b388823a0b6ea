import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ForkwiseError } from '../core/errors.ts'
import type { Unit } from '../core/unit.ts'
import { addressOf, spawnApp, terminate } from './app-process.ts'
import { signalProcess } from './census.ts'
import type { ModelProcess, StartContext } from './model.ts'
import { findProgram } from './programs.ts'
import { readUnits } from './units.ts'

/** How NGINX chooses the process for a request. */
export type Balancing = 'round-robin' | 'least-connections'

/** What {@link nginxConfiguration} is made of. */
export interface ProxySpec {
  /** Private folder for everything NGINX writes. */
  readonly dir: string
  /** `host:port` to listen on. */
  readonly listen: string
  /** `host:port` of each process behind it. */
  readonly upstreams: readonly string[]
  readonly balancing: Balancing
  /** Seconds that requests in flight get when it is asked to end. */
  readonly graceS: number
}

/** Starts processes of the app on ports of their own, and NGINX in front of them once they listen. */
export async function startBehindNginx(context: StartContext, balancing: Balancing): Promise<ModelProcess> {
  const { launch, size, graceS, signal } = context
  const program = findProgram('nginx')
  if (program === null) throw new ForkwiseError('PART_MISSING', { message: 'NGINX is not installed.' })
  const workers = Array.from({ length: size.workers }, (_, index) =>
    spawnApp(context, { name: `worker-${index + 1}`, role: 'worker' }, { port: 0 }),
  )
  const upstreams = await untilAllListen(launch.dir, size.workers, signal)
  const dir = join(launch.dir, 'nginx')
  mkdirSync(dir, { mode: 0o700 })
  const file = join(dir, 'nginx.conf')
  writeFileSync(file, nginxConfiguration({ dir, listen: addressOf(context).host, upstreams, balancing, graceS }))
  const unit = { name: 'nginx', role: 'proxy' } as const
  const proxy = launch.spawn(unit, program, ['-e', 'stderr', '-p', dir, '-c', file])
  const { pid } = proxy
  return {
    targets: () => [addressOf(context)],
    foreignUnits: () =>
      Promise.resolve(
        pid !== undefined && isRunning(proxy) ? [{ ...unit, pid, statusUrl: `nginx+unix:${statusSocket(dir)}` }] : [],
      ),
    // First the proxy, which finishes what it has passed on; then nobody asks the processes for anything any more.
    async requestStop() {
      if (isRunning(proxy) && pid !== undefined) {
        signalProcess(pid, 'SIGQUIT')
        await once(proxy, 'exit')
      }
      await terminate(...workers)
    },
  }
}

/**
 * A configuration that measures nothing but proxying: connections to clients and processes are kept, nothing is logged,
 * and no failed request is tried again elsewhere, which would hide failures. The state of the balancing is shared by
 * NGINX's own processes (`zone`); without that each would deal for itself.
 */
export function nginxConfiguration({ dir, listen, upstreams, balancing, graceS }: ProxySpec): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${dir}/${kind};`,
  )
  const servers = upstreams.map((address) => `server ${address} max_fails=0;`)
  return [
    'daemon off;',
    // Started by root, its workers would run as a user that cannot enter the private folder.
    ...(process.getuid?.() === 0 ? ['user root root;'] : []),
    `pid ${dir}/nginx.pid;`,
    'error_log stderr error;',
    'worker_processes auto;',
    `worker_shutdown_timeout ${Math.max(1, Math.ceil(graceS))}s;`,
    'events { worker_connections 8192; }',
    'http {',
    '  access_log off;',
    ...temporary.map((line) => `  ${line}`),
    '  keepalive_requests 1000000;',
    '  keepalive_timeout 75s;',
    '  upstream app {',
    '    zone app 256k;',
    ...(balancing === 'least-connections' ? ['    least_conn;'] : []),
    ...servers.map((line) => `    ${line}`),
    '    keepalive 128;',
    '    keepalive_requests 1000000;',
    '  }',
    '  server {',
    `    listen unix:${statusSocket(dir)};`,
    '    location / { stub_status; }',
    '  }',
    '  server {',
    `    listen ${listen};`,
    '    location / {',
    '      proxy_pass http://app;',
    '      proxy_http_version 1.1;',
    '      proxy_set_header Connection "";',
    '      proxy_next_upstream off;',
    '    }',
    '  }',
    '}',
    '',
  ].join('\n')
}

/** Where NGINX tells how many connections it has, beside the traffic that is measured. */
function statusSocket(dir: string): string {
  return join(dir, 'status.sock')
}

async function untilAllListen(launchDir: string, count: number, signal: AbortSignal): Promise<string[]> {
  for (;;) {
    signal.throwIfAborted()
    const addresses = readUnits(launchDir).flatMap(addressIfWorker)
    if (addresses.length === count) return addresses
    await sleep(10)
  }
}

function addressIfWorker({ role, url }: Unit): string[] {
  return role === 'worker' && url !== undefined ? [new URL(url).host] : []
}

function isRunning({ exitCode, signalCode }: { exitCode: number | null; signalCode: NodeJS.Signals | null }): boolean {
  return exitCode === null && signalCode === null
}
