import { NO_THRESHOLDS, type Thresholds } from '../analysis/comparison/assertion.ts'
import { type PlannedWorkload, resolutionOf } from '../analysis/comparison/budget.ts'
import { kindOf } from '../analysis/comparison/summary.ts'
import { countText } from '../analysis/wording.ts'
import { resultJson } from '../core/estimate.ts'
import { EXIT, type ExitCode } from '../core/errors.ts'
import { formatDuration } from '../core/quantities.ts'
import type { RecordedWorkload, Result } from '../core/records.ts'
import { analyseRun, type PreparedComparison, runComparison } from '../experiments/comparison/comparison.ts'
import { trialCount } from '../experiments/comparison/plan.ts'
import { workloadTitles, writeReports } from '../report/comparison-folder.ts'
import type { WhichTexts } from '../store/folder.ts'
import { type ClaimedStatement, claimText, judgeClaim } from '../report/claim.ts'
import { renderText, type TextStyle } from '../report/text.ts'
import { judgeThresholds } from '../report/thresholds.ts'
import { readRun, type StoredRun } from '../store/comparison-folder.ts'
import type { Invocation, Terminal } from './command.ts'
import { shellQuoted } from './compare/reproducing-command.ts'
import { narrateLive } from './live-option.ts'

/** Where a result is printed. */
interface Output {
  readonly terminal: Terminal
  readonly json: boolean
}

/** Runs a comparison, prints what it does, and then its result, with the verdict on a claim; gives the exit code. */
export async function compareAndReport(
  prepared: PreparedComparison,
  output: Output & Pick<Invocation, 'signal' | 'values'>,
  claim: ClaimedStatement | null = null,
): Promise<ExitCode> {
  const { terminal, signal } = output
  const onStarted = (): void => announce(prepared, terminal)
  const { run, result } = await narrateLive(() => runComparison(prepared, signal), output, { onStarted })
  const exitCode = printRun(run, result, output, prepared.thresholds, 'all', claim)
  if (prepared.reader === 'prometheus') {
    terminal.note(`Query its series, with the dashboards or without: npx forkwise observe ${shellQuoted(run.dir)}`)
  }
  return exitCode
}

/** Reads a results folder, writes its texts, all or those that are missing, and prints the result. */
export function reportRun(
  dir: string,
  output: Output,
  thresholds: Thresholds = NO_THRESHOLDS,
  which: WhichTexts = 'missing',
): ExitCode {
  const run = readRun(dir)
  for (const note of run.notes) output.terminal.note(note)
  return printRun(run, analyseRun(run), output, thresholds, which)
}

function printRun(
  run: StoredRun,
  result: Result,
  { terminal, json }: Output,
  thresholds: Thresholds,
  which: WhichTexts,
  claim: ClaimedStatement | null = null,
): ExitCode {
  const { outcomes, missed } = judgeThresholds(thresholds, result, run)
  writeReports(run, result, outcomes, which)
  const verdict = claim === null ? null : judgeClaim(claim, outcomes)
  const style: TextStyle = (kind, text) => terminal.style(kind, text)
  const asserted = outcomes.length === 0 ? {} : { assertions: outcomes }
  terminal.result(
    json
      ? resultJson({ ...result, ...asserted, ...(verdict === null ? {} : { claim: verdict }) }, 2)
      : [
          renderText(result, {
            columns: terminal.columns,
            style,
            folder: run.dir,
            titles: workloadTitles(run.manifest),
            outcomes,
          }),
          ...(verdict === null ? [] : ['', claimText(verdict, outcomes, style)]),
        ].join('\n'),
  )
  if (hasFailures(run)) return EXIT.trial
  const unmeasured = unmeasuredWorkloads(run)
  if (unmeasured.length > 0) {
    terminal.note(
      terminal.style('warn', `No trial of ${unmeasured.join(', ')} can be used: there is no result for it.`),
    )
    return EXIT.trial
  }
  return missed ? EXIT.threshold : EXIT.ok
}

/** Whether a model was left out, or a trial failed in a block that no other one replaced. */
function hasFailures({ pilot, trials, blocks }: StoredRun): boolean {
  const dropped = new Set(blocks.filter((block) => !block.kept).map(({ workload, block }) => `${workload} ${block}`))
  const failed = trials.filter(({ outcome }) => outcome === 'failed')
  return (pilot?.refused.length ?? 0) > 0 || failed.some(({ workload, block }) => !dropped.has(`${workload} ${block}`))
}

/** Workloads without a valid trial in any block that the gates let through. */
function unmeasuredWorkloads({ manifest, trials, blocks }: StoredRun): string[] {
  const kept = new Set(blocks.filter((block) => block.kept).map(({ workload, block }) => `${workload} ${block}`))
  const measured = trials.filter(
    ({ outcome, workload, block }) => outcome === 'valid' && kept.has(`${workload} ${block}`),
  )
  return manifest.plan.workloads.filter((id) => measured.every(({ workload }) => workload !== id))
}

function announce(prepared: PreparedComparison, terminal: Terminal): void {
  const { plan, machine } = prepared.manifest
  const kind = plan.kind === 'pilot' ? 'A pilot' : 'A comparison'
  terminal.note(
    `${terminal.style('strong', kind)} of ${plan.models.join(', ')} under ${plan.workloads.join(', ')}: ` +
      `${countText(plan.workers, 'worker')}, ${countText(plan.blocks, 'block')}, ${countText(trialCount(plan), 'trial')}, about ${formatDuration(plan.expectedS)}.`,
  )
  terminal.note(
    terminal.style(
      'faint',
      `${machine.cpu}, ${machine.cores} cores · Node ${machine.node} · seed ${plan.seed} · ${prepared.dir}` +
        (plan.placement === null ? ' · generator and server share the cores' : ''),
    ),
  )
  terminal.note(
    resolutionOf(plan.blocks, plan.models.length, prepared.manifest.workloads.map(plannedWorkload), plan).sentence,
  )
  for (const missing of prepared.manifest.unavailable) {
    // Without a remedy it lacks nothing: another is measured in its place.
    const text = missing.remedy === '' ? missing.reason : `cannot run here: ${missing.reason} ${missing.remedy}`
    terminal.note(terminal.style('warn', `${missing.model}${missing.remedy === '' ? ': ' : ' '}${text}`))
  }
}

function plannedWorkload(workload: RecordedWorkload): PlannedWorkload {
  return { id: workload.id, kind: kindOf(workload.id, workload, null) }
}
