import { ProblemList } from '../core/errors.ts'
import { freshSeed } from '../core/seed.ts'
import { type PreparedHighestRate, prepareHighestRate } from './capacity/highest-rate.ts'
import { prepareMeasuredPlan, prepareRecordedPlan, type PreparedServerPlan } from './capacity/plan-servers.ts'
import { prepareOutsideScale } from './capacity/outside-scale.ts'
import { readHighestRate, readPlan, readScale, readValidation } from './capacity/read-requests.ts'
import { prepareMeasuredScale, type PreparedScale } from './capacity/scale.ts'
import { type PreparedValidation, prepareMeasuredValidation, prepareRecordedValidation } from './capacity/validate.ts'
import type { PreparedComparison } from './comparison/comparison.ts'
import { type Preparing, prepareComparison } from './comparison/prepare.ts'
import type { PreparedFairness } from './fairness/fairness.ts'
import { readFairness } from './fairness/read-fairness.ts'
import { type PreparedLab, prepareLab } from './lab/prepare.ts'
import { readLab } from './lab/request.ts'
import type { PreparedLoad } from './load/load.ts'
import { readLoad } from './load/read-load.ts'
import type { PreparedObservation } from './observation/live.ts'
import { prepareObservation, readObservation, readServing } from './observation/prepare.ts'
import { codeSource, GivenOptions } from './options/given.ts'
import { type PreparedResilience, prepareResilience, readResilience } from './resilience/prepare.ts'
import type {
  CompareOptions,
  FairnessOptions,
  HighestRateOptions,
  LabOptions,
  LoadOptions,
  ObserveOptions,
  PlanOptions,
  ResilienceOptions,
  ScaleOptions,
  ServeOptions,
  ValidationOptions,
} from './options/options.ts'

/**
 * Checks the options that code gives for an experiment, finds what they name, and gives what is ready to run; starts
 * nothing that stays. Each throws one error with every problem: USAGE for options, APP_INVALID for an app that does not
 * load, PART_MISSING for models that cannot run here, RESULT_INVALID for folders to plan with.
 */
export const prepare = {
  /** For `runComparison`. */
  async compare(options: CompareOptions = {}, preparing: Preparing = {}): Promise<PreparedComparison> {
    const seeded = { ...options, seed: options.seed ?? freshSeed() }
    const reproduce = (): string => `compare(${JSON.stringify(seeded)})`
    return prepareComparison(fromCode(seeded), reproduce, new ProblemList(), preparing)
  },

  /** For `runScale`. */
  async scale(options: ScaleOptions): Promise<PreparedScale> {
    const request = await read(readScale, options)
    return 'fromCsv' in request ? prepareOutsideScale(request) : prepareMeasuredScale(request)
  },

  /** For `runHighestRate`. */
  async highestRate(options: HighestRateOptions): Promise<PreparedHighestRate> {
    return prepareHighestRate(await read(readHighestRate, options))
  },

  /** For `runServerPlan`. */
  async plan(options: PlanOptions): Promise<PreparedServerPlan> {
    const request = await read(readPlan, options)
    return 'from' in request ? prepareRecordedPlan(request) : prepareMeasuredPlan(request)
  },

  /** For `runValidation`. */
  async validation(options: ValidationOptions = {}): Promise<PreparedValidation> {
    const request = await read(readValidation, options)
    return 'from' in request ? prepareRecordedValidation(request) : prepareMeasuredValidation(request)
  },

  /** For `runResilience`. */
  async resilience(options: ResilienceOptions = {}): Promise<PreparedResilience> {
    const seeded = { ...options, seed: options.seed ?? freshSeed() }
    return prepareResilience(await read(readResilience, seeded), () => `resilience(${JSON.stringify(seeded)})`)
  },

  /** For `observe`: a server that runs, is driven and watched until it is stopped. */
  async observe(options: ObserveOptions): Promise<PreparedObservation> {
    return prepareObservation(await read(readObservation, options))
  },

  /** For `observe`: a server that only runs. */
  async serve(options: ServeOptions): Promise<PreparedObservation> {
    return prepareObservation(await read(readServing, options))
  },

  /** For `runLoad`. */
  async load(options: LoadOptions): Promise<PreparedLoad> {
    return read(readLoad, options)
  },

  /** For `runLab`. */
  async lab(options: LabOptions): Promise<PreparedLab> {
    const { request } = await read(readLab, options)
    return prepareLab(request, (seed) => `lab(${JSON.stringify({ ...options, seed })})`)
  },

  /** For `runFairness`. */
  async fairness(options: FairnessOptions): Promise<PreparedFairness> {
    return read(readFairness, options)
  },
} as const

function fromCode(options: object): GivenOptions {
  return GivenOptions.of({ ...options }, codeSource())
}

/** The request that options make; throws USAGE with every problem. */
async function read<T>(
  readRequest: (given: GivenOptions, problems: ProblemList) => T | Promise<T>,
  options: object,
): Promise<T> {
  const problems = new ProblemList()
  const request = await readRequest(fromCode(options), problems)
  problems.throwIfAny('USAGE')
  return request
}
