import { messageOf } from '../core/errors.ts'
import { runClosedLoop, type PhaseEvents } from './drivers/closed-loop.ts'
import type { FromGenerator, GeneratorJob, GeneratorPart, ToGenerator } from './generator-protocol.ts'

/**
 * The program of a generator process. It is told one job over IPC, reports phases, progress and its part, and then
 * waits to be let go. It ends when the channel to its parent closes, whatever it is doing.
 */
const stopping = new AbortController()

process.on('disconnect', () => process.exit(0))
// Ctrl-C in a terminal reaches the whole group: the parent decides when to stop.
process.on('SIGINT', () => {})
process.on('message', (message: ToGenerator) => {
  if (message.kind === 'stop') stopping.abort()
  else void perform(message.job)
})
tell({ kind: 'ready' })

async function perform(job: GeneratorJob): Promise<void> {
  const events: PhaseEvents = {
    counting: () => tell({ kind: 'counting' }),
    counted: () => tell({ kind: 'counted' }),
    progress: (progress) => tell({ kind: 'progress', progress }),
  }
  try {
    tell({ kind: 'done', part: await run(job, events) })
  } catch (error) {
    tell({ kind: 'failed', message: messageOf(error) })
  }
}

async function run(job: GeneratorJob, events: PhaseEvents): Promise<GeneratorPart> {
  return runClosedLoop(job, events, stopping.signal)
}

function tell(message: FromGenerator): void {
  if (process.connected) process.send?.(message)
}
