import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningServer, ServerModel } from '../../cluster/model.ts'
import { answers } from '../../cluster/readiness.ts'
import type { Emit } from '../events.ts'

/** How often a server that lost a worker is looked at, in milliseconds. */
const LOOK_MS = 500

/**
 * Resolves, saying how, once a server is of no use any more: a part that is there once is gone (a supervisor, a proxy, a
 * broker), or nothing accepts connections. A worker that nobody replaces is reported, and the server goes on with the others.
 * Rejects when the signal aborts.
 */
export async function untilUseless(
  server: Pick<RunningServer, 'targets' | 'units' | 'ended'>,
  model: Pick<ServerModel, 'id'>,
  emit: Emit,
  signal: AbortSignal,
): Promise<{ readonly reason: string }> {
  const first = await server.units()
  const single = first.filter(({ role }) => role !== 'worker' && role !== 'thread')
  const { reason } = await server.ended
  for (let reported = false; ; reported = true) {
    const units = await server.units()
    const isGone = (pid: number): boolean => units.every((unit) => unit.pid !== pid)
    const accepting = await Promise.all(server.targets.map(({ origin }) => answers(origin, null)))
    if (single.some(({ pid }) => isGone(pid)) || !accepting.includes(true)) return { reason }
    if (!reported) {
      const text = `${reason}: nothing starts another under ${model.id}, and the server goes on without it.`
      emit({ type: 'note', level: 'warning', text })
    }
    await sleep(LOOK_MS, undefined, { signal })
  }
}
