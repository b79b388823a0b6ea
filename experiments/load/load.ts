import { resolveLoopback } from '../../cluster/loopback.ts'
import type { Load, LoadRecord, WorkloadRequest } from '../../core/load.ts'
import type { DriverOptions } from '../../loadtest/driver.ts'
import { type Instrument, REAL_INSTRUMENT } from '../../loadtest/instrument.ts'
import { newRunId } from '../../store/run-identity.ts'
import { type LoadAgents, withAgents } from '../load-agents.ts'
import { type Run, startRun } from '../run.ts'

/** One address that is to be loaded with one request. */
export interface PreparedLoad {
  readonly url: URL
  readonly request: WorkloadRequest
  readonly load: Load
  /** Who sends it, where not this machine. */
  readonly agents: LoadAgents | null
}

/**
 * Loads an address, from this machine or from agents, with live figures once a second. A signal that aborts ends the load; what was counted so far is the
 * result. Rejects with
 * TARGET_UNREACHABLE when nothing answers there, and with AGENT_UNAVAILABLE when an agent is not there or refuses.
 */
export function runLoad(
  { url, request, load, agents }: PreparedLoad,
  signal: AbortSignal,
  instrument: Pick<Instrument, 'drive'> = REAL_INSTRUMENT,
): Run<LoadRecord> {
  return startRun(async (emit) => {
    const id = newRunId('load')
    emit({ type: 'run-started', experiment: 'load', id, dir: null, steps: null, expectedS: load.durationS })
    const options: DriverOptions = { signal, onProgress: (progress) => emit({ type: 'load', progress }) }
    if (agents !== null) {
      return withAgents(agents, signal, async (drive) =>
        drive([url], { id: 'load', requests: [request] }, load, options),
      )
    }
    const target = url.protocol === 'http:' ? await resolveLoopback(url) : url
    const headers = target === url ? request.headers : { host: url.host, ...request.headers }
    const asked = headers === undefined ? request : { ...request, headers }
    return instrument.drive([target], { id: 'load', requests: [asked] }, load, options)
  })
}
