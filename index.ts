import type { CapacityResult } from './analysis/capacity/objective/capacity-result.ts'
import { calibrate as runCalibration, type CalibrationOutcome } from './experiments/calibration/calibrate.ts'
import { runHighestRate } from './experiments/capacity/highest-rate.ts'
import type { CapacityOutcome } from './experiments/capacity/measuring-run.ts'
import { runServerPlan } from './experiments/capacity/plan-servers.ts'
import { runScale } from './experiments/capacity/scale.ts'
import { type ComparisonOutcome, runComparison } from './experiments/comparison/comparison.ts'
import type {
  CompareOptions,
  HighestRateOptions,
  LabOptions,
  LoadOptions,
  ObserveOptions,
  PlanOptions,
  ResilienceOptions,
  ScaleOptions,
} from './experiments/options/options.ts'
import { type LabOutcome, runLab } from './experiments/lab/run.ts'
import { runLoad } from './experiments/load/load.ts'
import { observe as runObservation, type ObservationOutcome } from './experiments/observation/live.ts'
import type { LoadRecord } from './core/load.ts'
import { prepare } from './experiments/prepare.ts'
import { type ResilienceOutcome, runResilience } from './experiments/resilience/run.ts'
import { mapRun, prepareAndRun, type Run } from './experiments/run.ts'
import { writeCapacityReports } from './report/capacity/folder.ts'
import { writeReports } from './report/comparison-folder.ts'
import { writeLabReports } from './report/lab/folder.ts'
import { writeResilienceReports } from './report/resilience/folder.ts'
import { judgeThresholds } from './report/thresholds.ts'
import type { AssertionOutcome } from './report/assertion-outcome.ts'
import type { PlanResult, ScaleResult } from './store/capacity-findings.ts'

export { ForkwiseError, type ErrorCode, type Problem } from './core/errors.ts'
export type { Result, ResultCell, Verdict } from './core/records.ts'
export type { SetupHook, SetupResult } from './loadtest/setup-hook.ts'
export type { ExperimentEvent } from './experiments/events.ts'
export { defineConfig, type ForkwiseConfig } from './experiments/options/configuration.ts'
export type {
  CompareOptions,
  HighestRateOptions,
  LabOptions,
  LoadOptions,
  ObserveOptions,
  PlanOptions,
  ResilienceOptions,
  ScaleOptions,
} from './experiments/options/options.ts'
export type { Run } from './experiments/run.ts'

/** What every experiment takes beside its options. */
export interface RunOptions {
  /** Ends the run; it then rejects with INTERRUPTED, and nothing of it is left running. */
  readonly signal?: AbortSignal
}

/** What `compare` comes to: the result, and what became of each threshold of `assert`. */
export interface Compared extends ComparisonOutcome {
  readonly assertions: readonly AssertionOutcome[]
}

/** Compares server models, as `forkwise compare` does, and writes the reports into the results folder. */
export function compare(options: CompareOptions & RunOptions = {}): Run<Compared> {
  return fromCode(
    options,
    (asked, signal) => prepare.compare(asked, { signal }),
    (prepared, signal) =>
      mapRun(runComparison(prepared, signal), (outcome) => {
        const { run, result } = outcome
        const { outcomes: assertions } = judgeThresholds(prepared.thresholds, result, run)
        writeReports(run, result, assertions, 'all')
        return { ...outcome, assertions }
      }),
  )
}

/** Injects faults into server models under load, as `forkwise resilience` does. */
export function resilience(options: ResilienceOptions & RunOptions = {}): Run<ResilienceOutcome> {
  return fromCode(
    options,
    (asked) => prepare.resilience(asked),
    (prepared, signal) =>
      mapRun(runResilience(prepared, signal), (outcome) => {
        writeResilienceReports(outcome.run, outcome.result, 'all')
        return outcome
      }),
  )
}

/** Measures throughput and CPU for several worker counts, as `forkwise scale` does. */
export function scale(options: ScaleOptions & RunOptions): Run<CapacityOutcome<ScaleResult>> {
  return fromCode(
    options,
    (asked) => prepare.scale(asked),
    (prepared, signal) => reported(runScale(prepared, signal)),
  )
}

/** Finds the highest rate that meets an objective, as `forkwise capacity` does. */
export function highestRate(options: HighestRateOptions & RunOptions): Run<CapacityOutcome<CapacityResult>> {
  return fromCode(
    options,
    (asked) => prepare.highestRate(asked),
    (prepared, signal) => reported(runHighestRate(prepared, signal)),
  )
}

/** Says how many machines and workers a rate and an objective need, as `forkwise plan` does. */
export function planServers(options: PlanOptions & RunOptions): Run<CapacityOutcome<PlanResult>> {
  return fromCode(
    options,
    (asked) => prepare.plan(asked),
    (prepared, signal) => reported(runServerPlan(prepared, signal)),
  )
}

/** Runs one of the small experiments of the texts, as `forkwise lab` does; its claims are in `result.claims`. */
export function lab(options: LabOptions & RunOptions): Run<LabOutcome> {
  return fromCode(
    options,
    (asked) => prepare.lab(asked),
    (prepared, signal) =>
      mapRun(runLab(prepared, signal), (outcome) => {
        writeLabReports(outcome.dir, outcome.result, 'all')
        return outcome
      }),
  )
}

/** Drives one load at a server, as `forkwise load` does. */
export function load(options: LoadOptions & RunOptions): Run<LoadRecord> {
  return fromCode(
    options,
    (asked) => prepare.load(asked),
    (prepared, signal) => runLoad(prepared, signal),
  )
}

/** Runs a model until its time is over or the signal aborts, under load and faults if asked, as `forkwise observe` does. */
export function observe(options: ObserveOptions & RunOptions): Run<ObservationOutcome> {
  return fromCode(
    options,
    (asked) => prepare.observe(asked),
    (prepared, signal) => runObservation(prepared, signal),
  )
}

/** Proves the load generator on this machine, as `forkwise calibrate` does. */
export function calibrate({ signal = neverAborted() }: RunOptions = {}): Run<CalibrationOutcome> {
  return runCalibration(signal)
}

/** Prepares an experiment from its options, without those of {@link RunOptions}, and runs it. */
function fromCode<Options extends object, Prepared, Outcome>(
  { signal = neverAborted(), ...options }: Options & RunOptions,
  prepareFrom: (options: Options, signal: AbortSignal) => Promise<Prepared>,
  start: (prepared: Prepared, signal: AbortSignal) => Run<Outcome>,
): Run<Outcome> {
  return prepareAndRun(
    () => prepareFrom(options as unknown as Options, signal),
    (prepared) => start(prepared, signal),
  )
}

/** A signal of a run's own: listeners on one that all runs shared would add up. */
function neverAborted(): AbortSignal {
  return new AbortController().signal
}

function reported<T>(run: Run<CapacityOutcome<T>>): Run<CapacityOutcome<T>> {
  return mapRun(run, (outcome) => {
    if (outcome.dir !== null) writeCapacityReports(outcome.dir, 'all')
    return outcome
  })
}
