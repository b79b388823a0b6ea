import { fork } from 'node:child_process'
import { compiled } from '../../core/paths.ts'
import { realTimeWords } from '../real-time.ts'

/** A running server of known behaviour. */
export interface KnownServer {
  readonly url: URL
  readonly pid: number
  /** Requests it received and answered. */
  counts(): Promise<{ readonly arrived: number; readonly answered: number }>
  /** Ends it; idempotent. */
  stop(): Promise<void>
}

/**
 * Starts the server of known behaviour (known-server.ts says what it can do) in a process of its own. `realTime` gives
 * it real-time priority where that is permitted: a server that has to answer after a given delay must not wait for a
 * core itself. Not for one that a closed loop keeps busy, which would leave no core to others.
 */
export async function startKnownServer(seed: number = 1, realTime: boolean = false): Promise<KnownServer> {
  const [execPath, ...execArgv] = [...((realTime ? await realTimeWords() : null) ?? []), process.execPath]
  const child = fork(compiled('loadtest/calibration/known-server.js'), [String(seed)], {
    execPath,
    execArgv,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message: { port: number }) => resolve(message.port))
    child.once('error', reject)
    child.once('close', () => reject(new Error('Expected the server of known behaviour to start, but it ended.')))
  })
  const url = new URL(`http://127.0.0.1:${port}`)
  return {
    url,
    pid: child.pid ?? 0,
    counts: async () => {
      const answer = await fetch(new URL('/counts', url))
      return (await answer.json()) as { arrived: number; answered: number }
    },
    stop: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
