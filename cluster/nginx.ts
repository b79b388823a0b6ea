import type { ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ForkwiseError } from '../core/errors.ts'
import type { Unit } from '../core/unit.ts'
import { addressOf, spawnedUnit } from './app-process.ts'
import type { ModelProcess, StartContext } from './model.ts'
import { findProgram } from './programs.ts'
import { filesDirectives, type StaticFile } from './static-files.ts'
import { startUpstreams, stopProxyFirst } from './upstreams.ts'

/** How NGINX chooses the process for a request. */
export type Balancing = 'round-robin' | 'least-connections'

/** What {@link nginxConfiguration} is made of. */
export interface ProxySpec {
  /** Private folder for everything NGINX writes. */
  readonly dir: string
  /** `host:port` to listen on. */
  readonly listen: string
  /** `host:port`, or `unix:` and a path, of each process behind it. */
  readonly upstreams: readonly string[]
  readonly balancing: Balancing
  /** How it speaks to what is behind it; HTTP unless given. */
  readonly protocol?: 'http' | 'uwsgi'
  /** What it serves itself; nothing unless given. */
  readonly files?: readonly StaticFile[]
  /** Seconds that requests in flight get when it is asked to end. */
  readonly graceS: number
}

/** NGINX that runs in front of something. */
export interface RunningNginx {
  readonly process: ChildProcess
  /** The proxy as a unit while it lives. */
  units(): Unit[]
}

/** Starts processes of the app on ports of their own, and NGINX in front of them once they listen. */
export async function startBehindNginx(context: StartContext, balancing: Balancing): Promise<ModelProcess> {
  const upstreams = await startUpstreams(context)
  const nginx = startNginx(context, { upstreams: upstreams.addresses, balancing })
  return {
    targets: () => [addressOf(context)],
    foreignUnits: async () => [...nginx.units(), ...(await upstreams.units())],
    requestStop: () => stopProxyFirst(nginx.process, 'SIGQUIT', () => upstreams.terminate()),
  }
}

/** Starts NGINX on the context's address. Throws PART_MISSING when it is not on this machine. */
export function startNginx(
  context: StartContext,
  spec: Pick<ProxySpec, 'upstreams' | 'balancing' | 'protocol' | 'files'>,
): RunningNginx {
  const { launch, graceS } = context
  const program = findProgram('nginx')
  if (program === null) throw new ForkwiseError('PART_MISSING', { message: 'NGINX is not installed.' })
  const dir = join(launch.dir, 'nginx')
  const file = join(dir, 'nginx.conf')
  mkdirSync(dir, { mode: 0o700 })
  writeFileSync(file, nginxConfiguration({ ...spec, dir, listen: addressOf(context).host, graceS }))
  const process = launch.spawn({ name: 'nginx', role: 'proxy' }, program, ['-e', 'stderr', '-p', dir, '-c', file])
  const places = {
    statusUrl: `nginx+unix:${statusSocket(dir)}`,
    ...(spec.files === undefined ? {} : { answeredFile: answeredFile(dir) }),
  }
  return { process, units: () => spawnedUnit('nginx', 'proxy', process).map((unit) => ({ ...unit, ...places })) }
}

/**
 * A configuration that measures nothing but proxying: connections to clients and processes are kept, nothing is logged,
 * and no failed request is tried again elsewhere, which would hide failures. The state of the balancing is shared by
 * NGINX's own processes (`zone`); without that each would deal for itself.
 */
export function nginxConfiguration({
  dir,
  listen,
  upstreams,
  balancing,
  protocol = 'http',
  files = [],
  graceS,
}: ProxySpec): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${dir}/${kind};`,
  )
  const servers = upstreams.map((address) => `server ${address} max_fails=0;`)
  const own = filesDirectives(files, answeredFile(dir))
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
    // What the app gets is what the client has sent: no limit and no clean-up that is NGINX's own.
    '  client_max_body_size 0;',
    '  underscores_in_headers on;',
    '  ignore_invalid_headers off;',
    '  large_client_header_buffers 8 64k;',
    ...own.http.map((line) => `  ${line}`),
    '  upstream app {',
    '    zone app 256k;',
    ...(balancing === 'least-connections' ? ['    least_conn;'] : []),
    ...servers.map((line) => `    ${line}`),
    '    keepalive 128;',
    '    keepalive_requests 1000000;',
    // Shorter than the 5 s after which Node ends an idle connection, so that none is ended under a request.
    '    keepalive_timeout 4s;',
    '  }',
    '  server {',
    `    listen unix:${statusSocket(dir)};`,
    '    location / { stub_status; }',
    '  }',
    '  server {',
    `    listen ${listen};`,
    ...own.server.map((line) => `    ${line}`),
    ...['/', ...(files.length === 0 ? [] : ['@app'])].flatMap((location) => [
      `    location ${location} {`,
      ...PASSING[protocol].map((line) => `      ${line}`),
      '    }',
    ]),
    '  }',
    '}',
    '',
  ].join('\n')
}

/** How a request is passed on, by protocol. */
const PASSING: Readonly<Record<'http' | 'uwsgi', readonly string[]>> = {
  http: [
    'proxy_pass http://app;',
    'proxy_http_version 1.1;',
    'proxy_set_header Connection "";',
    'proxy_set_header Host $http_host;',
    'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
    'proxy_set_header X-Forwarded-Proto $scheme;',
    'proxy_next_upstream off;',
  ],
  uwsgi: [
    'uwsgi_pass app;',
    ...Object.entries({
      QUERY_STRING: '$query_string',
      REQUEST_METHOD: '$request_method',
      CONTENT_TYPE: '$content_type',
      CONTENT_LENGTH: '$content_length',
      REQUEST_URI: '$request_uri',
      PATH_INFO: '$document_uri',
      SERVER_PROTOCOL: '$server_protocol',
      REQUEST_SCHEME: '$scheme',
      REMOTE_ADDR: '$remote_addr',
      SERVER_NAME: '$server_name',
      SERVER_PORT: '$server_port',
    }).map(([name, value]) => `uwsgi_param ${name} ${value};`),
    'uwsgi_next_upstream off;',
  ],
}

/** Where NGINX reports how many connections it has, apart from the traffic that is measured. */
function statusSocket(dir: string): string {
  return join(dir, 'status.sock')
}

/** Two bytes in it stand for one request that NGINX answered itself. */
function answeredFile(dir: string): string {
  return join(dir, 'answered')
}
