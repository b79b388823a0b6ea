import { countText } from '../analysis/wording.ts'
import { join } from 'node:path'
import { type PlannedWorkload, resolutionOf } from '../analysis/comparison/budget.ts'
import { analyse } from '../analysis/comparison/comparison.ts'
import { shouldStop } from '../analysis/comparison/stopping.ts'
import { kindOf } from '../analysis/comparison/summary.ts'
import { startDependency } from '../cluster/dependency.ts'
import type { ServerModel } from '../cluster/model.ts'
import { openSession, type ReapReport } from '../cluster/session.ts'
import { resultJson } from '../core/estimate.ts'
import { machineFacts } from '../core/machine.ts'
import { EXIT, type ExitCode, ForkwiseError } from '../core/errors.ts'
import type { Workload } from '../core/load.ts'
import { formatDuration, formatRate } from '../core/quantities.ts'
import type { Manifest, RecordedWorkload, Result, TrialRecord } from '../core/records.ts'
import { ruleFile } from '../dashboards/rules/rule-files.ts'
import { readCertificate } from '../loadtest/certificate.ts'
import { type ExperimentEvents, runExperiment } from '../experiments/comparison/blocks.ts'
import { openObservation } from '../loadtest/observation/open-observation.ts'
import { HostMeter } from '../loadtest/host.ts'
import { trialCount } from '../experiments/comparison/plan.ts'
import { readRun, RunStore, type StoredRun } from '../store/comparison-folder.ts'
import { renderCsv } from '../report/csv.ts'
import { renderHtml } from '../report/html/report.ts'
import { renderMarkdown } from '../report/markdown.ts'
import { renderText } from '../report/text.ts'
import type { AssertionOutcome } from '../report/assertion-outcome.ts'
import type { Terminal } from './command.ts'
import { shellQuoted } from './compare/reproducing-command.ts'
import { requireFitMachine } from '../experiments/fitness.ts'
import { judgeThresholds, NO_THRESHOLDS, type Thresholds } from './thresholds.ts'
import { Progress } from './progress.ts'

/** A comparison that is ready to run: everything was checked, nothing was started. */
export interface Comparison {
  readonly manifest: Manifest
  readonly models: readonly ServerModel[]
  readonly workloads: readonly Workload[]
  readonly cores: number
  readonly dir: string
  /** Who reads its series beside the recorder: a private Prometheus, the user's own by a folder, or nobody. */
  readonly reader: 'prometheus' | { readonly targetsDir: string } | null
  /** The run to go on with, or null for a new one. */
  readonly resumed: StoredRun | null
  readonly thresholds: Thresholds
  /** True to measure on a machine that is too unsteady to trust. */
  readonly anyway: boolean
}

/** Runs a comparison from its first launch to its report. Prints the result; gives the exit code. */
export async function runComparison(
  comparison: Comparison,
  output: { terminal: Terminal; json: boolean; signal: AbortSignal },
): Promise<ExitCode> {
  const { resumed, anyway } = comparison
  const { terminal, signal } = output
  const preflight = await requireFitMachine(new HostMeter(comparison.cores, []), { anyway, terminal, signal })
  const manifest = resumed === null ? { ...comparison.manifest, preflight } : comparison.manifest
  const store = resumed === null ? RunStore.create(comparison.dir) : RunStore.resume(resumed)
  if (resumed === null) {
    store.writeManifest(manifest)
    const certificate = readCertificate(machineFacts().id, manifest.forkwiseVersion)
    if (certificate !== null) store.writeCertificate(certificate)
  }
  announce(comparison, terminal)

  let watched = false
  const session = await openSession()
  try {
    noteReaped(session.reaped, terminal)
    const dependency = await startDependency(session, dependencyOptions(manifest, signal))
    const finished = resumed ?? { pilot: null, trials: [], blocks: [] }
    const progress = new Progress(
      terminal,
      trialCount(manifest.plan) + comparison.models.length - finished.trials.length,
      manifest.plan.expectedS,
    )
    const observation = await openObservation(
      { runId: manifest.id, dir: join(store.dir, 'series'), onProblem: (text) => progress.note(text) },
      comparison.reader === 'prometheus'
        ? { launch: session.createLaunch('prometheus'), rules: ruleFile(), port: 0, signal }
        : comparison.reader,
    )
    watched = observation.url !== null
    if (watched) terminal.note(`Prometheus is at ${observation.url} while the run lasts.`)
    try {
      await runExperiment({
        models: comparison.models,
        workloads: comparison.workloads,
        store,
        finished,
        isSettled: () => {
          const { stop, because } = shouldStop(readRun(store.dir))
          if (stop) progress.note(`Stopping early: ${because}`)
          return stop
        },
        events: progressEvents(progress, terminal),
        surroundings: {
          session,
          plan: manifest.plan,
          upstreamUrl: dependency.url,
          host: new HostMeter(comparison.cores, [dependency.pid]),
          cores: comparison.cores,
          observation,
          signal,
          onProgress: (figures) => progress.load(figures),
        },
      })
    } finally {
      progress.finish()
      await observation.close()
    }
  } catch (thrown) {
    if (signal.aborted) throw interrupted(store.dir)
    throw thrown
  } finally {
    await session.close()
  }
  const exitCode = reportRun(store.dir, output, comparison.thresholds)
  if (watched) {
    terminal.note(`Prometheus’ data is in ${join(store.dir, 'series', 'prometheus')}.`)
    terminal.note(`Ask it, with the dashboards or without: npx forkwise observe ${shellQuoted(store.dir)}`)
  }
  return exitCode
}

