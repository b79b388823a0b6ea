import { messageOf } from '../core/errors.ts'
import { loadHistograms } from '../core/histogram.ts'
import type { EnginePart, PhaseEvents } from './drivers/closed-loop.ts'
import { planArrivals, shareOf } from './drivers/schedule.ts'
import { Steering } from './drivers/steering.ts'
import type { FromGenerator, GeneratorJob, ToGenerator } from './generator-protocol.ts'

/**
 * The program of a generator process. It receives a job over IPC, plans it, says that it is ready, begins on command,
 * reports phases, progress and its part, and then waits for the next job or to be let go. It ends when the channel to its
 * parent closes, whatever it is doing.
 */
let stopping = new AbortController()
let steering = new Steering()
const events: PhaseEvents = {
  counting: () => send({ kind: 'counting' }),
  counted: () => send({ kind: 'counted' }),
  progress: (progress) => send({ kind: 'progress', progress }),
}
let begin: ((startAtMonotonicMs: number) => Promise<EnginePart>) | undefined

process.on('disconnect', () => process.exit(0))
// Ctrl-C in a terminal, and its end, reach the whole group: the parent decides when to stop.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {})
process.on('message', (message: ToGenerator) => {
  if (message.kind === 'stop') stopping.abort()
  else if (message.kind === 'steer') steering.apply(message.policy)
  else void perform(message)
})

async function perform(message: Exclude<ToGenerator, { kind: 'stop' | 'steer' }>): Promise<void> {
  try {
    if (message.kind === 'prepare') {
      stopping = new AbortController()
      steering = new Steering()
      begin = await prepare(message.job, message.realTime)
      send({ kind: 'ready' })
    } else if (begin !== undefined) {
      const before = process.cpuUsage()
      const part = await begin(message.startAtMonotonicMs)
      const { user, system } = process.cpuUsage(before)
      send({ kind: 'done', part: { ...part, lifetimeCpuS: (user + system) / 1e6 } })
    }
  } catch (error) {
    send({ kind: 'failed', message: messageOf(error) })
  }
}

/** Loads the engine that the job needs, with its client, and no other. */
async function prepare(
  job: GeneratorJob,
  realTime: boolean,
): Promise<(startAtMonotonicMs: number) => Promise<EnginePart>> {
  const { load, requests, share } = job
  loadHistograms()
  const { signal } = stopping
  if (load.kind === 'closed') {
    const { runClosedLoop } = await import('./drivers/closed-loop.ts')
    return () => runClosedLoop(job, events, signal)
  }
  const { runOpenLoop } = await import('./drivers/open-loop.ts')
  const loopSteering = steering
  const schedule = shareOf(planArrivals(load, requests), share, load.seed)
  return (startAtMonotonicMs) =>
    runOpenLoop({ ...job, realTime }, schedule, startAtMonotonicMs, events, { signal, steering: loopSteering })
}

function send(message: FromGenerator): void {
  if (process.connected) process.send?.(message)
}
