import { LEAST_BLOCKS, LEAST_PILOT_BLOCKS } from '../../analysis/comparison/verdict.ts'
import { ForkwiseError } from '../../core/errors.ts'
import type { AppDependency, EqualityRule, ExperimentPlan, OwnAppStart, SliceSeconds } from '../../core/records.ts'
import type { CpuTopology } from '../../loadtest/cpu-topology.ts'
import { placementFor } from '../../loadtest/placement.ts'

/** What a person asks of a comparison; the rest of the plan follows. */
export interface PlanRequest {
  readonly models: readonly string[]
  readonly baseline: string
  readonly workloads: readonly string[]
  readonly workers: number
  readonly seed: number
  readonly metrics: boolean
  readonly app: string | null
  readonly appStart?: OwnAppStart
  readonly equality?: EqualityRule
  readonly nodePath: string | null
  /** Nodes of the models that run on another one, by model. */
  readonly nodePaths?: Readonly<Record<string, string>>
  /** The interpreter of the models in Python; absent = Debian's. */
  readonly pythonPath?: string
  readonly timeoutS: number
  /** Processes of the user's own that the app calls; absent or empty where none was named. */
  readonly dependencies?: readonly AppDependency[]
  /** Rate of the latency slices; absent: found by the pilot. */
  readonly ratePerS?: number
  /** What may be used of the machine's processors. */
  readonly topology: CpuTopology
  /** Whether a Prometheus watches: every launch waits until it was found. */
  readonly prometheus?: boolean
  /** At most one of these; none = the default of about ten minutes. */
  readonly extent: { kind: 'quick' } | { kind: 'blocks'; blocks: number } | { kind: 'budget'; budgetS: number }
}

/** Blocks of a quick run; from more models than these on the fewest, since every block launches them all. */
const QUICK_BLOCKS = 4
const MANY_MODELS = 8

/**
 * Seconds to launch and to end one server, and between the slices of a trial, for the estimate that is shown before a
 * run starts. Measured 2026-11-26 on 2 cores with generators that stay, mean over single, cluster, pm2-fork and
 * worker-pool under cpu, io and mixed; the progress bar corrects it as soon as trials are finished.
 */
const LAUNCH_S = 1.5

/** Seconds until a Prometheus has found the units of a launch, on average: it looks every 5 s, then reads within one. */
const DISCOVERY_S = 3.5

/** Seconds that a warm-up takes beyond its least until the rate is steady, on average, measured as above. */
const UNSTEADY_S = 1.4

/** Seconds the pilot takes for each model and workload beyond the launch. */
const PILOT_S = 1.2

/** Fewest blocks of a full run after which anything may be called. */
export const FIRST_LOOK = 5

/** Lengths of one trial's parts in seconds. */
interface TrialLengths {
  readonly warmup: ExperimentPlan['warmup']
  readonly saturationS: number
  readonly latencyS: number
}

/**
 * The slices are dealt to the workloads after the pilot (slice-lengths.ts). Of the normal lengths, which are means, eight
 * blocks have enough for p95 of the built-in workloads where `single` computes 220 requests of `cpu` a second.
 */
const QUICK: TrialLengths = { warmup: { minS: 0.4, maxS: 0.9, minCount: 30 }, saturationS: 0.4, latencyS: 0.45 }
const NORMAL: TrialLengths = { warmup: { minS: 0.4, maxS: 2.5, minCount: 50 }, saturationS: 0.7, latencyS: 1.4 }

/** Makes the plan of a comparison; pure. Throws USAGE, naming `budgetName`, when a budget cannot hold even a pilot. */
export function makePlan(request: PlanRequest, budgetName: string = '--budget'): ExperimentPlan {
  const { kind, blocks, maxBlocks, lengths, control } = extentOf(request, budgetName)
  const base = {
    kind,
    models: request.models,
    baseline: request.baseline,
    workloads: request.workloads,
    workers: request.workers,
    blocks,
    maxBlocks,
    ...(kind === 'full' ? { looks: { from: FIRST_LOOK, planned: blocks } } : {}),
    seed: request.seed,
    ...lengths,
    timeoutS: request.timeoutS,
    metrics: request.metrics,
    ...(request.ratePerS === undefined ? {} : { ratePerS: request.ratePerS }),
    app: request.app,
    ...(request.appStart === undefined ? {} : { appStart: request.appStart }),
    ...(request.equality === undefined ? {} : { equality: request.equality }),
    nodePath: request.nodePath,
    ...(request.nodePaths === undefined ? {} : { nodePaths: request.nodePaths }),
    ...(request.pythonPath === undefined ? {} : { pythonPath: request.pythonPath }),
    placement: placementFor(request.topology),
    ...(request.dependencies === undefined || request.dependencies.length === 0
      ? {}
      : { dependencies: request.dependencies }),
    control,
    ...(request.extent.kind === 'budget' ? { budgetS: request.extent.budgetS } : {}),
  }
  return { ...base, expectedS: Math.round(expectedSeconds(base, launchSeconds(request))) }
}

