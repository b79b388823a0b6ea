import type { Observation } from '../../loadtest/observation/observation.ts'
import type { Emit } from '../events.ts'

/** An observation that also publishes what it receives: phases, units, faults and live figures become events of the run. */
export function announcingObservation(observation: Observation, emit: Emit): Observation {
  return {
    get url() {
      return observation.url
    },
    phase: (phase, launch) => {
      emit({ type: 'phase', phase, ...(launch !== undefined && { launch }) })
      observation.phase(phase)
    },
    unitsChanged: (launch, units) => {
      emit({ type: 'units', launch, units })
      observation.unitsChanged(launch, units)
    },
    fault: (fault, active) => {
      emit({ type: 'fault', fault, active })
      observation.fault(fault, active)
    },
    progress: (progress) => {
      emit({ type: 'load', progress })
      observation.progress(progress)
    },
    loadEnded: (record) => observation.loadEnded(record),
    launched: (launch) => observation.launched(launch),
    trialEnded: (launch) => observation.trialEnded(launch),
    trouble: (sinceMs) => observation.trouble(sinceMs),
    close: () => observation.close(),
  }
}
