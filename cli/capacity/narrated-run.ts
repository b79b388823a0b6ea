import { formatDuration } from '../../core/quantities.ts'
import type { CapacityOutcome } from '../../experiments/capacity/measuring-run.ts'
import type { Run } from '../../experiments/run.ts'
import { writeCapacityReports } from '../../report/capacity/folder.ts'
import type { Invocation } from '../command.ts'
import { narrateLive } from '../live-option.ts'

/**
 * Starts a run, narrates it on the terminal, and on a page where that is asked for, and writes the reports of what it
 * left in its folder; gives its result.
 */
export async function narrateAndReport<Result>(
  start: () => Run<CapacityOutcome<Result>>,
  invocation: Pick<Invocation, 'values' | 'terminal'>,
): Promise<Result> {
  const { terminal } = invocation
  const { dir, result } = await narrateLive(start, invocation, {
    onStarted: ({ dir: into, expectedS }) => {
      if (into === null || expectedS === null) return
      terminal.note(terminal.style('faint', `Measuring for about ${formatDuration(expectedS)}, into ${into}`))
    },
  })
  if (dir !== null) {
    writeCapacityReports(dir, 'all')
    terminal.note(terminal.style('faint', `Files in ${dir}: report.html, report.md, measurements and result as JSON`))
  }
  return result
}
