import { LatencyHistogram } from '../../core/histogram.ts'
import type { LoadRecord } from '../../core/load.ts'
import type {
  BlockRecord,
  ExperimentPlan,
  Manifest,
  MeasuredTrial,
  PilotRecord,
  RecordedWorkload,
  SliceRecord,
} from '../../core/records.ts'

/** What a trial of a made-up run measured; everything else is filled in. */
export interface MadeUpTrial {
  readonly throughput: number
  readonly cpuMs?: number
  /** Latencies of slice B in ms, all routes. */
  readonly latenciesMs?: readonly number[]
  /** Latencies of slice B in ms, by route. */
  readonly routesMs?: Readonly<Record<string, readonly number[]>>
  readonly workerRequests?: Readonly<Record<string, number>>
  readonly bottleneck?: MeasuredTrial['bottleneck']
  readonly outcome?: 'valid' | 'invalid'
}

/** The records of a run that was never made: what `analyse` reads. */
export interface MadeUpRun {
  readonly manifest: Manifest
  readonly pilot: PilotRecord
  readonly trials: MeasuredTrial[]
  readonly blocks: BlockRecord[]
  readonly histograms: (trialId: string, slice: 'saturation' | 'latency', route?: string) => LatencyHistogram | null
}

/** Which trial is asked for. */
export interface Place {
  readonly model: string
  readonly workload: string
  readonly block: number
  readonly control: boolean
}

const KINDS: Readonly<Record<string, RecordedWorkload['requests']>> = {
  cpu: [{ route: 'cpu', method: 'GET', path: '/cpu/prime?n=7', weight: 1, expectStatus: 200 }],
  io: [{ route: 'io', method: 'GET', path: '/io/upstream?ms=50', weight: 1, expectStatus: 200 }],
  mixed: [
    { route: 'io', method: 'GET', path: '/io/upstream?ms=50', weight: 9, expectStatus: 200 },
    { route: 'cpu', method: 'GET', path: '/cpu/prime?n=7', weight: 1, expectStatus: 200 },
  ],
}

/** Makes up a run: `measure` gives each trial's figures, or null for a trial that is missing. */
export function madeUpRun(
  plan: Partial<ExperimentPlan> & Pick<ExperimentPlan, 'models' | 'workloads' | 'blocks'>,
  measure: (place: Place) => MadeUpTrial | null,
): MadeUpRun {
  const full: ExperimentPlan = {
    kind: 'full',
    baseline: plan.models[0] ?? '',
    workers: 2,
    maxBlocks: plan.blocks * 2,
    seed: 1,
    warmup: { minS: 1, maxS: 5, minCount: 100 },
    saturationS: 3,
    latencyS: 3,
    timeoutS: 5,
    metrics: true,
    app: null,
    nodePath: null,
    placement: null,
    control: false,
    expectedS: 300,
    ...plan,
  }
  const stored = new Map<string, LatencyHistogram>()
  const trials: MeasuredTrial[] = []
  for (let block = 0; block < full.blocks; block++) {
    for (const workload of full.workloads) {
      const launches = full.models.map((model) => ({ model, control: false }))
      if (full.control) launches.push({ model: full.baseline, control: true })
      for (const [position, { model, control }] of launches.entries()) {
        const measured = measure({ model, workload, block, control })
        if (measured === null) continue
        const id = `b${block}-${model}${control ? '-control' : ''}-${workload}`
        const all = measured.latenciesMs ?? Object.values(measured.routesMs ?? {}).flat()
        if (all.length > 0) stored.set(`${id} latency `, histogramOf(all))
        for (const [route, latencies] of Object.entries(measured.routesMs ?? {})) {
          stored.set(`${id} latency ${route}`, histogramOf(latencies))
        }
        trials.push(trialOf(id, { model, workload, block, control }, position, full, measured))
      }
    }
  }
  return {
    manifest: manifestOf(full),
    pilot: {
      schema: 'forkwise/pilot@1',
      capacities: [],
      commonRates: Object.fromEntries(full.workloads.map((workload) => [workload, 120])),
      bareRates: full.workloads.includes('cpu') ? { cpu: 100 } : {},
      refused: [],
      notes: [],
    },
    trials,
    blocks: full.workloads.flatMap((workload) =>
      Array.from({ length: full.blocks }, (_, block) => ({
        schema: 'forkwise/block@1' as const,
        block,
        workload,
        kept: true,
        reasons: [],
      })),
    ),
    histograms: (trialId, slice, route) => stored.get(`${trialId} ${slice} ${route ?? ''}`) ?? null,
  }
}

