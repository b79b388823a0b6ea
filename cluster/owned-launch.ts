import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, closeSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ForkwiseError } from '../core/errors.ts'
import { LAUNCH_ENV, type UnitRole } from '../core/unit.ts'
import { type Claim, claimedProcesses, endProcesses, endProcessesNow, type ProcessIdentity } from './census.ts'
import type { Launch, LaunchSpawnOptions } from './launch.ts'
import { LaunchLogs } from './launch-logs.ts'
import { type ProcessEntry, readProcess } from './proc.ts'

/** A process of a launch, as it is kept in the launch's `processes.ndjson`. */
export interface RecordedProcess extends ProcessIdentity {
  readonly name: string
  readonly role: UnitRole
}

/** How a process of a launch ended. */
export interface ProcessExit {
  readonly name: string
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** In words: `ended with exit code 1`. */
  readonly how: string
}

/** A launch as its owner sees it: with what it takes to watch it and to end it. */
export interface OwnedLaunch extends Launch {
  readonly label: string
  /** Processes spawned and adopted so far, in order. */
  readonly recorded: readonly RecordedProcess[]
  /** Those that were adopted: nobody reports their end. */
  readonly adopted: readonly RecordedProcess[]
  /** Ends of spawned processes that were meant to stay. */
  readonly exits: readonly ProcessExit[]
  /** Calls back whenever a spawned process that was meant to stay has ended. */
  onExit(listener: (exit: ProcessExit) => void): void
  /** Every live process of the launch, whoever started it. */
  census(): ProcessEntry[]
  /** Kills every process of the launch, removes the folder, and gives the pids it had to kill. Idempotent. */
  end(): Promise<readonly number[]>
  /** Kills every process of the launch without waiting. */
  endNow(): void
}

/** What can be asked of a launch. */
export interface LaunchOptions {
  /** CPUs that the processes may use (Linux); all when absent. */
  readonly cpus?: readonly number[]
  /** Variables for every process, on top of the launch's own. */
  readonly env?: Readonly<Record<string, string>>
  /** Folder of its processes, where they choose none; ours when absent. */
  readonly cwd?: string
}

/** What a session gives its launches. */
export interface LaunchSpec extends LaunchOptions {
  readonly id: string
  readonly label: string
  readonly dir: string
  /** Called when a process is started that has no channel to this one, so that it cannot notice this one's end. */
  readonly onUnwatched?: () => void
}

/** File in the folder of a launch that names its processes, one JSON object a line. */
export const PROCESSES_FILE = 'processes.ndjson'

/** Makes the folder of a launch and gives the launch. */
export function createOwnedLaunch(spec: LaunchSpec): OwnedLaunch {
  for (const folder of ['units', 'logs', 'tmp']) mkdirSync(join(spec.dir, folder), { recursive: true, mode: 0o700 })
  return new ProcessLaunch(spec)
}

/** Reads the processes that a launch recorded; a line that was cut off by the owner's death is left out. */
export function readRecordedProcesses(launchDir: string): RecordedProcess[] {
  return readText(join(launchDir, PROCESSES_FILE))
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as RecordedProcess]
      } catch {
        return []
      }
    })
}

/**
 * The environment for measured processes: ours, without what npm, editors, test runners and process managers put there
 * for their own use, and without leftovers of the launch protocol.
 */
export function cleanEnvironment(source: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const protocol = new Set<string>(Object.values(LAUNCH_ENV))
  for (const tunable of [LAUNCH_ENV.backlog, LAUNCH_ENV.poolQueue]) protocol.delete(tunable)
  const debugged = source['VSCODE_INSPECTOR_OPTIONS'] !== undefined || /--inspect/.test(source['NODE_OPTIONS'] ?? '')
  const kept: Record<string, string> = { NODE_ENV: 'production' }
  for (const [name, value] of Object.entries(source)) {
    if (value === undefined || protocol.has(name) || NOISE.test(name)) continue
    if (name === 'NODE_OPTIONS' && debugged) continue
    if (source['VITEST'] !== undefined && TEST_RUNNER_NOISE.test(name)) continue
    kept[name] = value
  }
  return kept
}

const NOISE =
  /^(npm_|VSCODE_|PM2_|pm_|NODE_(UNIQUE_ID|CHANNEL_FD|CHANNEL_SERIALIZATION_MODE|APP_INSTANCE|V8_COVERAGE)$|(INIT_CWD|_)$)/

/** What Vitest sets in its workers; names so common that they are only dropped when it is Vitest that runs. */
const TEST_RUNNER_NOISE = /^(VITEST|VITE_)|^(NODE_ENV|TEST|MODE|DEV|PROD|SSR|BASE_URL)$/

