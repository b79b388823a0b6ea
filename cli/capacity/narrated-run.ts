import { formatDuration } from '../../core/quantities.ts'
import type { CapacityOutcome } from '../../experiments/capacity/measuring-run.ts'
import type { Run } from '../../experiments/run.ts'
import { writeCapacityReports } from '../../report/capacity/folder.ts'
import type { Terminal } from '../command.ts'
import { narrate } from '../narration.ts'

/** Tells a run on the terminal and writes the reports of what it left in its folder; gives its result. */
export async function narrateAndReport<Result>(run: Run<CapacityOutcome<Result>>, terminal: Terminal): Promise<Result> {
  const { dir, result } = await narrate(run, terminal, {
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
