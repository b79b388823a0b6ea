import { LEAST_BLOCKS } from '../../analysis/comparison/verdict.ts'
import { loadModels } from '../../cluster/models.ts'
import type { AppUnderTest, NeedsEnvironment } from '../../cluster/model.ts'
import { needsEnvironment, otherNodes, plannedApp, versionText } from '../../cluster/runnable.ts'
import { workersOf } from '../../cluster/variant.ts'
import { availableCores } from '../../core/cores.ts'
import type { ProblemList } from '../../core/errors.ts'
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
import {
  comparableModels,
  comparedId,
  judgeCompared,
  pickModels,
  type ResolvedModels,
  requireSomeModels,
  resolveBaseline,
} from '../resolution/models.ts'
import { resolveServers } from '../resolution/outside-servers.ts'
import { resolveThresholds } from '../resolution/thresholds.ts'
import { resolveVariants } from '../resolution/variants.ts'
import { resolveWorkloads } from '../resolution/workloads.ts'
import { type Candidates, plainCandidates, variantCandidates } from './candidates.ts'
import type { PreparedComparison } from './comparison.ts'
import { makePlan, type PlanRequest } from './plan.ts'
import { checkOut, type Revisions } from './revisions.ts'

/** What the preparation of a comparison may take beside its options. */
export interface Preparing {
  /** Gives it up; it then rejects with INTERRUPTED. */
  readonly signal?: AbortSignal
  /** Told what is being done, where it takes long. */
  readonly onProgress?: (text: string) => void
}

/**
 * Checks the options of a comparison, finds what they name, checks revisions out and loads the apps; what stays of that goes
 * when the run closes it. `reproduce` says how the run is made again. Throws one error with every problem: USAGE, APP_INVALID, PART_MISSING.
 */
export async function prepareComparison(
  given: GivenOptions,
  reproduce: (seed: number) => string,
  problems: ProblemList,
  preparing: Preparing = {},
): Promise<PreparedComparison> {
  const settings = readSettings(COMPARE, given, problems)
  const { python: pythonPath = null, seed = freshSeed() } = settings
  const nodePath = typeof settings.node === 'string' ? settings.node : null
  const all = await loadModels()
  const builtIn = await loadWorkloads()
  const single = withOneApp(settings)
  const app = resolveApp(single, given, problems)
  const dependencies = resolveDependencies(settings, given, problems)
  const outside = resolveServers(settings.servers, idsOf(all), given, problems)
  const { chosen: workloads, known } = resolveWorkloads(single, builtIn, given, problems)
  const named = settings.models === undefined ? null : pickModels(settings.models, all, given, problems)
  const { models, replaced } = comparableModels(named ?? [], all)
  const chosen = named === null ? null : models
  const taken = idsOf([...all, ...outside])
  const variants = resolveVariants(settings, { chosen, all, app, taken }, given, problems)
  const usual = outside.length > 0 && app === null ? [] : COMPARED_MODELS
  const plain = variants === null ? (chosen ?? pickModels(usual, all, given, problems)) : []
  const names = idsOf([...(variants ?? plain), ...outside])
  const asked = settings.baseline === undefined ? undefined : comparedId(settings.baseline, all)
  const baseline = resolveBaseline(asked, names, given, problems)
  const { thresholds, notes } = resolveThresholds(
    settings,
    { models: names, workloads: idsOf(workloads) },
    { models: [...taken, ...idsOf(variants ?? [])], workloads: known },
    given,
    problems,
  )
  const equality = equalityOf(settings, given, problems)
  const environment = environmentOf(nodePath, pythonPath, problems)
  for (const path of new Set((variants ?? []).map((variant) => variant.nodePath))) {
    if (path !== nodePath) environmentOf(path, pythonPath, problems)
  }
  for (const path of new Set((variants ?? []).flatMap((variant) => variant.pythonPath ?? []))) {
    environmentOf(null, path, problems)
  }
  problems.throwIfAny('USAGE')

  // Building and loading apps takes long, and is not tried before everything else is right.
  const revisions = await revisionsOf(settings, app, preparing)
  try {
    const found =
      variants === null ? await plainCandidates(plain, app, nodePath) : await variantCandidates(variants, revisions)
    const wanted = await judgeCompared(found.candidates, outside, pythonPath, environment)
    requireSomeModels(wanted, baseline)
    return assemble(settings, {
      nodePath,
      wanted,
      replaced,
      found,
      workloads,
      baseline,
      seed,
      equality,
      environment,
      dependencies,
      thresholds,
      notes,
      command: reproduce(seed),
      budgetName: given.name('budget'),
      close: () => revisions?.close() ?? Promise.resolve(),
    })
  } catch (thrown) {
    await revisions?.close()
    throw thrown
  }
}

