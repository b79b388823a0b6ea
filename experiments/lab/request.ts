import type { ProblemList } from '../../core/errors.ts'
import { freshSeed } from '../../core/seed.ts'
import type { GivenOptions } from '../options/given.ts'
import { readSettings } from '../options/settings.ts'
import { LAB } from '../options/sets/lab.ts'
import { loadLab } from './labs.ts'
import { type LabRequest, readChange, readPredictions } from './prepare.ts'

/** What is asked of one lab, and whether its reader may be asked for predictions. */
export interface ReadLab {
  readonly request: LabRequest
  readonly mayAsk: boolean
}

/** Reads the options of one lab; every problem is noted. Throws UNKNOWN_NAME when there is no lab of that name. */
export async function readLab(given: GivenOptions, problems: ProblemList): Promise<ReadLab> {
  const { name, quick = false, seed, out, predict, noPredict = false, set = [] } = readSettings(LAB, given, problems)
  const lab = await loadLab(name ?? '')
  const predictions = predict === undefined ? {} : readPredictions(predict, lab.asks, problems)
  const change = readChange(set, lab, problems)
  const request = { lab, quick, seed: seed ?? freshSeed(), change, predictions, out: out ?? null }
  return { request, mayAsk: predict === undefined && !noPredict }
}
