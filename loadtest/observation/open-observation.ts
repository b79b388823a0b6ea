import { messageOf } from '../../core/errors.ts'
import { startFolderObservation } from './folder-observation.ts'
import type { Observation, ObservationOptions } from './observation.ts'
import { type PrometheusObservationOptions, startPrometheusObservation } from './prometheus-observation.ts'
import { startRecorder } from './recorder.ts'

/** Who takes the series in beside or instead of the recorder. */
export type Reader =
  /** A Prometheus of ours. */
  | Pick<PrometheusObservationOptions, 'launch' | 'rules' | 'port' | 'signal'>
  /** The user's own Prometheus, which finds the units in this folder. */
  | { readonly targetsDir: string }

/**
 * Opens the observation of a run: with a Prometheus of its own, with the user's beside the recorder, or with the
 * recorder alone (null). When the reader cannot be had, the recorder stands in alone and the reason is reported
 * as a problem, so that the run itself goes on; only an abort rejects.
 */
export async function openObservation(options: ObservationOptions, reader: Reader | null): Promise<Observation> {
  if (reader === null) return startRecorder(options)
  try {
    if (!('targetsDir' in reader)) return await startPrometheusObservation({ ...options, ...reader })
    const announcing = await startFolderObservation({ ...options, dir: reader.targetsDir })
    return together(await startRecorder(options), announcing)
  } catch (thrown) {
    if ('signal' in reader) reader.signal.throwIfAborted()
    options.onProblem(`${messageOf(thrown)} The series are recorded without Prometheus instead.`)
    return startRecorder(options)
  }
}

/** Two observations of the same run; what is asked of it, the first one answers. */
function together(first: Observation, second: Observation): Observation {
  return {
    url: first.url,
    unitsChanged(launch, units) {
      first.unitsChanged(launch, units)
      second.unitsChanged(launch, units)
    },
    phase(name) {
      first.phase(name)
      second.phase(name)
    },
    progress(progress) {
      first.progress(progress)
      second.progress(progress)
    },
    loadEnded(record) {
      first.loadEnded(record)
      second.loadEnded(record)
    },
    fault(name, active) {
      first.fault(name, active)
      second.fault(name, active)
    },
    async launched(launch) {
      await Promise.all([first.launched(launch), second.launched(launch)])
    },
    async trialEnded(launch) {
      const [counts] = await Promise.all([first.trialEnded(launch), second.trialEnded(launch)])
      return counts
    },
    trouble(sinceMs) {
      return [...first.trouble(sinceMs), ...second.trouble(sinceMs)]
    },
    async close() {
      const [place] = await Promise.all([first.close(), second.close()])
      return place
    },
  }
}