/** What the options of a comparison came to. */
interface Resolved extends Pick<PreparedComparison, 'workloads' | 'thresholds' | 'notes' | 'close'> {
  readonly wanted: ResolvedModels
  /** Models in whose place others are compared, and why. */
  readonly replaced: ResolvedModels['unavailable']
  readonly found: Candidates
  readonly baseline: string
  readonly seed: number
  readonly equality: EqualityRule | null
  readonly environment: NeedsEnvironment
  readonly dependencies: NonNullable<PlanRequest['dependencies']>
  /** The Node of those that name none; null = ours. */
  readonly nodePath: string | null
  readonly command: string
  /** How the budget is named in messages. */
  readonly budgetName: string
}

function assemble(settings: CompareSettings, resolved: Resolved): PreparedComparison {
  const { wanted, found, workloads, baseline, environment, equality, notes } = resolved
  const { timeout: timeoutS, metrics, rate = null, python } = settings
  const cores = availableCores()
  const topology = readCpuTopology()
  const reader = readerOf(settings)
  const nodePaths = otherNodes(wanted.judged, environment)
  const workers = settings.workers ?? Math.max(2, serverCores())
  const request: PlanRequest = {
    models: idsOf(wanted.models),
    baseline,
    workloads: idsOf(workloads),
    workers: Math.max(workers, ...wanted.models.map((model) => workersOf(model, workers))),
    seed: resolved.seed,
    metrics,
    timeoutS,
    dependencies: resolved.dependencies,
    extent: extentOf(settings),
    ...(rate === null ? {} : { ratePerS: rate }),
    // The baseline may be a server that runs already, and has no app of ours.
    ...plannedApp(found.apps.get(baseline) ?? [...found.apps.values()][0] ?? null),
    ...(equality === null ? {} : { equality }),
    nodePath: resolved.nodePath,
    ...(nodePaths === undefined ? {} : { nodePaths }),
    ...(python === undefined ? {} : { pythonPath: python }),
    topology,
    prometheus: reader === 'prometheus',
  }
  const id = newRunId('compare')
  const plan = makePlan(request, resolved.budgetName)
  return {
    manifest: {
      schema: 'forkwise/manifest@2',
      id,
      createdAt: new Date().toISOString(),
      forkwiseVersion: forkwiseVersion(),
      command: resolved.command,
      machine: machineFacts(versionText(environment)),
      plan,
      cpus: placementText(topology, plan.placement),
      workloads: workloads.map((workload) => ({
        ...workload,
        connections: workload.connections({ workers: plan.workers, cores }),
      })),
      models: wanted.judged.map(recordedModel),
      unavailable: [...resolved.replaced, ...wanted.unavailable],
    },
    models: wanted.models,
    workloads,
    cores,
    dir: settings.out ?? newRunDir(id),
    reader,
    resumed: null,
    anyway: settings.anyway === true,
    thresholds: resolved.thresholds,
    notes: [...notes, ...found.notes],
    close: resolved.close,
  }
}

/** The settings as they are where one app is compared: several have names, and are no app of all. */
function withOneApp({ app, ...settings }: CompareSettings): Omit<CompareSettings, 'app'> & { app: string | undefined } {
  return { ...settings, app: typeof app === 'string' ? app : undefined }
}

async function revisionsOf(
  { refs, build }: CompareSettings,
  app: AppUnderTest | null,
  { signal = new AbortController().signal, onProgress = () => undefined }: Preparing,
): Promise<Revisions | null> {
  return refs === undefined || app === null ? null : checkOut(refs, app, { build: build ?? null, signal, onProgress })
}

function environmentOf(
  nodePath: string | null,
  pythonPath: string | null,
  problems: ProblemList,
): ReturnType<typeof needsEnvironment> {
  return addProblems(problems, () => needsEnvironment(nodePath, pythonPath)) ?? needsEnvironment(null)
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
