import { formatRate } from '../../core/quantities.ts'
import type {
  FaultedCell,
  RecordedFault,
  RequestLedger,
  ResilienceCell,
  ResilienceManifest,
  ResilienceModel,
  ResilienceRates,
  ResilienceResult,
  ResilienceRow,
} from '../../core/resilience-record.ts'
import { otherNodesSentence, pythonSentence } from '../node-versions.ts'
import { recoveryOf } from './recovery.ts'
import { explain, summarise } from './resilience-wording.ts'
import { countText, listText } from '../wording.ts'

/** CPU of other programs, in cores, from which on a cell is called disturbed. */
const DISTURBED_CORES = 0.2

/** Requests per second below which a count says little: a worker may have none when a fault comes. */
const FEW_PER_S = 20

/** Errors that a row names. */
const ERROR_SAMPLES = 3

/** Every figure and sentence of a resilience run, from what was recorded; pure. */
export function analyseResilience(
  manifest: ResilienceManifest,
  rates: ResilienceRates | null,
  cells: readonly ResilienceCell[],
): ResilienceResult {
  const faulted = cells.filter((cell) => cell.outcome === 'faulted')
  const rows = manifest.faults.flatMap((fault) =>
    manifest.models.flatMap((model) => {
      const own = faulted.filter((cell) => cell.fault === fault.id && cell.model === model.id)
      return own.length === 0 ? [] : [rowOf(own, fault, model)]
    }),
  )
  const failedCells = cells.flatMap((cell) =>
    cell.outcome === 'failed' ? [{ model: cell.model, fault: cell.fault, message: cell.error.message }] : [],
  )
  const failedModels = (rates?.failed ?? []).map(({ model, message }) => ({ model, fault: null, message }))
  return {
    schema: 'forkwise/resilience@2',
    id: manifest.id,
    machine: manifest.machine,
    plan: manifest.plan,
    capacities: rates?.capacities ?? [],
    ratePerS: rates?.ratePerS ?? 0,
    summary: manifest.faults.flatMap((fault) =>
      summarise(
        fault,
        rows.filter((row) => row.fault === fault.id),
        manifest.models,
      ),
    ),
    faults: manifest.faults,
    rows,
    notOffered: manifest.notOffered,
    failed: [...failedModels, ...failedCells],
    unavailable: manifest.unavailable,
    notes: notesOf(manifest, rates, faulted, rows),
  }
}

/** True when a model that promises a reload without a failed request broke it. */
export function breaksPromise({ rows }: ResilienceResult): boolean {
  return rows.some(({ promise }) => promise === 'broken')
}

function rowOf(cells: readonly FaultedCell[], fault: RecordedFault, model: ResilienceModel): ResilienceRow {
  const ledgers = cells.map(({ faulted, extra }) => (extra === null ? faulted : sumOf(faulted, extra)))
  const recoveries = cells.map((cell) => recoveryOf(cell, fault))
  const row: Omit<ResilienceRow, 'because'> = {
    model: model.id,
    fault: fault.id,
    repeats: cells.length,
    sent: ledgers.map(({ sent }) => sent),
    ok: ledgers.map(({ ok }) => ok),
    connectionErrors: ledgers.map(({ connectionErrors }) => connectionErrors),
    non2xx: ledgers.map(({ non2xx }) => non2xx),
    hung: ledgers.map(({ timeouts }) => timeouts),
    unfinished: ledgers.map(({ unsent, inFlightAtEnd }) => unsent + inFlightAtEnd),
    slowed: ledgers.map(({ slowed }) => slowed),
    slowLimitMs: cells.map(({ slowLimitMs }) => slowLimitMs),
    failedBefore: cells.map(({ baseline }) => failedIn(baseline)),
    fullStrengthS: recoveries.map(({ fullS }) => fullS),
    unitsBackS: recoveries.map(({ unitsS }) => unitsS),
    rateBackS: recoveries.map(({ rateS }) => rateS),
    watchedS: cells.map(({ watchedS }) => watchedS),
    facts: cells.map(({ injection }) => injection.facts),
    errors: errorsOf(cells),
    promise: fault.id === 'reload' && model.reload === 'clean' ? promiseOf(ledgers) : null,
  }
  return { ...row, because: explain(row, model) }
}

