import type { ReapReport } from '../cluster/session.ts'
import type { Terminal } from './command.ts'

/** Says what dead runs had left behind, if anything. */
export function noteReaped(reaped: ReapReport, terminal: Terminal): void {
  if (reaped.sessions === 0) return
  terminal.note(`Cleaned up after ${reaped.sessions} dead run(s): ${reaped.pids.length} process(es) ended.`)
}
