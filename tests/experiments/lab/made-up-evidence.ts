import { LabFigures } from '../../../analysis/lab/figures.ts'
import { labCells } from '../../../analysis/lab/summary.ts'
import type { LabTrial } from '../../../core/lab-record.ts'
import { machineFacts } from '../../../core/machine.ts'
import type { Lab, LabEvidence } from '../../../experiments/lab/lab.ts'

/** What a case is said to have given in each of its repetitions. */
export interface MadeUpCase {
  readonly figures?: Readonly<Record<string, readonly number[]>>
  readonly words?: Readonly<Record<string, readonly string[]>>
  readonly events?: LabTrial['events']
}

/** Evidence of a lab with made-up trials; its cases are those of two cores, as far as they are given. */
export function madeUpEvidence(lab: Lab, given: Readonly<Record<string, MadeUpCase>>): LabEvidence {
  const setting = { quick: true, change: lab.change?.default ?? '', cores: 2, lacks: [] }
  const cases = lab.cases(setting).filter(({ id }) => id in given)
  const trials = cases.flatMap(({ id }) => trialsOf(id, given[id] ?? {}))
  const manifest = { cases, predictions: {}, change: null, machine: { cores: 2 } } as unknown as LabEvidence['manifest']
  return { manifest, trials, figures: new LabFigures(labCells(cases, trials)) }
}

/** The outcomes of a lab's claims by their names. */
export function outcomesOf(lab: Lab, given: Readonly<Record<string, MadeUpCase>>): Record<string, string> {
  return Object.fromEntries(lab.claims(madeUpEvidence(lab, given)).map(({ id, outcome }) => [id, outcome]))
}

/** Words that programs of labs say, each under its name; what is heard of errors goes by the place of the case. */
const WORDS: Readonly<Record<string, string>> = {
  spinner: 'turns',
  others: 'yields',
  end: 'hangs',
  order: 'out of order',
  counts: 'right',
  loop: 'stands',
  threads: 'needs one',
  core: 'waits',
}
const HEARD = ['nobody', 'process dies', 'caller: exception'] as const
const FAULTS = ['exception', 'rejection', 'exit', 'kill', 'sys.exit'] as const

/** Evidence of a lab in which every case gave three values of every figure, and a word of each kind. */
export function everythingMeasured(lab: Lab): LabEvidence {
  const cases = lab.cases({ quick: true, change: lab.change?.default ?? '', cores: 2, lacks: [] })
  const facts = cases.map(({ id, name, language }) => ({ id, name, language }))
  const trials = cases.flatMap(({ id }, place) => {
    const heard = HEARD[place % HEARD.length] ?? 'nobody'
    const words = { ...WORDS, ...Object.fromEntries(FAULTS.map((fault) => [fault, heard])) }
    const thrice = <T>(values: Readonly<Record<string, T>>): Record<string, T[]> =>
      Object.fromEntries(Object.entries(values).map(([key, value]) => [key, [value, value, value]]))
    const figures = Object.fromEntries(Object.keys(lab.figures).map((key) => [key, [10, 12, 11]]))
    return trialsOf(id, { figures, words: thrice(words) })
  })
  const machine = { ...machineFacts(), cores: 2 }
  const manifest = {
    lab: lab.id,
    cases: facts,
    predictions: {},
    change: null,
    quick: true,
    machine,
  } as unknown as LabEvidence['manifest']
  return { manifest, trials, figures: new LabFigures(labCells(facts, trials)) }
}

function trialsOf(id: string, { figures = {}, words = {}, events = [] }: MadeUpCase): LabTrial[] {
  const repeats = Math.max(1, ...[...Object.values(figures), ...Object.values(words)].map(({ length }) => length))
  return Array.from({ length: repeats }, (_, index) => ({
    schema: 'forkwise/lab-trial@1',
    case: id,
    repeat: index + 1,
    figures: nth(figures, index),
    words: nth(words, index),
    events,
    failure: null,
  }))
}

function nth<T>(series: Readonly<Record<string, readonly T[]>>, index: number): Record<string, T> {
  return Object.fromEntries(
    Object.entries(series).flatMap(([key, values]) => {
      const value = values[index]
      return value === undefined ? [] : [[key, value] as const]
    }),
  )
}