function promiseOf(ledgers: readonly RequestLedger[]): 'kept' | 'broken' {
  return ledgers.every((ledger) => failedIn(ledger) === 0) ? 'kept' : 'broken'
}

function failedIn({ non2xx, connectionErrors, timeouts, unsent, inFlightAtEnd }: RequestLedger): number {
  return non2xx + connectionErrors + timeouts + unsent + inFlightAtEnd
}

function sumOf(a: RequestLedger, b: RequestLedger): RequestLedger {
  return {
    sent: a.sent + b.sent,
    ok: a.ok + b.ok,
    non2xx: a.non2xx + b.non2xx,
    connectionErrors: a.connectionErrors + b.connectionErrors,
    timeouts: a.timeouts + b.timeouts,
    unsent: a.unsent + b.unsent,
    inFlightAtEnd: a.inFlightAtEnd + b.inFlightAtEnd,
    slowed: a.slowed + b.slowed,
  }
}

function errorsOf(cells: readonly FaultedCell[]): ResilienceRow['errors'] {
  const counts = new Map<string, number>()
  for (const { errors } of cells) {
    for (const { message, count } of errors) counts.set(message, (counts.get(message) ?? 0) + count)
  }
  return [...counts]
    .map(([message, count]) => ({ message, count }))
    .toSorted((a, b) => b.count - a.count)
    .slice(0, ERROR_SAMPLES)
}

function notesOf(
  { plan, models, machine }: ResilienceManifest,
  rates: ResilienceRates | null,
  faulted: readonly FaultedCell[],
  rows: readonly ResilienceRow[],
): string[] {
  const unlike = rows.filter(({ failedBefore }) => failedBefore.some((count) => count > 0))
  const disturbed = faulted.filter(({ foreignCores }) => foreignCores > DISTURBED_CORES)
  const runtimes = [otherNodesSentence(models, machine.node), pythonSentence(models)].filter(
    (sentence) => sentence !== null,
  )
  const single = rows.filter(({ repeats }) => repeats === 1)
  return [
    ...(rates === null
      ? []
      : [
          `All models are asked for ${formatRate(rates.ratePerS)}, ${Math.round(plan.share * 100)} % of the lowest capacity among them, in an open loop: clients come at their instants, whatever the server does. Two thirds of them come with a connection of their own.`,
        ]),
    ...(rates !== null && rates.ratePerS < FEW_PER_S
      ? [
          `${formatRate(rates.ratePerS)} is little: a worker may have no request at all when the fault comes, so that small counts say nothing. The machine was busy when capacity was measured, or a model is slow here.`,
        ]
      : []),
    `A request is hung when it had no answer ${plan.timeoutS} s after it was sent; it is slowed when its good answer took longer than twice the 99th percentile of the load before the fault, or 50 ms if that is more.`,
    'Full strength: every unit of the topology is in service again (looked at every 25 ms) and the answers keep up with the requests, most of them not slow (judged by whole seconds). After an overload or crashing starts it counts from their end, else from the injection.',
    `Supervisors that listen for signs of life replace a worker after ${plan.heartbeatTimeoutS} s of silence here, so that it can be seen; by default after 30 s.`,
    ...runtimes,
    ...(single.length === 0
      ? []
      : [
          single.length === rows.length
            ? 'Every count is from one launch: it shows what can happen, not how often.'
            : `Counts from one launch alone: ${listText(single.map(({ model, fault }) => `${model} under ${fault}`))}.`,
        ]),
    ...(unlike.length === 0
      ? []
      : [
          `Requests failed before anything was done to the server: ${listText(unlike.map(({ model, fault }) => `${model} under ${fault}`))}. Trust their counts less.`,
        ]),
    ...(disturbed.length === 0
      ? []
      : [
          `Other programs used more than ${DISTURBED_CORES} cores during ${countText(disturbed.length, 'launch')} of ${faulted.length}: slowed requests and times may be theirs.`.replace(
            'launchs',
            'launches',
          ),
        ]),
  ]
}
