import { ForkwiseError, messageOf, PartEndedError } from '../core/errors.ts'
import type { WorkloadRequest } from '../core/load.ts'
import { failureByExitCode, lastingFailure, lastLines, reportedFailure } from './start-failure.ts'
import type { AppUnderTest, RunningServer, ServerModel, Size } from './model.ts'
import type { OwnedLaunch } from './owned-launch.ts'
import { findFreePorts, requireFreePorts } from './ports.ts'
import {
  DEBIAN_PYTHON,
  inspectPython,
  needModules,
  PYTHON_RUNTIME,
  type PythonInterpreter,
  withModules,
} from './python-interpreter.ts'
import { isAlive } from './proc.ts'
import { untilReady } from './readiness.ts'
import { runningServer, unitsInService } from './running-server.ts'
import type { Session } from './session.ts'

/** How a server is to be started. */
export interface StartOptions {
  readonly session: Session
  readonly size: Size
  readonly app: AppUnderTest
  /** False measures the server without its own instruments. */
  readonly metrics: boolean
  /** Base URL of the dependency process. */
  readonly upstreamUrl: string
  /** The Node binary that runs the measured processes; the one that runs us unless given. */
  readonly nodePath?: string
  /** The interpreter for models in Python; Debian's unless given. */
  readonly pythonPath?: string
  /** 127.0.0.1 unless given. */
  readonly host?: string
  /** First port; a free one is chosen unless given. */
  readonly port?: number
  /** CPUs that the server may use (Linux, through taskset); all unless given. */
  readonly cpus?: readonly number[]
  /** Variables for every process of the launch, on top of its own. */
  readonly env?: Readonly<Record<string, string>>
  /** Seconds until every worker must answer: 20 and half a second per worker unless given. */
  readonly startTimeoutS?: number
  /** Seconds that the server gives requests in flight when it is asked to end by others than us; 5 unless given. */
  readonly graceS?: number
  /** Must be answered before a server of the user's own counts as ready; accepting connections is enough without one. */
  readonly firstRequest?: WorkloadRequest
  /** Gives the start up; everything it began is ended. */
  readonly signal: AbortSignal
}

/** How often the logs of a starting server are looked at, in milliseconds. */
const LOG_WATCH_MS = 200

/** Tries with another port when the one that was chosen was taken between choosing and listening. */
const PORT_TRIES = 3

/**
 * Starts a server under a model and waits until every worker answers. Throws START_FAILED (with the end of the logs),
 * APP_INVALID (the app's own words), PORT_TAKEN or INTERRUPTED; whatever it throws, nothing of the start is left.
 */
export async function startServer(model: ServerModel, options: StartOptions): Promise<RunningServer> {
  const chosenByUs = options.port === undefined || options.port === 0
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(model, options)
    } catch (error) {
      const taken = error instanceof ForkwiseError && error.code === 'PORT_TAKEN'
      if (!taken || !chosenByUs || attempt === PORT_TRIES) throw error
    }
  }
}

async function startOnce(model: ServerModel, options: StartOptions): Promise<RunningServer> {
  throwIfGivenUp(model, options.signal)
  const { session, size, app, metrics, upstreamUrl, nodePath = process.execPath, host = '127.0.0.1' } = options
  const port = await choosePort(model, size, host, options.port ?? 0)
  const launch = session.createLaunch(model.id, {
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(app.cwd === undefined ? {} : { cwd: app.cwd }),
  })
  const failure = new AbortController()
  const signal = AbortSignal.any([options.signal, failure.signal])
  // Supervisors try again what cannot succeed; the log knows better.
  const watch = setInterval(() => {
    const lasting = failureIn(launch.logTail(200), app)
    if (lasting) failure.abort(lasting)
    const gone = launch.adopted.find((adopted) => !isAlive(adopted))
    if (gone) failure.abort(new Error(`\`${gone.name}\` (pid ${gone.pid}) ended before it was ready`))
  }, LOG_WATCH_MS)
  try {
    // From here on, the first process to end gives the start up.
    launch.onExit((exit) => failure.abort(new Error(`\`${exit.name}\` ${exit.how} before it was ready`)))
    const graceS = options.graceS ?? 5
    const python = chosenPython(model, options.pythonPath)
    const context = { size, launch, host, port, app, metrics, upstreamUrl, nodePath, python, graceS, signal }
    const process = await unlessAborted(model.start(context), signal)
    const units = await untilReady({
      topology: model.topology(size),
      units: () => unitsInService(launch, process),
      targets: (units) => process.targets(units),
      question: isOwn(app) || model.outside !== undefined ? (options.firstRequest ?? null) : '/readyz',
      timeoutS: options.startTimeoutS ?? 20 + size.workers / 2,
      signal,
    })
    return runningServer(launch, process, process.targets(units))
  } catch (error) {
    throw await explained(model, launch, error, options, port)
  } finally {
    clearInterval(watch)
  }
}

