import type { Result } from '../core/records.ts'
import { figureText, ratioFigure } from './figures.ts'

/** A sentence on how far a result can be trusted. */
export interface Note {
  readonly text: string
  /** True when the verdicts depend on it. */
  readonly grave: boolean
}

/** Everything a reader should know before believing a result, the grave first. */
export function validityNotes(result: Result): Note[] {
  const { validity } = result
  const notes: Note[] = [
    ...validity.notes.map((text) => ({ text, grave: validity.withheld })),
    ...blockNotes(result),
    ...(validity.sentinel ?? []).map(({ workload, ratio }) => ({
      text: `A/A control on ${workload}: the second launch of ${result.baseline} gave ${figureText(ratioFigure(ratio))} of the first.`,
      grave: ratio.low > 1 || ratio.high < 1,
    })),
    ...listed(
      validity.trialsFailed.map(({ id, message }) => `${id}: ${message}`),
      'trial failed',
      'trials failed',
      true,
    ),
    ...listed(
      validity.trialsInvalid.map(({ id, reasons }) => `${id}: ${reasons.join('; ')}`),
      'trial was invalid and is left out',
      'trials were invalid and are left out',
      false,
    ),
    certificateNote(result),
  ]
  return notes.filter((note) => note.grave).concat(notes.filter((note) => !note.grave))
}

function blockNotes({ validity, kind }: Result): Note[] {
  const { blocksKept, blocksPlanned, blocksDropped } = validity
  const kept: Note[] =
    blocksKept < blocksPlanned
      ? [{ text: `${blocksKept} of ${blocksPlanned} blocks were kept.`, grave: true }]
      : [
          {
            text: `${blocksKept} ${blocksKept === 1 ? 'block' : 'blocks'}${kind === 'pilot' ? ', a pilot' : ''}.`,
            grave: false,
          },
        ]
  const dropped = blocksDropped.map(
    ({ block, workload, reasons }) => `block ${block} of ${workload}: ${reasons.join('; ')}`,
  )
  return [...kept, ...listed(dropped, 'block was dropped', 'blocks were dropped', false)]
}

/** One sentence for many: the first five in full. */
function listed(items: readonly string[], one: string, many: string, grave: boolean): Note[] {
  if (items.length === 0) return []
  const rest = items.length > 5 ? ` … and ${items.length - 5} more` : ''
  const heading = items.length === 1 ? `1 ${one}` : `${items.length} ${many}`
  return [{ text: `${heading}: ${items.slice(0, 5).join(' · ')}${rest}`, grave }]
}

function certificateNote({ validity: { certificate }, machine }: Result): Note {
  if (certificate === null) {
    return {
      text: 'The generator and the statistics were not calibrated on this machine: `forkwise calibrate` does it.',
      grave: false,
    }
  }
  const failed = certificate.rows.filter((row) => !row.passed)
  const day = certificate.createdAt.slice(0, 10)
  const elsewhere = certificate.machineId === machine.id ? '' : ', on another machine'
  return failed.length === 0
    ? {
        text: `Calibrated on ${day}${elsewhere}: all ${certificate.rows.length} proofs passed.`,
        grave: elsewhere !== '',
      }
    : {
        text: `Calibrated on ${day}${elsewhere}: ${failed.length} of ${certificate.rows.length} proofs failed (${failed.map((row) => row.proof).join(', ')}).`,
        grave: true,
      }
}
