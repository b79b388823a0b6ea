import { formatCount } from '../../core/quantities.ts'
import type { MeasuredTrial, Reconciliation, TrialRecord } from '../../core/records.ts'
import { countText } from '../wording.ts'

/** Share of a trial's answers by which its stored series may be off: what they miss, figures over time miss too. */
const STORED_TOLERANCE = 0.01

/**
 * What client, servers and stored series counted, in a sentence: that they agree, or in how many trials they do
 * not, with one example. Empty where no server counted.
 */
export function countNotes(trials: readonly TrialRecord[]): string[] {
  const counted = trials.filter(
    (trial): trial is MeasuredTrial => trial.outcome !== 'failed' && trial.reconciliation.serverAnswered !== null,
  )
  if (counted.length === 0) return []
  const [first, ...more] = counted.filter(
    ({ reconciliation }) => !reconciliation.agrees || storedDisagrees(reconciliation),
  )
  if (first !== undefined) {
    const others = more.length === 0 ? '' : 'e.g. '
    return [
      `Counts disagree in ${more.length + 1} of ${countText(counted.length, 'trial')}, ${others}${first.id}: ${countsText([first])}.`,
    ]
  }
  const busier = counted.filter(
    ({ reconciliation: { serverAnswered, clientSent } }) => (serverAnswered ?? 0) > clientSent,
  )
  if (busier.length > 0) {
    return [
      `The servers answered more than the client asked for in ${busier.length} of ${countText(counted.length, 'trial')} (${countsText(busier)}): the app calls itself, and what that costs is in its figures.`,
    ]
  }
  const inFlight = counted.reduce(
    (total, { reconciliation: { serverAnswered, clientAnswered } }) => total + (serverAnswered ?? 0) - clientAnswered,
    0,
  )
  const why = inFlight > 0 ? ` (${formatCount(inFlight)} were in flight when a slice ended)` : ''
  return [
    `Counts agree in ${counted.length === 1 ? 'the one trial' : `all ${counted.length} trials`}: ${countsText(counted)}${why}.`,
  ]
}

/** Requests in flight when a slice ended are in the series and not received: the series may hold as many as were sent. */
function storedDisagrees({ stored, clientAnswered, clientSent }: Reconciliation): boolean {
  if (typeof stored !== 'number') return false
  const tolerance = STORED_TOLERANCE * clientAnswered
  return stored < clientAnswered - tolerance || stored > clientSent + tolerance
}

function countsText(trials: readonly MeasuredTrial[]): string {
  const sum = (count: (reconciliation: Reconciliation) => number | null | undefined): string =>
    formatCount(trials.reduce((total, { reconciliation }) => total + (count(reconciliation) ?? 0), 0))
  const watched = trials.some(({ reconciliation }) => typeof reconciliation.stored === 'number')
  return [
    `${sum(({ clientAnswered }) => clientAnswered)} answers received`,
    `${sum(({ serverAnswered }) => serverAnswered)} given`,
    ...(watched ? [`${sum(({ stored }) => stored)} in the stored series`] : []),
  ].join(', ')
}
