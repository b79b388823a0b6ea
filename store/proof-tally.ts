import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ForkwiseError, messageOf } from '../core/errors.ts'
import type { Call, VerdictMetric } from '../core/records.ts'

/** What an experiment compares a model with: itself, itself with 5 % more work, or itself beside a noisy neighbour. */
export type Subject = 'itself' | 'slowed' | 'neighbour'

/** What one experiment came to. */
export interface ExperimentOutcome {
  readonly seed: number
  readonly model: string
  readonly calls: readonly { readonly metric: VerdictMetric; readonly call: Call; readonly ratio: number }[]
  readonly blocksKept: number
  readonly blocksDropped: number
  /** Blocks in which the neighbour was on in at least one trial, and how many of them the gates dropped. */
  readonly polluted: { readonly blocks: number; readonly dropped: number }
}

/** One line of a tally: one experiment, on which machine and by which version it was made. */
export interface TallyLine extends ExperimentOutcome {
  readonly schema: 'forkwise/verdict-proof@1'
  readonly subject: Subject
  readonly at: string
  readonly machineId: string
  readonly forkwiseVersion: string
}

/** Where experiments add up, so that they can be made in many short runs: below `results/` of the current folder. */
export function tallyFile(): string {
  return join(process.cwd(), 'results', 'verdict-proofs.ndjson')
}

/** The experiments of one subject that this machine and version made so far; a torn last line is left out. */
export function readTally(
  file: string,
  of: Pick<TallyLine, 'subject' | 'machineId' | 'forkwiseVersion'>,
): readonly TallyLine[] {
  return linesOf(file)
    .flatMap(parsed)
    .filter(
      (line) =>
        line.subject === of.subject && line.machineId === of.machineId && line.forkwiseVersion === of.forkwiseVersion,
    )
}

/** Adds one experiment. Throws FOLDER_UNWRITABLE. */
export function appendToTally(file: string, line: TallyLine): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    appendFileSync(file, `${JSON.stringify(line)}\n`)
  } catch (thrown) {
    throw new ForkwiseError('FOLDER_UNWRITABLE', {
      message: `Expected to be able to add to ${file}, got: ${messageOf(thrown)}.`,
      hint: 'Run it in a folder that can be written.',
    })
  }
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}

function parsed(text: string): TallyLine[] {
  try {
    const line = JSON.parse(text) as TallyLine
    return line.schema === 'forkwise/verdict-proof@1' ? [line] : []
  } catch {
    return []
  }
}
