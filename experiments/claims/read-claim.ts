import type { ProblemList } from '../../core/errors.ts'
import { fits } from '../options/form.ts'
import { codeSource, fileSource, GivenOptions, type OptionSource } from '../options/given.ts'
import { type Claim, CLAIM_SCHEMA } from './claim.ts'

/** Options of a comparison that a claim itself decides. */
const OF_THE_CLAIM = ['assert', 'undecided', 'junit']

/** A claim in a file, not checked yet. */
export interface ClaimFile {
  readonly value: unknown
  /** How the file is named in messages. */
  readonly label: string
  /** Absolute folder that relative paths in it start from. */
  readonly dir: string
}

/** Checks a claim of the user's own; null, with every problem noted, where it is none. */
export function readClaim({ value, label }: ClaimFile, problems: ProblemList): Claim | null {
  if (!fits(value, CLAIM_SCHEMA, (part = '') => `${label}${part}`, problems)) return null
  const claim = value as Claim
  const before = problems.length
  for (const key of Object.keys(claim.compare).filter((each) => OF_THE_CLAIM.includes(each))) {
    problems.add(`Expected no \`compare.${key}\` in ${label}.`, 'What is claimed stands in `holds`.')
  }
  return problems.length > before ? null : claim
}

/** The options of the comparison that settles a claim; `file` is where it was read from, null for one that is shipped. */
export function claimOptions({ compare, holds }: Claim, file: ClaimFile | null): GivenOptions {
  const base = file === null ? codeSource() : fileSource(file.label, 'compare', file.dir)
  const source: OptionSource = {
    ...base,
    name: (key, part) =>
      key === 'assert' ? `holds${part ?? ''}${file === null ? '' : ` of ${file.label}`}` : base.name(key, part),
  }
  return GivenOptions.of({ ...compare, assert: holds }, source)
}