/** True when the A/A control (a second launch of the baseline) belongs to this block: every other one, from the second. */
export function hasControl(plan: Pick<ExperimentPlan, 'control'>, block: number): boolean {
  return plan.control && block % 2 === 0
}

/** How many trials a plan has when no block has to be replaced. */
export function trialCount(plan: Pick<ExperimentPlan, 'models' | 'workloads' | 'blocks' | 'control'>): number {
  let perWorkload = 0
  for (let block = 1; block <= plan.blocks; block++)
    perWorkload += plan.models.length + (hasControl(plan, block) ? 1 : 0)
  return perWorkload * plan.workloads.length
}

function extentOf(
  request: PlanRequest,
  budgetName: string,
): {
  kind: ExperimentPlan['kind']
  blocks: number
  maxBlocks: number
  lengths: TrialLengths
  control: boolean
} {
  const { extent } = request
  if (extent.kind === 'quick') {
    const blocks = request.models.length > MANY_MODELS ? LEAST_PILOT_BLOCKS : QUICK_BLOCKS
    return { kind: 'pilot', blocks, maxBlocks: blocks + 1, lengths: QUICK, control: false }
  }
  if (extent.kind === 'blocks') {
    const pilot = extent.blocks < LEAST_BLOCKS
    return {
      kind: pilot ? 'pilot' : 'full',
      blocks: extent.blocks,
      maxBlocks: extent.blocks * 2,
      lengths: NORMAL,
      control: !pilot,
    }
  }
  if (extent.kind === 'budget') return budgetedExtent(request, extent.budgetS, budgetName)
  return { kind: 'full', blocks: LEAST_BLOCKS, maxBlocks: LEAST_BLOCKS * 2, lengths: NORMAL, control: true }
}

/** Slices of a full run in a budget are at least this share of the normal ones. */
const LEAST_STRETCH = 0.4

/** Fills a budget: first enough blocks, if need be of shorter slices, then longer slices, up to 20 blocks and 10 s slices. */
function budgetedExtent(request: PlanRequest, budgetS: number, budgetName: string): ReturnType<typeof extentOf> {
  const cells = request.models.length * request.workloads.length
  const launchS = launchSeconds(request)
  const pilotS = request.models.length * launchS + cells * PILOT_S
  const normalTrialS = launchS + slicesSeconds(NORMAL)
  const quickTrialS = launchS + slicesSeconds(QUICK)
  const affordable = (budgetS - pilotS) / (cells * normalTrialS * 1.125)
  const blocks = Math.min(20, Math.max(LEAST_BLOCKS, Math.floor(affordable)))
  const countedS = NORMAL.saturationS + NORMAL.latencyS
  const stretch = Math.min(10, 1 + ((affordable / blocks - 1) * normalTrialS) / countedS)
  if (stretch >= LEAST_STRETCH) {
    const lengths = { ...NORMAL, saturationS: NORMAL.saturationS * stretch, latencyS: NORMAL.latencyS * stretch }
    return { kind: 'full', blocks, maxBlocks: blocks * 2, lengths, control: true }
  }
  const quickBlocks = Math.floor((budgetS - pilotS) / (cells * quickTrialS))
  if (quickBlocks >= LEAST_PILOT_BLOCKS) {
    return { kind: 'pilot', blocks: quickBlocks, maxBlocks: quickBlocks + 1, lengths: QUICK, control: false }
  }
  const leastS = Math.ceil(pilotS + LEAST_PILOT_BLOCKS * cells * quickTrialS)
  throw new ForkwiseError('USAGE', {
    message: `Expected \`${budgetName}\` to be at least ${leastS}s for ${request.models.length} models × ${request.workloads.length} workloads, got ${Math.round(budgetS)}s.`,
    hint: 'Give more time, or compare fewer models or workloads.',
  })
}

function launchSeconds({ prometheus = false }: PlanRequest): number {
  return LAUNCH_S + (prometheus ? DISCOVERY_S : 0)
}

function slicesSeconds({ warmup, saturationS, latencyS }: TrialLengths): number {
  return Math.min(warmup.maxS, warmup.minS + UNSTEADY_S) + saturationS + latencyS
}

/**
 * Seconds that a trial takes, by the slices that the pilot dealt to its workload and by the time in which the model answers as
 * many requests as there are connections: a slice at saturation ends when those in flight are answered or given up.
 */
export function trialSeconds(
  plan: Pick<ExperimentPlan, 'warmup' | 'saturationS' | 'latencyS' | 'timeoutS'>,
  slices: SliceSeconds | undefined,
  waveS: number,
): number {
  return LAUNCH_S + slicesSeconds({ ...plan, ...slices }) + Math.min(plan.timeoutS, waveS)
}

function expectedSeconds(plan: Omit<ExperimentPlan, 'expectedS'>, launchS: number): number {
  const pilotS = plan.models.length * (launchS + plan.workloads.length * PILOT_S)
  return pilotS + trialCount(plan) * (launchS + slicesSeconds(plan))
}
