/** How a process was asked to leave. */
export interface DepartureRequest {
  /** `SIGTERM`, `SIGINT`, `message` (IPC) or `disconnect`: whoever started the process is gone. */
  readonly by: 'SIGTERM' | 'SIGINT' | 'message' | 'disconnect'
  /** Seconds for the requests in flight: of the message if it names them, 0 when nobody is left to wait for, else null. */
  readonly graceS: number | null
}

/**
 * Calls `leave` once, when the process is first asked to: SIGTERM, SIGINT, an IPC message `shutdown` (PM2 sends the
 * string, our supervisors `{ type: 'shutdown', graceS }`), or the end of the IPC channel. Then exits with 0. Whatever
 * comes later is ignored, since Ctrl-C reaches a whole process group besides what its supervisor sends.
 */
export function leaveWhenAsked(leave: (request: DepartureRequest) => Promise<void>): void {
  let leaving = false
  const ask = (request: DepartureRequest): void => {
    if (leaving) return
    leaving = true
    leave(request).then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => ask({ by: 'SIGTERM', graceS: null }))
  process.on('SIGINT', () => ask({ by: 'SIGINT', graceS: null }))
  process.on('disconnect', () => ask({ by: 'disconnect', graceS: 0 }))
  if (process.send && !process.connected) ask({ by: 'disconnect', graceS: 0 })
  process.on('message', (message: unknown) => {
    if (message === 'shutdown') ask({ by: 'message', graceS: null })
    else if (isShutdown(message)) ask({ by: 'message', graceS: message.graceS ?? null })
  })
}

/** Type of the message of a process that is in service. The app may send messages of its own, and call them `ready`. */
export const READY_MESSAGE = 'forkwise:ready'

/**
 * Tells whoever started the process over IPC that it is in service: our supervisors, and PM2's `wait_ready`. That nobody
 * is there any more to hear it is not an error here: the end of the channel is.
 */
export function announceReady(): void {
  for (const message of [{ type: READY_MESSAGE }, 'ready']) {
    process.send?.(message, undefined, undefined, () => undefined)
  }
}

function isShutdown(message: unknown): message is { type: 'shutdown'; graceS?: number } {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'shutdown'
}