class ProcessLaunch implements OwnedLaunch {
  readonly id: string
  readonly label: string
  readonly dir: string
  readonly env: Readonly<Record<string, string>>
  readonly recorded: RecordedProcess[] = []
  readonly adopted: RecordedProcess[] = []
  readonly exits: ProcessExit[] = []
  readonly cwd: string
  readonly #cpus: readonly number[]
  readonly #logs: LaunchLogs
  readonly #onUnwatched: () => void
  readonly #listeners: ((exit: ProcessExit) => void)[] = []
  #ending: Promise<readonly number[]> | null = null

  constructor(spec: LaunchSpec) {
    this.id = spec.id
    this.label = spec.label
    this.dir = spec.dir
    this.cwd = spec.cwd ?? process.cwd()
    this.#cpus = spec.cpus ?? []
    this.#logs = new LaunchLogs(join(spec.dir, 'logs'))
    this.#onUnwatched = spec.onUnwatched ?? ((): void => undefined)
    this.env = {
      ...cleanEnvironment(process.env),
      [LAUNCH_ENV.launchId]: spec.id,
      [LAUNCH_ENV.launchDir]: spec.dir,
      ...spec.env,
    }
  }

  spawn(
    unit: { name: string; role: UnitRole },
    command: string,
    args: readonly string[],
    options: LaunchSpawnOptions = {},
  ): ChildProcess {
    if (this.#ending) throw new ForkwiseError('START_FAILED', { message: `The launch of \`${this.label}\` is over.` })
    if (options.ipc !== true) this.#onUnwatched()
    const pinned = this.#cpus.length > 0
    const log = this.#logs.open(unit.name)
    const child = spawn(
      pinned ? 'taskset' : command,
      pinned ? ['-c', this.#cpus.join(','), command, ...args] : [...args],
      {
        env: { ...this.env, [LAUNCH_ENV.unitName]: unit.name, ...options.env },
        cwd: options.cwd ?? this.cwd,
        ...(options.argv0 === undefined ? {} : { argv0: options.argv0 }),
        stdio: [options.stdin === 'open' ? 'pipe' : 'ignore', options.stdout ?? log, log, ...inherited(options)],
        // A process group of its own: Ctrl-C in the terminal reaches us alone, and we end the server in good order.
        detached: true,
      },
    )
    closeSync(log)
    if (child.pid !== undefined) this.#record(unit, child.pid)
    child.once('error', (error) => this.#noteExit(unit.name, null, null, `could not be run: ${error.message}`))
    if (!options.transient) child.once('exit', (code, signal) => this.#noteExit(unit.name, code, signal))
    return child
  }

  adopt(unit: { name: string; role: UnitRole }, pid: number): void {
    const process = this.#record(unit, pid)
    if (process) this.adopted.push(process)
  }

  logTail(lines = 20): string {
    return this.#logs.lastLines(lines)
  }

  onExit(listener: (exit: ProcessExit) => void): void {
    this.#listeners.push(listener)
  }

  census(): ProcessEntry[] {
    return claimedProcesses(this.#claim())
  }

  end(): Promise<readonly number[]> {
    this.#ending ??= this.#end()
    return this.#ending
  }

  endNow(): void {
    endProcessesNow(this.#claim())
  }

  async #end(): Promise<readonly number[]> {
    const killed = await endProcesses(this.#claim())
    this.#logs.close()
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 })
    return killed
  }

  #record(unit: { name: string; role: UnitRole }, pid: number): RecordedProcess | null {
    const entry = readProcess(pid)
    if (!entry) return null
    const process: RecordedProcess = { name: unit.name, role: unit.role, pid, birth: entry.birth }
    appendFileSync(join(this.dir, PROCESSES_FILE), `${JSON.stringify(process)}\n`)
    this.recorded.push(process)
    return process
  }

  #claim(): Claim {
    return { isOurs: (id) => id === this.id, dir: this.dir, recorded: this.recorded }
  }

  #noteExit(name: string, code: number | null, signal: NodeJS.Signals | null, words?: string): void {
    const how = words ?? (signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`)
    const exit: ProcessExit = { name, code, signal, how }
    this.exits.push(exit)
    for (const listener of this.#listeners) listener(exit)
  }
}

/** What a child gets beside its output, as descriptor 3: one of ours, or a channel to us. */
function inherited({ inheritFd, ipc }: LaunchSpawnOptions): ('ipc' | number)[] {
  if (inheritFd !== undefined) return [inheritFd]
  return ipc ? ['ipc'] : []
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
