import { loadModels } from '../../cluster/models.ts'
import type { ProblemList } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import { freshSeed } from '../../core/seed.ts'
import { loadWorkloads } from '../../loadtest/workloads.ts'
import type { GivenOptions } from '../options/given.ts'
import { FAIRNESS } from '../options/sets/fairness.ts'
import { readSettings } from '../options/settings.ts'
import { pickModels } from '../resolution/models.ts'
import { resolveNamedWorkload } from '../resolution/workload.ts'
import type { PreparedFairness } from './fairness.ts'

/** Workers when nothing is said: enough for an uneven spread to show. */
const WORKERS = 4

/** Reads what is asked of `fairness`; every problem is noted, and the result is of use only when there was none. */
export async function readFairness(given: GivenOptions, problems: ProblemList): Promise<PreparedFairness> {
  const settings = readSettings(FAIRNESS, given, problems)
  const { connections, workers = WORKERS, launches, seed = freshSeed() } = settings
  const workload = await resolveNamedWorkload(settings, { expect: 200 }, 'io', given, problems)
  return {
    models: pickModels(settings.models ?? [], await loadModels(), given, problems),
    // Without one there is a problem, and the request is not run.
    workload: workload ?? ((await loadWorkloads())[0] as Workload),
    workers,
    connections,
    launches,
    seed,
  }
}
