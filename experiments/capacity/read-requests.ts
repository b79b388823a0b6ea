import { loadModels } from '../../cluster/models.ts'
import type { ProblemList } from '../../core/errors.ts'
import type { Workload } from '../../core/load.ts'
import { freshSeed } from '../../core/seed.ts'
import { quoted } from '../../core/quotes.ts'
import { serverCores } from '../../loadtest/placement.ts'
import { loadWorkloads } from '../../loadtest/workloads.ts'
import type { GivenOptions } from '../options/given.ts'
import type { OptionSet, SettingsOf } from '../options/option.ts'
import { HIGHEST_RATE, type MEASURING, PLAN, PLANNED_MODELS, SCALE, VALIDATE_PLAN } from '../options/sets/measuring.ts'
import { readSettings, recordedOptions } from '../options/settings.ts'
import { resolveApp } from '../resolution/app.ts'
import { resolveDependencies } from '../resolution/dependencies.ts'
import { pickModels } from '../resolution/models.ts'
import { resolveWorkload } from '../resolution/workload.ts'
import type { CapacityRecord } from '../../store/capacity-record.ts'
import type { HighestRateRequest } from './highest-rate.ts'
import type { MeasuredPlanRequest, RecordedPlanRequest } from './plan-servers.ts'
import type { LaunchRequest, MeasuringRequest } from './request.ts'
import type { OutsideScaleRequest } from './outside-scale.ts'
import type { MeasuredScaleRequest } from './scale.ts'
import type { MeasuredValidationRequest, RecordedValidationRequest } from './validate.ts'

/**
 * Reads what is asked of `scale`; every problem is noted, and the request is of use only when there was none. `resumed`:
 * what is finished already, where a run that stopped is gone on with.
 */
export async function readScale(
  given: GivenOptions,
  problems: ProblemList,
  resumed: CapacityRecord | null = null,
): Promise<MeasuredScaleRequest | OutsideScaleRequest> {
  const settings = readSettings(SCALE, given, problems)
  const counts = Array.from({ length: 2 * serverCores() }, (_, i) => i + 1)
  const { workers = counts, blocks, budget, rate: ratePerS = null, fromCsv, out = null } = settings
  if (fromCsv !== undefined) {
    noteUnusedBeside('fromCsv', ['fromCsv', 'rate', 'out'], given, problems)
    return { fromCsv, name: given.name('fromCsv'), ratePerS, out, options: recordedOptions(SCALE, given) }
  }
  if (settings.models === undefined) {
    problems.add(`Expected \`${given.name('models')}\`, got none.`, SCALE.models.help)
  }
  return {
    ...(await readMeasuring(SCALE, settings, [], given, problems)),
    resumed,
    workers,
    ratePerS,
    extent: budget === undefined ? { blocks } : { budgetS: budget },
  }
}

/** Notes what was given in the same place as an option beside which nothing else has a meaning. */
function noteUnusedBeside(key: string, used: readonly string[], given: GivenOptions, problems: ProblemList): void {
  const others = given.keys.filter(
    (other) => !used.includes(other) && given.has(other) && given.source(other) === given.source(key),
  )
  if (others.length === 0) return
  const names = others.map((other) => `\`${given.name(other)}\``).join(', ')
  problems.add(`Expected \`${given.name(key)}\` without ${names}: nothing is measured.`, 'Leave one of them out.')
}

/** Reads what is asked of `capacity`; every problem is noted, and the request is of use only when there was none. */
export async function readHighestRate(
  given: GivenOptions,
  problems: ProblemList,
  resumed: CapacityRecord | null = null,
): Promise<HighestRateRequest> {
  const settings = readSettings(HIGHEST_RATE, given, problems)
  const { slo, workers = serverCores(), budget: budgetS, width } = settings
  return {
    ...(await readMeasuring(HIGHEST_RATE, settings, [], given, problems)),
    resumed,
    slo,
    workers,
    budgetS,
    width,
  }
}

/** Reads what is asked of `plan`; every problem is noted, and the request is of use only when there was none. */
export async function readPlan(
  given: GivenOptions,
  problems: ProblemList,
  resumed: CapacityRecord | null = null,
): Promise<MeasuredPlanRequest | RecordedPlanRequest> {
  const settings = readSettings(PLAN, given, problems)
  const { rate, slo, cores = null, growth = null, headroom, price = null, confirm: confirms, from } = settings
  if (slo?.latency.length === 0) {
    problems.add(
      `Expected \`${given.name('slo')}\` to bound a latency, got ${quoted(slo.text)}: errors alone do not say how many workers are needed.`,
      'Write it like p99<200ms,errors<0.1%.',
    )
  }
  const plan = { request: { ratePerS: rate, slo, cores, growth, headroom, price }, confirms }
  if (from === undefined) {
    const budgetS = settings.budget
    return { ...(await readMeasuring(PLAN, settings, PLANNED_MODELS, given, problems)), resumed, ...plan, budgetS }
  }
  const models = settings.models === undefined || settings.models === 'all' ? [] : settings.models
  const { workload } = settings
  return {
    ...readLaunch(PLAN, settings, given, problems),
    resumed,
    ...plan,
    from,
    models,
    workload: workload === undefined ? null : nameOf(workload),
  }
}

/** Reads what is asked of `validate-plan`; every problem is noted, and the request is of use only when there was none. */
export async function readValidation(
  given: GivenOptions,
  problems: ProblemList,
  resumed: CapacityRecord | null = null,
): Promise<MeasuredValidationRequest | RecordedValidationRequest> {
  const settings = readSettings(VALIDATE_PLAN, given, problems)
  const { budget: budgetS, cases, from, seed = freshSeed() } = settings
  if (from !== undefined) {
    for (const key of ['budget', 'cases', 'out'].filter((each) => given.has(each))) {
      problems.add(`Expected at most one of \`${given.name('from')}\` and \`${given.name(key)}\`, got both.`)
    }
    return { from, seed }
  }
  return { ...(await readMeasuring(VALIDATE_PLAN, settings, ['cluster'], given, problems)), resumed, budgetS, cases }
}

type MeasuringSettings = SettingsOf<typeof MEASURING>

async function readMeasuring(
  set: OptionSet,
  settings: MeasuringSettings,
  fallback: readonly string[],
  given: GivenOptions,
  problems: ProblemList,
): Promise<MeasuringRequest> {
  const workload = await resolveWorkload(settings, 'cpu', given, problems)
  return {
    ...readLaunch(set, settings, given, problems),
    models: pickModels(settings.models ?? fallback, await loadModels(), given, problems),
    // Without one there is a problem, and the request is not run.
    workload: workload ?? ((await loadWorkloads())[0] as Workload),
  }
}

function readLaunch(
  set: OptionSet,
  settings: MeasuringSettings,
  given: GivenOptions,
  problems: ProblemList,
): LaunchRequest {
  const { node = null, python = null, timeout: timeoutS, seed = freshSeed(), out = null } = settings
  const launch = { nodePath: node, pythonPath: python, timeoutS, seed, out }
  return {
    ...launch,
    app: resolveApp(settings, given, problems),
    dependencies: resolveDependencies(settings, given, problems),
    budgetName: given.name('budget'),
    options: recordedOptions(set, given),
    resumed: null,
  }
}

function nameOf(workload: NonNullable<MeasuringSettings['workload']>): string {
  return typeof workload === 'string' ? workload : workload.id
}
