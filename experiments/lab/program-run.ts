import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { Session } from '../../cluster/session.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { LabEvent } from '../../core/lab-record.ts'
import { compiled } from '../../core/paths.ts'

/** How a program of a lab is run. */
export interface ProgramOptions {
  /** Called with every event as it arrives; `pid` to kill what is to be killed. */
  readonly onEvent?: (event: LabEvent, pid: number) => void
  /** Seconds until it is ended; 90 when absent. */
  readonly limitS?: number
  /** True when it may end with another exit code than 0, by a signal, by the limit, or without a result. */
  readonly mayFail?: boolean
  /** Options for Node, e.g. `--expose-gc`. */
  readonly nodeOptions?: readonly string[]
}

/** What a program of a lab reported, and how it ended. */
export interface ProgramRun {
  readonly events: readonly LabEvent[]
  /** When each event arrived, in ms since the first one, by the clock of this process. */
  readonly arrivedMs: readonly number[]
  /** The members of its line of kind `result`; empty without one. */
  readonly result: Readonly<Record<string, unknown>>
  readonly exitCode: number | null
  readonly killedBy: NodeJS.Signals | null
  /** True when it was ended since its time was up. */
  readonly timedOut: boolean
  /** Last lines that it wrote to stderr. */
  readonly stderr: string
  /** From its start to its end, in ms, by the clock of this process. */
  readonly wallMs: number
}

/** Where programs run. */
export interface ProgramPlace {
  readonly session: Session
  readonly signal: AbortSignal
  /** The interpreter; null where there is none. */
  readonly python: string | null
}

/** Where the programs of all labs are, in the package. */
export const PROGRAMS_FOLDER = 'experiments/lab/programs'

/** Absolute path of a program as it runs: compiled JavaScript for `.ts`. */
export function programPath(program: string): string {
  return compiled(`${PROGRAMS_FOLDER}/${program.replace(/\.ts$/, '.js')}`)
}

/**
 * Runs a program to its end with one JSON argument and reads the lines that it prints, one JSON object each. Every process
 * of it is ended, whatever happens. Throws TRIAL_FAILED when it does not end well (unless it may) and INTERRUPTED when the
 * signal aborts.
 */
export async function runProgram(
  program: string,
  argument: object,
  { session, signal, python }: ProgramPlace,
  { onEvent, limitS = 90, mayFail = false, nodeOptions = [] }: ProgramOptions = {},
): Promise<ProgramRun> {
  signal.throwIfAborted()
  const launch = session.createLaunch(`lab ${program}`)
  const words = [programPath(program), JSON.stringify(argument)]
  const isPython = program.endsWith('.py')
  if (isPython && python === null) throw new Error(`Expected a Python for ${program}, got none.`)
  const startedAt = performance.now()
  let timedOut = false
  const end = (): void => void launch.end()
  const timer = setTimeout(() => {
    timedOut = true
    end()
  }, limitS * 1000)
  signal.addEventListener('abort', end, { once: true })
  try {
    const child = launch.spawn(
      { name: 'program', role: 'worker' },
      isPython ? (python as string) : process.execPath,
      isPython ? ['-u', '-sB', ...words] : [...nodeOptions, ...words],
      { stdout: 'pipe', transient: true, env: { PYTHONDONTWRITEBYTECODE: '1' } },
    )
    const ended = new Promise<{ code: number | null; killedBy: NodeJS.Signals | null }>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, killedBy) => resolve({ code, killedBy }))
    })
    const reported = readLines(child.stdout as Readable, (event) => onEvent?.(event, child.pid ?? 0))
    const { code, killedBy } = await ended
    const wallMs = performance.now() - startedAt
    const stderr = launch.logTail(12)
    // What the program itself left behind may hold its output open.
    await launch.end()
    const { events, arrivedMs, result } = await reported
    signal.throwIfAborted()
    if (!mayFail && (code !== 0 || result === null)) throw failed(program, { code, killedBy, timedOut, limitS, stderr })
    return { events, arrivedMs, result: result ?? {}, exitCode: code, killedBy, timedOut, stderr, wallMs }
  } catch (thrown) {
    if (!signal.aborted) throw thrown
    throw new ForkwiseError('INTERRUPTED', { message: 'Interrupted.' }, { cause: thrown })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
    await launch.end()
  }
}

async function readLines(
  from: Readable,
  onEvent: (event: LabEvent) => void,
): Promise<{ events: LabEvent[]; arrivedMs: number[]; result: Record<string, unknown> | null }> {
  const events: LabEvent[] = []
  const arrivedMs: number[] = []
  let result: Record<string, unknown> | null = null
  let firstAt: number | null = null
  for await (const line of createInterface({ input: from })) {
    const now = performance.now()
    const record = parsed(line)
    if (record === null) continue
    if (record['kind'] === 'result') {
      const { kind: _, ...figures } = record
      result = figures
    } else if (typeof record['t'] === 'number' && typeof record['kind'] === 'string') {
      firstAt ??= now
      const event = { lane: '', ...record } as unknown as LabEvent
      events.push(event)
      arrivedMs.push(now - firstAt)
      onEvent(event)
    }
  }
  return { events, arrivedMs, result }
}

/** The object of a line; null for a line of anything else. */
function parsed(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function failed(
  program: string,
  end: { code: number | null; killedBy: string | null; timedOut: boolean; limitS: number; stderr: string },
): ForkwiseError {
  const how = end.timedOut
    ? `was ended after ${end.limitS} s`
    : end.killedBy !== null
      ? `was ended by ${end.killedBy}`
      : end.code === 0
        ? 'ended without a result'
        : `ended with exit code ${end.code}`
  return new ForkwiseError('TRIAL_FAILED', {
    message: `Expected the program ${program} to end with a result; it ${how}${end.stderr === '' ? '' : `: ${end.stderr}`}.`,
  })
}
