import { fork, type ChildProcess } from 'node:child_process'
import { ForkwiseError } from '../core/errors.ts'
import { compiled } from '../core/paths.ts'
import type { DriverOptions } from './driver.ts'
import type { FromGenerator, GeneratorJob, GeneratorPart, ToGenerator } from './generator-protocol.ts'

/** How long a generator may take to hand over its part once it was told to stop. */
const STOP_GRACE_MS = 3000

/** Runs one job in a generator process of its own, which is gone when this settles. */
export async function runGenerator(job: GeneratorJob, options: DriverOptions): Promise<GeneratorPart> {
  const child = forkGenerator(options.cpus)
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  try {
    if (child.pid !== undefined) options.onProcess?.(child.pid)
    return await partOf(child, job, options)
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}

function forkGenerator(cpus: readonly number[] | undefined): ChildProcess {
  const pinned =
    cpus === undefined || cpus.length === 0
      ? { execArgv: [] }
      : { execPath: 'taskset', execArgv: ['-c', cpus.join(','), process.execPath] }
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(NODE_OPTIONS|npm_|VITEST)/i.test(name)),
  )
  return fork(compiled('loadtest/generator-process.js'), [], {
    ...pinned,
    env,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}

async function partOf(child: ChildProcess, job: GeneratorJob, options: DriverOptions): Promise<GeneratorPart> {
  const tell = (message: ToGenerator): void => {
    if (child.connected) child.send(message, () => {})
  }
  const complaints: string[] = []
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints.push(text)
    if (complaints.length > 50) complaints.shift()
  })
  let giveUp: NodeJS.Timeout | undefined
  const stop = (): void => {
    tell({ kind: 'stop' })
    giveUp = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS)
  }
  try {
    return await new Promise<GeneratorPart>((resolve, reject) => {
      const fail = (message: string): void => reject(new ForkwiseError('TRIAL_FAILED', { message }))
      child.once('error', (error) => fail(`The load generator could not be started: ${error.message}`))
      child.once('close', (code, signal) => {
        const last = complaints.join('').trim().split('\n').slice(-15).join('\n')
        fail(`The load generator ended early (${signal ?? `exit code ${code}`}).${last === '' ? '' : `\n${last}`}`)
      })
      child.on('message', (message: FromGenerator) => {
        if (message.kind === 'ready') {
          tell({ kind: 'run', job })
          if (options.signal.aborted) stop()
          else options.signal.addEventListener('abort', stop, { once: true })
        } else if (message.kind === 'counting') options.onCounting?.()
        else if (message.kind === 'counted') options.onCounted?.()
        else if (message.kind === 'progress') options.onProgress?.(message.progress)
        else if (message.kind === 'failed') fail(`The load generator failed: ${message.message}`)
        else resolve(message.part)
      })
    })
  } finally {
    clearTimeout(giveUp)
    options.signal.removeEventListener('abort', stop)
  }
}
