import type { ChildProcess } from 'node:child_process'
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Launch } from '../../cluster/launch.ts'
import { findFreePorts, requireFreePorts } from '../../cluster/ports.ts'
import { ForkwiseError, messageOf } from '../../core/errors.ts'
import { prometheusConfig } from './prometheus-config.ts'
import { PrometheusApi } from './prometheus-api.ts'

/** The whole configuration of a Prometheus that Forkwise starts. */
export interface PrometheusOptions {
  /** Folder for its configuration, targets and data; made if need be. */
  readonly dir: string
  /** Starts its process and sees to it that it ends. */
  readonly launch: Pick<Launch, 'spawn' | 'logTail'>
  /** Text of the rule file, or null for none. */
  readonly rules: string | null
  /** Port on 127.0.0.1, or 0 for any. */
  readonly port: number
  readonly signal: AbortSignal
  /** How long a series is shown after its last sample, in seconds; 5 minutes unless given. */
  readonly lookbackS?: number
}

/** A running Prometheus. */
export interface Prometheus {
  readonly url: URL
  readonly dir: string
  readonly api: PrometheusApi
  /** Settles when it ends although nobody asked it to; never rejects. */
  readonly ended: Promise<{ readonly reason: string }>
  /** Its last complaints, for messages; empty when there were none. */
  complaint(): string
  /** Ends it in good order, so that its data is complete on disk. Idempotent. */
  stop(): Promise<void>
}

/** Program that is looked for on the PATH. */
const PROGRAM = 'prometheus'

const READY_LIMIT_MS = 20_000
const STOP_LIMIT_MS = 15_000

/**
 * Starts a Prometheus that only this machine reaches, reads its targets from `<dir>/targets/*.json` once a second, and
 * keeps its data in `<dir>/data`. Throws PART_MISSING, PORT_TAKEN, FOLDER_UNWRITABLE or START_FAILED, each with what
 * to do about it.
 */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  requireProgram()
  prepareFolder(options)
  if (options.port !== 0) await requireFreePorts('127.0.0.1', options.port, 1, '--prometheus-port')
  // A port that was free may be taken by the time Prometheus listens: another one is tried then.
  for (let attempt = 1; ; attempt++) {
    const port = options.port === 0 ? await findFreePorts('127.0.0.1', 1) : options.port
    const running = spawnPrometheus(options, port)
    try {
      await waitReady(running, options.signal)
      return running
    } catch (thrown) {
      await running.stop()
      const taken = /address already in use/.test(running.complaint())
      if (!taken || options.port !== 0 || attempt === 3) throw thrown
    }
  }
}

/** True when a program of that name is on the PATH. */
export function onPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => isExecutable(join(folder, program)))
}

function requireProgram(): void {
  if (onPath(PROGRAM)) return
  throw new ForkwiseError('PART_MISSING', {
    message: `Expected \`${PROGRAM}\` on the PATH, found none.`,
    hint: 'Install it (Debian: apt-get install prometheus; all parts: npx forkwise setup).',
  })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function prepareFolder(options: PrometheusOptions): void {
  try {
    mkdirSync(join(options.dir, 'targets'), { recursive: true })
    mkdirSync(join(options.dir, 'data'), { recursive: true })
    if (options.rules !== null) writeFileSync(join(options.dir, 'rules.yml'), options.rules)
    writeFileSync(join(options.dir, 'prometheus.yml'), prometheusConfig({ rules: options.rules !== null }))
  } catch (thrown) {
    throw new ForkwiseError(
      'FOLDER_UNWRITABLE',
      {
        message: `Expected to be able to write Prometheus' configuration to ${options.dir}, got: ${messageOf(thrown)}.`,
        hint: 'Choose a folder that can be written, on a disk with room.',
      },
      { cause: thrown },
    )
  }
}

function spawnPrometheus(options: PrometheusOptions, port: number): PrometheusProcess {
  const child = options.launch.spawn(
    { name: PROGRAM, role: 'dependency' },
    PROGRAM,
    [
      `--config.file=${join(options.dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(options.dir, 'data')}`,
      '--storage.tsdb.retention.time=10y',
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-lifecycle',
      '--log.level=warn',
      ...(options.lookbackS === undefined ? [] : [`--query.lookback-delta=${options.lookbackS}s`]),
    ],
    { cwd: options.dir },
  )
  return new PrometheusProcess(child, options, new URL(`http://127.0.0.1:${port}`))
}

async function waitReady(running: PrometheusProcess, signal: AbortSignal): Promise<void> {
  const deadlineMs = Date.now() + READY_LIMIT_MS
  while (Date.now() < deadlineMs) {
    signal.throwIfAborted()
    if (await running.api.ready()) return
    if (running.over) break
    await sleep(25)
  }
  const how = running.over ? 'it ended' : `it was not ready within ${READY_LIMIT_MS / 1000} s`
  throw new ForkwiseError('START_FAILED', {
    message: `Expected Prometheus to start, got: ${how}. ${running.complaint()}`.trimEnd(),
    hint: 'Its last words are above; a full disk and a folder that another Prometheus uses are the usual causes.',
  })
}

class PrometheusProcess implements Prometheus {
  readonly url: URL
  readonly dir: string
  readonly api: PrometheusApi
  readonly ended: Promise<{ readonly reason: string }>
  readonly #child: ChildProcess
  readonly #logTail: () => string
  readonly #exit: Promise<void>
  #stopping: Promise<void> | null = null
  over = false

  constructor(child: ChildProcess, options: PrometheusOptions, url: URL) {
    this.#child = child
    this.#logTail = () => options.launch.logTail(10)
    this.url = url
    this.dir = options.dir
    this.api = new PrometheusApi(url)
    this.#exit = new Promise((resolve) => {
      child.once('error', () => resolve())
      child.once('exit', () => resolve())
    })
    this.ended = this.#watch()
  }

  complaint(): string {
    const complaints = this.#logTail()
      .split('\n')
      .filter((line) => /level=(error|warn)|^panic|^fatal/.test(line))
      .map((line) => line.replace(/\b(ts|caller|level|component|scrape_pool|target)=("[^"]*"|\S+) ?/g, ''))
    return [...new Set(complaints)].slice(-3).join(' ')
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #watch(): Promise<{ readonly reason: string }> {
    await this.#exit
    this.over = true
    if (this.#stopping !== null) return new Promise(() => undefined)
    return { reason: `Prometheus ended by itself. ${this.complaint()}`.trimEnd() }
  }

  async #stop(): Promise<void> {
    if (this.over) return
    this.#child.kill('SIGTERM')
    const tooLong = new AbortController()
    const late = sleep(STOP_LIMIT_MS, 'late', { signal: tooLong.signal }).catch(() => 'over')
    if ((await Promise.race([this.#exit, late])) === 'late') this.#child.kill('SIGKILL')
    tooLong.abort()
    await this.#exit
  }
}
