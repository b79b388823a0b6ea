import { formatDuration } from '../core/quantities.ts'
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
    ...gathered(validity.notes).map((text) => ({ text, grave: text.startsWith('All verdicts on ') })),
    blocksNote(result),
    ...timeNotes(result),
    ...limitNotes(result),
    ...controlNotes(result),
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
    ...certificateNotes(result),
  ]
  return notes.filter((note) => note.grave).concat(notes.filter((note) => !note.grave))
}

/** Many notes that differ only in what they are about become one, with the first as the example. */
function gathered(notes: readonly string[]): string[] {
  const silent = notes.filter((note) => note.startsWith(SILENT))
  const [first, ...more] = silent
  if (first === undefined || more.length < 3) return [...notes]
  const rest = `${first} So it is with ${more.length} more comparisons.`
  return [...notes.filter((note) => !note.startsWith(SILENT)), rest]
}

/** How analysis begins a note on a comparison that no block has. */
const SILENT = 'No verdict on '

function blocksNote({ cells, validity: { blocksKept, blocksPlanned, settled = [] } }: Result): Note {
  if (blocksKept === 0) {
    return {
      text: `None of the ${blocksPlanned} planned blocks passed undisturbed under every workload: where none did, the figures are those of the disturbed ones, and nothing is decided from them.`,
      grave: true,
    }
  }
  const areAllSettled = new Set(cells.map(({ workload }) => workload)).size === settled.length
  return blocksKept < blocksPlanned && !areAllSettled
    ? { text: `${blocksKept} of ${blocksPlanned} planned blocks were measured and kept.`, grave: true }
    : { text: `${blocksKept} ${blocksKept === 1 ? 'block was' : 'blocks were'} measured and kept.`, grave: false }
}

function timeNotes({ validity: { time } }: Result): Note[] {
  if (time === undefined || time.tookS === 0) return []
  const [took, announced] = [time.tookS, time.announcedS].map(formatDuration)
  const text = `Requests were counted in ${Math.round((100 * time.countedS) / time.tookS)} % of the ${took} that pilot and blocks took (announced: ${announced}); the rest was launches, warm-up and draining.`
  return [{ text, grave: false }]
}

/** Limits that a reader can do something about, and that the name alone does not explain: what speaks for the first of each workload. */
const EXPLAINED = {
  app: 'by something inside the app',
  dependency: 'by what they call',
  unknown: 'by nothing that was seen',
}

function limitNotes({ cells }: Result): Note[] {
  return [...new Set(cells.map(({ workload }) => workload))].flatMap((workload) =>
    Object.entries(EXPLAINED).flatMap(([limit, words]) => {
      const limited = cells.filter((cell) => cell.workload === workload && cell.bottleneck.limit === limit)
      const [first] = limited
      if (first === undefined) return []
      const models = limited.map(({ model }) => model).join(', ')
      const evidence = limited.length === 1 ? '' : ` (here of ${first.model})`
      return [
        {
          text: `Limited ${words} under ${workload}: ${models}. Evidence${evidence}: ${first.bottleneck.because}.`,
          grave: false,
        },
      ]
    }),
  )
}

/** The A/A control on throughput in one sentence; the other metrics are in the table of the HTML report. */
function controlNotes({ baseline, validity }: Result): Note[] {
  const ratios = (validity.control ?? []).filter(({ metric }) => (metric ?? 'throughput') === 'throughput')
  if (ratios.length === 0) return []
  const found = ratios.map(({ workload, ratio }) => `${figureText(ratioFigure(ratio))} on ${workload}`)
  const text = `A/A control: launched a second time, ${baseline} gave ${found.join(', ')} of its own throughput.`
  return [{ text, grave: false }]
}

/** One sentence for many: the first five in full. */
function listed(items: readonly string[], one: string, many: string, grave: boolean): Note[] {
  if (items.length === 0) return []
  const rest = items.length > 5 ? ` … and ${items.length - 5} more` : ''
  const heading = items.length === 1 ? `1 ${one}` : `${items.length} ${many}`
  return [{ text: `${heading}: ${items.slice(0, 5).join(' · ')}${rest}`, grave }]
}

/** What analysis leaves unsaid: that a calibration was passed. */
function certificateNotes({ validity: { certificate } }: Result): Note[] {
  if (certificate === null) return []
  const day = certificate.createdAt.slice(0, 10)
  const missed = certificate.rows.filter((row) => !row.passed).map(({ proof, error }) => `${proof} (${error})`)
  if (missed.length > 0) {
    const text = `Calibrated on ${day}: ${missed.length} of ${certificate.rows.length} proofs missed their goal: ${missed.slice(0, 3).join(', ')}${missed.length > 3 ? ', …' : ''}.`
    return [{ text, grave: false }]
  }
  return [{ text: `Calibrated on ${day}: all ${certificate.rows.length} proofs passed.`, grave: false }]
}
