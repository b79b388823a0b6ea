import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { METRICS, type MetricKey, type MetricSpec } from '../core/metrics.ts'
import { compiled } from '../core/paths.ts'
import { readSettings } from '../server/settings.ts'
import { type AppSettings, appEnvironment } from './app-process.ts'
import type { StartContext } from './model.ts'
import { DEBIAN_PYTHON } from './python-interpreter.ts'
import type { SystemPart } from './system-parts.ts'

/** The folder of the handlers in Python: what servers have as their working directory. */
export const PYTHON_FOLDER: string = dirname(compiled('server/python/app.py'))

/** The file that every WSGI server loads: the handlers of server/handlers in Python, as a unit of the launch. */
export const WSGI_UNIT: string = join(PYTHON_FOLDER, 'wsgi_unit.py')

/** Debian's Python, for which its packages of servers are built, whatever is first on PATH. */
export const PYTHON: SystemPart = { file: DEBIAN_PYTHON.path, debianPackage: 'python3' }

/** Threads of each worker process, for the servers that have them: within the 2 to 4 that Gunicorn's documentation advises. */
export const THREADS_PER_WORKER = 4

/** Requests of one worker that wait or are answered at once, for the servers that bound it: Gunicorn's own default. */
export const CONNECTIONS_PER_WORKER = 1000

/** Connections that the kernel keeps until a worker accepts them, asked for; it grants up to net.core.somaxconn. */
export const BACKLOG = 2048

/** Seconds that a connection without a request is kept: as long as the Node servers keep it (server/listen.ts). */
export const KEEP_ALIVE_S = 65

/** Host and port as servers take them: `127.0.0.1:8000`, `[::1]:8000`. */
export function bindAddress(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/**
 * Prepares the launch of a server in Python and gives its environment: the launch protocol, and nothing that would lead
 * Python to other code or to write any. Throws USAGE when the context does not make sense.
 */
export function preparePython(
  { launch, ...context }: StartContext,
  settings: AppSettings = {},
): Record<string, string> {
  const env = appEnvironment({ launch, ...context }, settings)
  readSettings({ ...launch.env, ...env })
  if (context.metrics) writeFileSync(join(launch.dir, 'metrics.json'), JSON.stringify(MEASURED))
  return {
    ...env,
    PYTHONHOME: '',
    PYTHONPATH: context.python.packages,
    PYTHONNOUSERSITE: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    GUNICORN_CMD_ARGS: '',
    // Gunicorn changes its process title where it can, and would overwrite the environment that marks it ours.
    SPT_NOENV: '1',
  }
}

/** What the workers measure about themselves. */
const MEASURED: Partial<Record<MetricKey, MetricSpec>> = {
  requestDuration: METRICS.requestDuration,
  activeRequests: METRICS.activeRequests,
  processCpu: METRICS.processCpu,
  residentMemory: METRICS.residentMemory,
  processStart: METRICS.processStart,
  openFds: METRICS.openFds,
  maxFds: METRICS.maxFds,
  taskQueueLength: METRICS.taskQueueLength,
  taskQueueOldestAge: METRICS.taskQueueOldestAge,
  poolMemberTasks: METRICS.poolMemberTasks,
  poolMemberBusy: METRICS.poolMemberBusy,
  taskDuration: METRICS.taskDuration,
  tasks: METRICS.tasks,
}

/** Long options of a command line: `--name value`, or `--name` alone for true. */
export function longOptions(values: Readonly<Record<string, string | number | true>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, `${value}`]))
}
