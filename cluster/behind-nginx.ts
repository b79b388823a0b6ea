import { join } from 'node:path'
import { addressOf, spawnedUnit, terminate } from './app-process.ts'
import { gunicornWords } from './gunicorn.ts'
import type { ModelProcess, StartContext } from './model.ts'
import { startNginx } from './nginx.ts'
import { preparePython, PYTHON_FOLDER } from './python.ts'
import { writeStaticFiles } from './static-files.ts'
import { stopProxyFirst } from './upstreams.ts'
import { UWSGI, uwsgiMasterWords } from './uwsgi.ts'
import { untilWorkers } from './units.ts'

/**
 * The deployment that Gunicorn's documentation shows: NGINX serves the static file itself and passes all else on to
 * Gunicorn over a unix socket.
 */
export async function startGunicornBehindNginx(context: StartContext): Promise<ModelProcess> {
  const { launch, size, python, signal } = context
  const socket = join(launch.dir, 'tmp', 'app.sock')
  const arbiter = launch.spawn(
    { name: 'arbiter', role: 'supervisor' },
    python.path,
    gunicornWords(context, { worker: 'sync', bind: `unix:${socket}`, workers: size.workers }),
    { env: preparePython(context), cwd: PYTHON_FOLDER },
  )
  await untilWorkers(launch.dir, size.workers, signal)
  const files = writeStaticFiles(launch.dir)
  const nginx = startNginx(context, { upstreams: [`unix:${socket}`], balancing: 'round-robin', files })
  return {
    targets: () => [addressOf(context)],
    foreignUnits: () => Promise.resolve([...spawnedUnit('arbiter', 'supervisor', arbiter), ...nginx.units()]),
    requestStop: () => stopProxyFirst(nginx.process, 'SIGQUIT', () => terminate(arbiter)),
    requestReload: async () => void arbiter.kill('SIGHUP'),
  }
}

/** As {@link startGunicornBehindNginx}, with uWSGI, to which NGINX speaks uWSGI's own protocol. */
export async function startUwsgiBehindNginx(context: StartContext): Promise<ModelProcess> {
  const { launch, size, signal } = context
  const socket = join(launch.dir, 'tmp', 'app.sock')
  const stats = context.metrics ? join(launch.dir, 'tmp', 'stats.sock') : null
  const master = launch.spawn(
    { name: 'master', role: 'supervisor' },
    UWSGI,
    uwsgiMasterWords(context, { socket, stats }),
    { env: preparePython(context) },
  )
  await untilWorkers(launch.dir, size.workers, signal)
  const files = writeStaticFiles(launch.dir)
  const nginx = startNginx(context, {
    upstreams: [`unix:${socket}`],
    balancing: 'round-robin',
    protocol: 'uwsgi',
    files,
  })
  return {
    targets: () => [addressOf(context)],
    foreignUnits: () =>
      Promise.resolve([
        ...spawnedUnit('master', 'supervisor', master).map((unit) =>
          stats === null ? unit : { ...unit, statusUrl: `uwsgi+unix:${stats}` },
        ),
        ...nginx.units(),
      ]),
    requestStop: () => stopProxyFirst(nginx.process, 'SIGQUIT', () => terminate(master)),
  }
}
