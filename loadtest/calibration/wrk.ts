import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

const UNIT_MS: Readonly<Record<string, number>> = { us: 1e-3, ms: 1, s: 1e3, m: 6e4 }

/** What wrk reports of one run. */
export interface WrkResult {
  readonly ratePerS: number
  readonly p50Ms: number
}

/** True when wrk is on the path. */
export async function hasWrk(): Promise<boolean> {
  try {
    await run('wrk', ['--version'])
    return true
  } catch (error) {
    // wrk knows no success for --version: it prints it and exits with 1.
    return (error as { code?: unknown }).code === 1
  }
}

/** Runs wrk on one thread. */
export async function runWrk(
  url: URL,
  connections: number,
  durationS: number,
  signal: AbortSignal,
): Promise<WrkResult> {
  const words = ['--threads', '1', '--connections', `${connections}`, '--duration', `${durationS}s`, '--latency']
  const { stdout } = await run('wrk', [...words, url.href], { signal })
  return readWrk(stdout)
}

/** Reads rate and median from what wrk prints with `--latency`; throws when they are not there. */
export function readWrk(output: string): WrkResult {
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]
  const median = /^\s*50%\s+([\d.]+)(us|ms|s|m)\s*$/m.exec(output)
  const unit = UNIT_MS[median?.[2] ?? '']
  if (rate === undefined || unit === undefined) {
    throw new Error(`Expected wrk to report a rate and a median, got:\n${output.slice(0, 500)}`)
  }
  return { ratePerS: Number(rate), p50Ms: Number(median?.[1]) * unit }
}