function histogramOf(latenciesMs: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram()
  for (const ms of latenciesMs) histogram.record(ms * 1000)
  return histogram
}

function manifestOf(plan: ExperimentPlan): Manifest {
  return {
    schema: 'forkwise/manifest@2',
    id: 'made-up',
    createdAt: '2026-01-01T00:00:00.000Z',
    forkwiseVersion: '0.1.0',
    command: 'forkwise compare',
    machine: {
      id: 'abc',
      cpu: 'a CPU',
      cores: 2,
      memoryBytes: 8e9,
      platform: 'Debian 12 x64',
      kernel: 'Linux 6',
      node: 'v20.20.2',
      v8: '11.3',
    },
    plan,
    workloads: plan.workloads.map((id) => ({
      id,
      title: id,
      summary: `made-up ${id} work`,
      connections: 16,
      requests: KINDS[id] ?? [{ route: id, method: 'GET', path: `/${id}`, weight: 1, expectStatus: 200 }],
    })),
    models: plan.models.map((id) => ({ id, title: id, tradeoff: '', routing: 'one', executor: 'inline' })),
    unavailable: [],
  }
}

function trialOf(
  id: string,
  place: Place,
  position: number,
  plan: ExperimentPlan,
  measured: MadeUpTrial,
): MeasuredTrial {
  const routes = Object.keys(measured.routesMs ?? {})
  const hasLatency = measured.latenciesMs !== undefined || routes.length > 0
  return {
    schema: 'forkwise/trial@2',
    id,
    ...place,
    position,
    workers: plan.workers,
    seed: plan.seed,
    startedAtMs: 0,
    outcome: measured.outcome ?? 'valid',
    reasons: measured.outcome === 'invalid' ? ['made up to be invalid'] : [],
    startS: 0.5,
    warmup: null,
    saturation: sliceOf(measured, measured.throughput, []),
    latency: hasLatency ? sliceOf(measured, 120, routes) : null,
    units: [],
    reconciliation: { clientAnswered: 0, clientSent: 0, serverAnswered: null, agrees: true },
    bottleneck: measured.bottleneck ?? { limit: 'workers', because: 'Its workers are busy.' },
  }
}

function sliceOf(measured: MadeUpTrial, ratePerS: number, routes: readonly string[]): SliceRecord {
  return {
    load: loadOf(ratePerS, routes),
    server: [
      { name: 'primary', role: 'supervisor', pid: 10, cpuS: 0.1, rssBytes: 50e6, pssBytes: 40e6 },
      { name: 'worker-1', role: 'worker', pid: 11, cpuS: 1, rssBytes: 60e6, pssBytes: 45e6 },
    ],
    host: { wallS: 3, foreignCores: 0, stealRatio: 0, generatorCores: 0.2, dependencyCores: 0, throttled: 0 },
    cpuMsPerRequest: measured.cpuMs ?? 1000 / measured.throughput,
    workerRequests: measured.workerRequests ?? { 'worker-1': 60, 'worker-2': 40 },
  }
}

function loadOf(ratePerS: number, routes: readonly string[]): LoadRecord {
  const nothing = { count: 0, mean: null, p50: null, p90: null, p95: null, p99: null, p999: null, max: null }
  return {
    schema: 'forkwise/load@1',
    load: { kind: 'open', ratePerS, arrivals: 'poisson', durationS: 3, timeoutS: 5, seed: 1, maxConnections: 100 },
    countedS: 3,
    warmup: null,
    scheduled: ratePerS * 3,
    sent: ratePerS * 3,
    answered: ratePerS * 3 - 1,
    ok: ratePerS * 3 - 3,
    non2xx: 2,
    timeouts: 1,
    connectionErrors: 0,
    unsent: 0,
    inFlightAtEnd: 0,
    achievedRatePerS: ratePerS,
    latencyMs: nothing,
    serviceTimeMs: nothing,
    latenessMs: null,
    generator: { cpuCores: 0.2, eventLoopUtilization: 0.2, processes: 1 },
    bytesReceived: null,
    connectionsOpened: 16,
    routes: routes.map((route) => ({ route, ok: 1, failed: 0, latencyMs: nothing, histogram: '' })),
    seconds: [],
    lifetime: { sent: 0, answered: 0 },
    errorSamples: [],
    histogram: '',
    serviceHistogram: '',
  }
}
