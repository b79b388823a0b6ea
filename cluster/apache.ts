import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Unit } from '../core/unit.ts'
import { addressOf, spawnedUnit } from './app-process.ts'
import { signalProcess } from './census.ts'
import type { ModelProcess, StartContext } from './model.ts'
import { descendantsOf, listProcesses } from './proc.ts'
import type { SystemPart } from './system-parts.ts'
import { readUnits } from './units.ts'
import { BACKLOG, bindAddress, KEEP_ALIVE_S, THREADS_PER_WORKER, WSGI_UNIT, preparePython } from './python.ts'

const APACHE = '/usr/sbin/apache2'
const MODULES = '/usr/lib/apache2/modules'
const SETPRIV = '/usr/bin/setpriv'

/**
 * Requests that Apache has under way at once, each with a thread. With fewer threads than connections it closes kept
 * connections to serve others: 388 of 800 were reset with 256 threads (Apache 2.4, tried 2026-11); 1024 take 66 MB.
 */
const PROXY_THREADS = 1024

/** The account that Apache's processes take when root starts them: they refuse to be root. */
const ACCOUNT = 'www-data'

/** What Apache with mod_wsgi needs. */
export const APACHE_PARTS: readonly SystemPart[] = [
  { file: APACHE, debianPackage: 'apache2-bin' },
  { file: `${MODULES}/mod_wsgi.so`, debianPackage: 'libapache2-mod-wsgi-py3' },
  ...(isRoot() ? [{ file: SETPRIV, debianPackage: 'util-linux' }] : []),
]

/**
 * Starts Apache with a configuration of its own: a parent, one process that keeps the connections, and mod_wsgi's
 * workers. Started by root, its children become www-data but keep root's right to read and write: our code and the
 * launch's private folder may be closed to everybody else.
 */
export function startApache(context: StartContext): ModelProcess {
  const { launch } = context
  const folder = join(launch.dir, 'apache')
  const file = join(folder, 'httpd.conf')
  mkdirSync(folder, { mode: 0o700 })
  writeFileSync(file, apacheConfig(context, folder, isRoot() ? [ACCOUNT, ACCOUNT] : ownAccount()))
  const command = [APACHE, '-f', file, '-DFOREGROUND']
  const [program = APACHE, ...args] = isRoot() ? [SETPRIV, '--securebits=+no_setuid_fixup', ...command] : command
  const parent = launch.spawn({ name: 'apache', role: 'supervisor' }, program, args, { env: preparePython(context) })
  return {
    targets: () => [addressOf(context)],
    foreignUnits: () =>
      Promise.resolve([...spawnedUnit('apache', 'supervisor', parent), ...proxies(context, parent.pid)]),
    // SIGWINCH is Apache's graceful end; SIGTERM cuts the requests in flight.
    requestStop: () => Promise.resolve(void (parent.pid !== undefined && signalProcess(parent.pid, 'SIGWINCH'))),
  }
}

/** The configuration: nothing of the system's own, everything that is written inside `folder`. */
export function apacheConfig(
  { host, port, size, graceS, launch }: Pick<StartContext, 'host' | 'port' | 'size' | 'graceS' | 'launch'>,
  folder: string,
  [user, group]: readonly [string, string],
): string {
  return `
ServerRoot "${folder}"
ServerName forkwise
Listen ${bindAddress(host, port)}
ListenBacklog ${BACKLOG}
PidFile "${folder}/httpd.pid"
DefaultRuntimeDir "${folder}"
ErrorLog "${launch.dir}/logs/apache.log"
LogLevel warn
# Semaphores of the System V kind would outlive a killed Apache.
Mutex pthread
WSGIAcceptMutex pthread

LoadModule mpm_event_module ${MODULES}/mod_mpm_event.so
LoadModule authz_core_module ${MODULES}/mod_authz_core.so
LoadModule wsgi_module ${MODULES}/mod_wsgi.so

User ${user}
Group ${group}
ServerLimit 1
StartServers 1
ThreadLimit ${PROXY_THREADS}
ThreadsPerChild ${PROXY_THREADS}
MaxRequestWorkers ${PROXY_THREADS}
MinSpareThreads 1
MaxSpareThreads ${PROXY_THREADS}
KeepAliveTimeout ${KEEP_ALIVE_S}
MaxKeepAliveRequests 0
AllowEncodedSlashes NoDecode
GracefulShutdownTimeout ${Math.max(1, Math.ceil(graceS))}

WSGISocketPrefix "${folder}/wsgi"
WSGIRestrictEmbedded On
WSGIDaemonProcess app processes=${size.workers} threads=${THREADS_PER_WORKER} listen-backlog=${BACKLOG}
WSGIScriptAlias / "${WSGI_UNIT}" process-group=app application-group=%{GLOBAL}
<Directory />
  Require all granted
</Directory>
`.trimStart()
}

/** The children of Apache that are no workers: those that keep the connections. */
function proxies({ launch }: StartContext, parent: number | undefined): Unit[] {
  if (parent === undefined) return []
  const workers = new Set(readUnits(launch.dir).map(({ pid }) => pid))
  return descendantsOf([parent], listProcesses())
    .filter(({ pid, zombie }) => !zombie && !workers.has(pid))
    .toSorted((a, b) => a.pid - b.pid)
    .map(({ pid }, index) => ({ name: `proxy-${index + 1}`, role: 'proxy', pid }))
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** This user and group by number, which need no names. */
function ownAccount(): readonly [string, string] {
  return [`#${process.getuid?.()}`, `#${process.getgid?.()}`]
}
