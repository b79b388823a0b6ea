import type { RunningServer } from '../../cluster/model.ts'
import type { LoadRecord, Workload } from '../../core/load.ts'
import type { Instrument } from '../../loadtest/instrument.ts'
import type { Observation } from '../../loadtest/observation/observation.ts'
import type { ExtraLoad, Fault, Injection, Scene } from './fault.ts'

/** Connections that an extra open loop may have at once: enough for every request of a timeout's length at any rate here. */
const CONNECTIONS = 1024

/** Where a fault is to be injected, as whoever injects it knows it. */
export interface Setting extends Omit<Scene, 'injected' | 'lastsS' | 'mayAsk' | 'drive'> {
  /** Seconds for which a fault that lasts is kept up, where it is not as long as the fault says. */
  readonly lastsS?: number
  /** Whether a fault may send requests of its own to the built-in app; not unless it is set. */
  readonly mayAsk?: boolean
  readonly instrument: Pick<Instrument, 'drive'>
  /** What an extra load asks for. */
  readonly workload: Pick<Workload, 'id' | 'requests'>
  readonly timeoutS: number
  readonly seed: number
  /** CPUs of the generator; absent where it shares them. */
  readonly cpus?: readonly number[]
}

/** A fault that is over. */
export interface FinishedInjection {
  readonly injection: Injection
  /** The moment of the injection, of `performance.now()`. */
  readonly atMs: number
  readonly tookS: number
}

/** Injects a fault and resolves when it is over; the observation has it as active from the injection on until then. */
export async function injectFault(
  fault: Fault,
  server: RunningServer,
  setting: Setting,
  observation: Pick<Observation, 'fault'>,
): Promise<FinishedInjection> {
  let atMs: number | null = null
  const injected = (): void => {
    if (atMs !== null) return
    atMs = performance.now()
    observation.fault(fault.id, true)
  }
  try {
    const { model, workers, ratePerS, capacityPerS, dir, signal, lastsS = fault.lastsS, mayAsk = false } = setting
    const drive: Scene['drive'] = (target, load) => driveExtra(target, load, setting, injected)
    const scene: Scene = { model, workers, ratePerS, capacityPerS, dir, signal, lastsS, mayAsk, injected, drive }
    const injection = await fault.inject(server, scene)
    const endMs = performance.now()
    return { injection, atMs: atMs ?? endMs, tookS: injection.tookS ?? (endMs - (atMs ?? endMs)) / 1000 }
  } finally {
    if (atMs !== null) observation.fault(fault.id, false)
  }
}

function driveExtra(
  server: RunningServer,
  load: ExtraLoad,
  { instrument, workload, timeoutS, seed, cpus, signal }: Setting,
  onCounting: () => void,
): Promise<LoadRecord> {
  return instrument.drive(
    server.targets,
    workload,
    load.kind === 'closed'
      ? { ...load, timeoutS, seed }
      : { ...load, timeoutS, seed, arrivals: 'poisson', warmupS: 0, maxConnections: CONNECTIONS },
    { signal, onCounting, ...(cpus === undefined ? {} : { cpus }) },
  )
}
