import { LEAST_BLOCKS } from '../../analysis/comparison/verdict.ts'
import { loadModels } from '../../cluster/models.ts'
import { findingsOf, needsEnvironment, otherNodes, plannedApp, versionText } from '../../cluster/runnable.ts'
import { availableCores } from '../../core/cores.ts'
import { ForkwiseError, type ProblemList } from '../../core/errors.ts'
import { machineFacts } from '../../core/machine.ts'
import { freshSeed } from '../../core/seed.ts'
import { forkwiseVersion } from '../../core/version.ts'
import { readCpuTopology } from '../../loadtest/cpu-topology.ts'
import { placementText, serverCores } from '../../loadtest/placement.ts'
import { loadWorkloads } from '../../loadtest/workloads.ts'
import { newRunDir, newRunId } from '../../store/run-identity.ts'
import type { GivenOptions } from '../options/given.ts'
import type { CompareSettings } from '../options/options.ts'
import { COMPARE, COMPARED_MODELS } from '../options/sets/comparison.ts'
import { readSettings } from '../options/settings.ts'
import { addProblems } from '../resolution/problems.ts'
import { parseIgnored } from '../../loadtest/equality/noise.ts'
import type { EqualityRule } from '../../core/records.ts'
import { recordedModel } from '../recorded-model.ts'
import { resolveApp } from '../resolution/app.ts'
import { resolveDependencies } from '../resolution/dependencies.ts'
import { judgeCompared, pickModels, requireSomeModels, resolveBaseline } from '../resolution/models.ts'
import { resolveServers } from '../resolution/outside-servers.ts'
import { resolveThresholds } from '../resolution/thresholds.ts'
import { resolveWorkloads } from '../resolution/workloads.ts'
import type { PreparedComparison } from './comparison.ts'
import { makePlan, type PlanRequest } from './plan.ts'

/**
 * Checks the options of a comparison, finds what they name and loads the app; starts nothing that stays. `reproduce` says
 * how the run is made again. Throws one error with every problem: USAGE, APP_INVALID, PART_MISSING.
 */
export async function prepareComparison(
  given: GivenOptions,
  reproduce: (seed: number) => string,
  problems: ProblemList,
): Promise<PreparedComparison> {
  const settings = readSettings(COMPARE, given, problems)
  const { node: nodePath = null, python: pythonPath = null, seed = freshSeed() } = settings
  const { timeout: timeoutS, metrics, rate = null } = settings
  const cores = availableCores()
  const topology = readCpuTopology()
  const all = await loadModels()
  const builtIn = await loadWorkloads()
  const app = resolveApp(settings, given, problems)
  const dependencies = resolveDependencies(settings, given, problems)
  const outside = resolveServers(settings.servers, idsOf(all), given, problems)
  const { chosen: workloads, known } = resolveWorkloads(settings, builtIn, given, problems)
  const outsideAlone = outside.length > 0 && app === null
  const chosen = pickModels(settings.models ?? (outsideAlone ? [] : COMPARED_MODELS), all, given, problems)
  const names = idsOf([...chosen, ...outside])
  const baseline = resolveBaseline(settings.baseline, names, given, problems)
  const { thresholds, notes } = resolveThresholds(
    settings,
    { models: names, workloads: idsOf(workloads) },
    { models: idsOf([...all, ...outside]), workloads: known },
    given,
    problems,
  )
  const equality = equalityOf(settings, given, problems)
  const environment = environmentOf(nodePath, pythonPath, problems)
  problems.throwIfAny('USAGE')

  // Loading the app takes long, and is not tried before everything else is right.
  const findings = await findingsOf(app, nodePath)
  const wanted = await judgeCompared(chosen, outside, nodePath, findings, pythonPath)
  requireSomeModels(wanted, baseline)
  const reader = readerOf(settings)
  const nodePaths = otherNodes(wanted.judged, environment)
  const request: PlanRequest = {
    models: idsOf(wanted.models),
    baseline,
    workloads: idsOf(workloads),
    workers: settings.workers ?? Math.max(2, serverCores()),
    seed,
    metrics,
    timeoutS,
    dependencies,
    extent: extentOf(settings),
    ...(rate === null ? {} : { ratePerS: rate }),
    ...plannedApp(app === null ? null : { ...app, ...findings?.start }),
    ...(equality === null ? {} : { equality }),
    nodePath,
    ...(nodePaths === undefined ? {} : { nodePaths }),
    ...(pythonPath === null ? {} : { pythonPath }),
    topology,
    prometheus: reader === 'prometheus',
  }
  const id = newRunId('compare')
  const plan = makePlan(request, given.name('budget'))
  return {
    manifest: {
      schema: 'forkwise/manifest@1',
      id,
      createdAt: new Date().toISOString(),
      forkwiseVersion: forkwiseVersion(),
      command: reproduce(seed),
      machine: machineFacts(versionText(environment)),
      plan,
      cpus: placementText(topology, plan.placement),
      workloads: workloads.map((workload) => ({
        ...workload,
        connections: workload.connections({ workers: plan.workers, cores }),
      })),
      models: wanted.judged.map(recordedModel),
      unavailable: wanted.unavailable,
    },
    models: wanted.models,
    workloads,
    cores,
    dir: settings.out ?? newRunDir(id),
    reader,
    resumed: null,
    anyway: settings.anyway === true,
    thresholds,
    notes: [...notes, ...(findings?.notes ?? [])],
  }
}

function environmentOf(
  nodePath: string | null,
  pythonPath: string | null,
  problems: ProblemList,
): ReturnType<typeof needsEnvironment> {
  try {
    return needsEnvironment(nodePath, pythonPath)
  } catch (thrown) {
    if (!(thrown instanceof ForkwiseError)) throw thrown
    for (const problem of thrown.problems) problems.add(problem.message, problem.hint)
    return needsEnvironment(null)
  }
}

/** What the answers must have in common; null where nothing is said about it. */
function equalityOf(
  { equal: level = 'body', ignore = [] }: CompareSettings,
  given: GivenOptions,
  problems: ProblemList,
): EqualityRule | null {
  for (const place of ignore) addProblems(problems, () => parseIgnored(place, given.name('ignore')))
  return level === 'body' && ignore.length === 0 ? null : { level, ignore }
}

function readerOf({ prometheus, targets }: CompareSettings): PreparedComparison['reader'] {
  if (targets !== undefined) return { targetsDir: targets }
  return prometheus === true ? 'prometheus' : null
}

function extentOf({ quick, budget, blocks }: CompareSettings): PlanRequest['extent'] {
  if (quick === true) return { kind: 'quick' }
  return budget === undefined ? { kind: 'blocks', blocks: blocks ?? LEAST_BLOCKS } : { kind: 'budget', budgetS: budget }
}

function idsOf(things: readonly { readonly id: string }[]): string[] {
  return things.map(({ id }) => id)
}
