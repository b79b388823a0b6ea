import type { DrillDebrief } from '../../core/drill-record.ts'

/** Which alert should have fired and where the runbook speaks of it, in a sentence. */
export function runbookLine({ alert, alertNote }: Pick<DrillDebrief, 'alert' | 'alertNote'>): string {
  return alert === null
    ? `No alert can see it: ${alertNote}`
    : `The alert that should have fired is ${alert} (docs/RUNBOOK.md#${alert.toLowerCase()}). ${alertNote}`
}
