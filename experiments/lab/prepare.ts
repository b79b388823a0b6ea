import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { inspectPython } from '../../cluster/python-interpreter.ts'
import { findProgram } from '../../cluster/programs.ts'
import { availableCores } from '../../core/cores.ts'
import { ForkwiseError, type ProblemList } from '../../core/errors.ts'
import type { LabLack, LabManifest } from '../../core/lab-record.ts'
import { machineFacts } from '../../core/machine.ts'
import { unknownName } from '../../core/names.ts'
import { quoted } from '../../core/quotes.ts'
import { forkwiseVersion } from '../../core/version.ts'
import { newRunDir, newRunId } from '../../store/run-identity.ts'
import { fits } from '../options/form.ts'
import type { Lab, LabAsk, LabCase, LabSetting } from './lab.ts'

/** What is asked of a lab. */
export interface LabRequest {
  readonly lab: Lab
  readonly quick: boolean
  readonly seed: number
  /** What the reader changes; null for the default. */
  readonly change: string | number | null
  readonly predictions: Readonly<Record<string, string | number>>
  /** Folder for the results; null = a new one below `results/`. */
  readonly out: string | null
}

/** The interpreter of the labs. */
export interface LabPython {
  readonly path: string
  /** E.g. `CPython 3.11.2`. */
  readonly version: string
}

/** A lab that is ready: everything was checked, nothing was started. */
export interface PreparedLab {
  readonly lab: Lab
  readonly setting: LabSetting
  readonly cases: readonly LabCase[]
  readonly python: LabPython | null
  readonly manifest: LabManifest
  readonly dir: string
}

/** The system's python3, or why there is none that can be used; it is asked once. */
export function labPython(path: string | null = findProgram('python3')): LabPython | LabLack {
  if (path === null) return pythonLack('Python is missing: its half of the lab is left out.')
  const known = pythons.get(path)
  if (known !== undefined) return known
  const found = askPython(path)
  pythons.set(path, found)
  return found
}

const pythons = new Map<string, LabPython | LabLack>()

function askPython(path: string): LabPython | LabLack {
  try {
    const executable = executableOf(path)
    return { path: executable, version: inspectPython(executable).version ?? basename(path) }
  } catch (thrown) {
    if (!(thrown instanceof ForkwiseError)) throw thrown
    return pythonLack(`Python cannot be used: ${thrown.message}`)
  }
}

function pythonLack(what: string): LabLack {
  return { what, remedy: 'Install Python 3.9 or newer (on Debian: `apt-get install python3`).' }
}

/** The interpreter itself where the path is that of a program which looks for one, and takes its time for it each time. */
function executableOf(path: string): string {
  const { stdout } = spawnSync(path, ['-sB', '-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' })
  const found = stdout.trim()
  return found !== '' && existsSync(found) ? found : path
}

/** Finds out what of a lab can run here; `reproduce` says how the run is made again. */
export async function prepareLab(
  { lab, quick, seed, change, predictions, out }: LabRequest,
  reproduce: (seed: number) => string,
  found: LabPython | LabLack = labPython(),
): Promise<PreparedLab> {
  const python = 'path' in found ? found : null
  const lacks = (await lab.lacks?.()) ?? []
  const value = change ?? lab.change?.default ?? ''
  const setting: LabSetting = { quick, change: value, cores: availableCores(), lacks }
  const all = lab.cases(setting)
  const cases = all.filter(({ language }) => python !== null || language !== 'python')
  const id = newRunId(`lab-${lab.id}`)
  const manifest: LabManifest = {
    schema: 'forkwise/lab-manifest@1',
    id,
    createdAt: new Date().toISOString(),
    forkwiseVersion: forkwiseVersion(),
    command: reproduce(seed),
    machine: machineFacts(),
    lab: lab.id,
    quick,
    seed,
    change: lab.change === null ? null : { name: lab.change.name, value },
    python: python?.version ?? null,
    cases: cases.map(({ id: caseId, name, language }) => ({ id: caseId, name, language })),
    lacks: [...('path' in found || cases.length === all.length ? [] : [found]), ...lacks],
    predictions,
  }
  return { lab, setting, cases, python, manifest, dir: out ?? newRunDir(id) }
}

/** Reads predictions like `thread=turns,inline=freezes`, each question once; every problem is noted. */
export function readPredictions(
  text: string,
  asks: readonly LabAsk[],
  problems: ProblemList,
): Record<string, string | number> {
  const predictions: Record<string, string | number> = {}
  for (const part of text.split(',')) {
    const [, id = '', word = ''] = /^\s*([^=]+?)\s*=\s*(.*?)\s*$/.exec(part) ?? []
    if (id === '') {
      problems.add(
        `Expected predictions as question=answer with a comma between two, got ${quoted(part.trim())}.`,
        'A decimal number has a point, as in 1.5; of a choice that has a comma in it type the number.',
      )
      continue
    }
    const ask = asks.find((each) => each.id === id)
    if (ask === undefined) {
      const { message, hint } = unknownName(
        'a question of the lab in `--predict`',
        id,
        asks.map((each) => each.id),
      )
      problems.add(message, hint)
      continue
    }
    if (id in predictions) {
      problems.add(`Expected one prediction of \`${id}\`, got two.`)
      continue
    }
    const answer = readAnswer(ask, word)
    if (answer === null)
      problems.add(`Expected the prediction of \`${id}\` to be ${expectedAnswer(ask)}, got ${quoted(word)}.`)
    else predictions[id] = answer
  }
  return predictions
}

/** An answer to a question as it was typed: a choice, its beginning or its number from 1, or a number; null where it is none. */
export function readAnswer(ask: LabAsk, word: string): string | number | null {
  const text = word.trim().toLowerCase()
  if (ask.kind === 'number') {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
    return Number.isFinite(value) ? value : null
  }
  const exact = ask.choices.find((choice) => choice.toLowerCase() === text)
  const begun = text === '' ? [] : ask.choices.filter((choice) => choice.toLowerCase().startsWith(text))
  const numbered = /^\d+$/.test(text) ? ask.choices[Number(text) - 1] : undefined
  return exact ?? (begun.length === 1 ? (begun[0] ?? null) : (numbered ?? null))
}

/** What can be answered to a question, in words. */
export function expectedAnswer(ask: LabAsk): string {
  if (ask.kind === 'number') {
    return `a number such as 2 or 1.5${ask.unit === '' ? '' : ` (${ask.unit})`}, with a point and without a unit`
  }
  const isPlain = ask.choices.every((choice) => !choice.includes(' '))
  const answers = ask.choices.map((choice, index) => (isPlain ? choice : `${index + 1} (${choice})`))
  return `${answers.slice(0, -1).join(', ')} or ${answers.at(-1)}`
}

/** Reads what the reader changes (`seconds=3`); null for the default. Every problem is noted. */
export function readChange(words: readonly string[], lab: Lab, problems: ProblemList): string | number | null {
  let change: string | number | null = null
  for (const word of words) {
    const [, name = '', text = ''] = /^([^=]*)=(.*)$/s.exec(word) ?? []
    if (lab.change === null || name !== lab.change.name) {
      problems.add(
        `Expected \`--set\` to change what \`${lab.id}\` lets you change, got ${quoted(name)}.`,
        lab.change === null
          ? 'There is nothing to change in this lab.'
          : `Write \`--set ${lab.change.name}=${lab.change.example}\`.`,
      )
      continue
    }
    const value = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
    if (fits(value, lab.change.schema, () => `--set ${name}`, problems)) change = value
  }
  return change
}
