import type { ProblemList } from '../../core/errors.ts'
import { freshSeed } from '../../core/seed.ts'
import type { GivenOptions } from '../options/given.ts'
import { DRILL } from '../options/sets/drill.ts'
import { readSettings } from '../options/settings.ts'
import { loadDrill } from './drills.ts'
import type { DrillRequest } from './prepare.ts'

/** What is asked of one drill, whether its trainee may be asked for a diagnosis, and whether references are to be recorded. */
export interface ReadDrill {
  readonly request: DrillRequest
  readonly mayAsk: boolean
  readonly recordsReferences: boolean
}

/** Reads the options of one drill; every problem is noted. Throws UNKNOWN_NAME when there is no drill of that name. */
export async function readDrill(given: GivenOptions, problems: ProblemList): Promise<ReadDrill> {
  const settings = readSettings(DRILL, given, problems)
  const { name, fast = false, reveal = false, seed, out, noQuestions = false, noReferences = false } = settings
  const drill = await loadDrill(name ?? '')
  return {
    request: { drill, fast, reveal, seed: seed ?? freshSeed(), out: out ?? null },
    mayAsk: !noQuestions,
    recordsReferences: !noReferences && !reveal,
  }
}