/** Ends what was begun, and says why it failed in the words of whoever knows best. */
async function explained(
  model: ServerModel,
  launch: OwnedLaunch,
  error: unknown,
  options: StartOptions,
  port: number,
): Promise<unknown> {
  const logs = launch.logTail(200)
  const exitCodes = launch.exits.map((exit) => exit.code)
  const killed =
    launch.exits.some(({ signal }) => signal === 'SIGKILL') || launch.adopted.some((adopted) => !isAlive(adopted))
  await launch.end()
  throwIfGivenUp(model, options.signal)
  if (error instanceof ForkwiseError) return error
  const lasting = failureIn(logs, options.app) ?? failureByExitCode(exitCodes, logs)
  if (lasting) return lasting
  const taken = await takenPort(model, options, port)
  if (taken) return taken
  const tail = lastLines(logs)
  return new (killed ? PartEndedError : ForkwiseError)(
    'START_FAILED',
    {
      message: `\`${model.id}\` did not start: ${messageOf(error)}.${tail === '' ? ' Its logs are empty.' : `\nThe end of its logs:\n${tail}`}`,
      hint: byHand(model, options),
    },
    { cause: error },
  )
}

/** How a user starts the same server alone. */
function byHand(model: ServerModel, { app, size }: StartOptions): string {
  const serve = `forkwise serve ${model.variant?.model ?? model.id} --workers ${size.workers}`
  if (app.command !== undefined) {
    return `The command has to listen on $PORT, and to go on as long as its server does. Try it by hand: \`PORT=3000 ${app.command}\`.`
  }
  return `Try it by hand: \`${serve}${app.module === undefined ? '' : ` --app ${app.module}`}\`.`
}

/** The interpreter with what it needs to find the model's modules. Throws PART_MISSING when it cannot import them. */
function chosenPython({ id, runtime, pythonModules }: ServerModel, path: string | undefined): PythonInterpreter {
  if (path === undefined || runtime !== PYTHON_RUNTIME) return DEBIAN_PYTHON
  const python = inspectPython(path)
  const [unmet] = needModules(python, pythonModules)
  if (unmet === undefined) return withModules(python, pythonModules ?? []) ?? python
  throw new ForkwiseError('PART_MISSING', {
    message: `${id} cannot run here: ${unmet.what}.`,
    hint: `${unmet.remedy}.`,
  })
}

/** Now that nothing of the start is left, whoever listens on its port is somebody else. */
async function takenPort(
  model: ServerModel,
  { host = '127.0.0.1', size }: StartOptions,
  port: number,
): Promise<ForkwiseError | null> {
  try {
    await requireFreePorts(host, port, portCount(model, size))
    return null
  } catch (thrown) {
    return thrown instanceof ForkwiseError ? thrown : null
  }
}

/** The words of a user's own app are no evidence: it may speak of a taken port and mean another one, or none. */
function failureIn(logs: string, app: AppUnderTest): ForkwiseError | null {
  return isOwn(app) ? reportedFailure(logs) : lastingFailure(logs)
}

function isOwn({ module, command }: AppUnderTest): boolean {
  return module !== undefined || command !== undefined
}

async function choosePort(model: ServerModel, size: Size, host: string, asked: number): Promise<number> {
  const count = portCount(model, size)
  if (asked === 0) return findFreePorts(host, count)
  await requireFreePorts(host, asked, count)
  return asked
}

function portCount(model: ServerModel, size: Size): number {
  return model.routing === 'client-round-robin' ? size.workers : 1
}

function throwIfGivenUp(model: ServerModel, signal: AbortSignal): void {
  if (!signal.aborted) return
  throw new ForkwiseError(
    'INTERRUPTED',
    { message: `The start of \`${model.id}\` was given up.` },
    { cause: signal.reason },
  )
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    work.then(resolve, reject)
  })
}