/** Makes every text of a results folder again from what was recorded, and prints the result. */
export function reportRun(
  dir: string,
  output: { terminal: Terminal; json: boolean },
  thresholds: Thresholds = NO_THRESHOLDS,
): ExitCode {
  const { terminal, json } = output
  const run = readRun(dir)
  const result = analyseRun(run)
  const { outcomes, missed } = judgeThresholds(thresholds, result, run.manifest)
  writeReports(run, result, outcomes)
  terminal.result(
    json
      ? resultJson(outcomes.length === 0 ? result : { ...result, assertions: outcomes }, 2)
      : renderText(result, {
          columns: terminal.columns,
          style: (kind, text) => terminal.style(kind, text),
          folder: run.dir,
          titles: workloadTitles(run.manifest),
          outcomes,
        }),
  )
  if (run.trials.some((trial) => trial.outcome === 'failed') || (run.pilot?.refused.length ?? 0) > 0) return EXIT.trial
  return missed ? EXIT.threshold : EXIT.ok
}

/** The result of a recorded run. Throws RESULT_INVALID when it has no finished trial. */
export function analyseRun(run: StoredRun): Result {
  if (run.pilot === null || run.trials.length === 0) {
    throw new ForkwiseError('RESULT_INVALID', {
      message: `Expected ${run.dir} to hold finished trials, got none.`,
      hint: `The run stopped before its first trial was over. Go on with it: forkwise compare --resume ${run.dir}`,
    })
  }
  return analyse(run.manifest, run.pilot, run.trials, run.blocks, run.histograms, run.certificate)
}

/** Says what dead runs had left behind, if anything. */
export function noteReaped(reaped: ReapReport, terminal: Terminal): void {
  if (reaped.sessions === 0) return
  terminal.note(`Cleared up after ${reaped.sessions} dead run(s): ${reaped.pids.length} process(es) ended.`)
}

function writeReports(run: StoredRun, result: Result, outcomes: readonly AssertionOutcome[]): void {
  const store = RunStore.resume(run)
  store.writeResult(result)
  store.writeText('report.md', renderMarkdown(result, run.manifest, outcomes))
  store.writeText('report.html', renderHtml(result, run, { outcomes }))
  store.writeText('cells.csv', renderCsv(result))
}

function workloadTitles(manifest: Manifest): Record<string, string> {
  return Object.fromEntries(manifest.workloads.map((workload) => [workload.id, workload.title]))
}

function announce(comparison: Comparison, terminal: Terminal): void {
  const { plan, machine } = comparison.manifest
  const kind = plan.kind === 'pilot' ? 'A pilot' : 'A comparison'
  terminal.note(
    `${terminal.style('strong', kind)} of ${plan.models.join(', ')} under ${plan.workloads.join(', ')}: ` +
      `${countText(plan.workers, 'worker')}, ${countText(plan.blocks, 'block')}, ${countText(trialCount(plan), 'trial')}, about ${formatDuration(plan.expectedS)}.`,
  )
  terminal.note(
    terminal.style(
      'faint',
      `${machine.cpu}, ${machine.cores} cores · Node ${machine.node} · seed ${plan.seed} · ${comparison.dir}` +
        (plan.placement === null ? ' · generator and server share the cores' : ''),
    ),
  )
  terminal.note(
    resolutionOf(plan.blocks, plan.models.length, comparison.manifest.workloads.map(plannedWorkload)).sentence,
  )
  for (const missing of comparison.manifest.unavailable) {
    terminal.note(terminal.style('warn', `${missing.model} cannot run here: ${missing.reason} ${missing.remedy}`))
  }
}

function plannedWorkload(workload: RecordedWorkload): PlannedWorkload {
  return { id: workload.id, kind: kindOf(workload.id, workload, null) }
}

function progressEvents(progress: Progress, terminal: Terminal): ExperimentEvents {
  let lastGroup = ''
  return {
    onModel: (model) => progress.step(`pilot: ${model}`),
    onRefused: (model, reason) => progress.note(terminal.style('warn', `${model} is left out: ${reason}`)),
    onPilotDone: (pilot) => {
      const rates = Object.entries(pilot.commonRates).map(([workload, rate]) => `${workload} ${formatRate(rate)}`)
      progress.note(`Rates for the latency slices: ${rates.join(', ')}.`)
    },
    onTrial: (trial) => {
      const group = `block ${trial.block}, ${trial.workload}`
      if (group !== lastGroup && !terminal.interactive) progress.note(group)
      lastGroup = group
      progress.step(`${group}: ${trial.model}${trial.sentinel ? ' again' : ''}`)
    },
    onTrialDone: (trial) => {
      const trouble = troubleOf(trial)
      if (trouble !== null) progress.note(terminal.style('warn', trouble))
      progress.advance()
    },
    onBlockDropped: (block) =>
      progress.note(
        terminal.style(
          'warn',
          `block ${block.block}, ${block.workload} is dropped and replaced: ${block.reasons[0] ?? ''}`,
        ),
      ),
    onWaiting: (foreignCores) =>
      progress.step(`waiting for other programs to become quiet (${foreignCores.toFixed(1)} cores busy)`),
  }
}

function troubleOf(trial: TrialRecord): string | null {
  if (trial.outcome === 'failed') return `${trial.id} failed: ${trial.error.message}`
  return trial.outcome === 'invalid' ? `${trial.id} is invalid: ${trial.reasons.join('; ')}` : null
}

function dependencyOptions(manifest: Manifest, signal: AbortSignal): { signal: AbortSignal; cpus?: readonly number[] } {
  const { placement } = manifest.plan
  return placement === null ? { signal } : { signal, cpus: placement.generator }
}

function interrupted(dir: string): ForkwiseError {
  return new ForkwiseError('INTERRUPTED', {
    message: `Interrupted. What was finished is kept in ${dir}.`,
    hint: `Go on with: npx forkwise compare --resume ${dir}`,
  })
}
