import { messageOf } from '../../core/errors.ts'
import type { Observation, ObservationOptions } from './observation.ts'
import { type PrometheusObservationOptions, startPrometheusObservation } from './prometheus-observation.ts'
import { startRecorder } from './recorder.ts'

/**
 * Opens the observation of a run: with a Prometheus of its own when `prometheus` says how, else with the recorder.
 * When Prometheus cannot be started the recorder takes its place and the reason is told as a problem, so that the run
 * itself goes on; only an abort rejects.
 */
export async function openObservation(
  options: ObservationOptions,
  prometheus: Pick<PrometheusObservationOptions, 'launch' | 'rules' | 'port' | 'signal'> | null,
): Promise<Observation> {
  if (prometheus === null) return startRecorder(options)
  try {
    return await startPrometheusObservation({ ...options, ...prometheus })
  } catch (thrown) {
    prometheus.signal.throwIfAborted()
    options.onProblem(`${messageOf(thrown)} The series are recorded without Prometheus instead.`)
    return startRecorder(options)
  }
}
