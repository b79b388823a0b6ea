import type { TrialRecord } from '../../core/records.ts'
import { significant } from '../../core/quantities.ts'

/** Share of requests that may fail before it is said beside the verdict; trials above it are invalid, too. */
const FAILURE_LIMIT = 0.01

/**
 * What share of the requests at saturation failed over all trials, valid or not, and how most often, as a clause; null
 * while that is at most one in a hundred.
 */
export function failureText(trials: readonly TrialRecord[]): string | null {
  const loads = trials.flatMap((trial) => (trial.outcome === 'failed' ? [] : [trial.saturation.load]))
  const sent = loads.reduce((sum, load) => sum + load.sent, 0)
  const failed = loads.reduce((sum, load) => sum + load.non2xx + load.timeouts + load.connectionErrors, 0)
  if (!(failed / sent > FAILURE_LIMIT)) return null
  const counts = new Map<string, number>()
  for (const { message, count } of loads.flatMap((load) => load.errorSamples)) {
    counts.set(message, (counts.get(message) ?? 0) + count)
  }
  const [worst] = [...counts].toSorted(([, a], [, b]) => b - a)
  const how = worst === undefined ? '' : `, most often: ${worst[0]}`
  const limited = worst?.[0] === 'status 429' ? ' (the app limits its rate)' : ''
  return `${significant((100 * failed) / sent)} % of the requests at saturation failed${how}${limited}`
}
