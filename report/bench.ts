import { LatencyHistogram } from '../core/histogram.ts'
import type { LoadRecord } from '../core/load.ts'
import { exponential, type Random, seededRandom } from '../core/random.ts'
import type { BlockRecord, Manifest, MeasuredTrial, Result, ResultCell, SliceRecord, Verdict } from '../core/records.ts'
import { renderHtml } from './html/report.ts'
import type { RecordedRun } from './run.ts'

/** How fast the HTML report of a run of some size is made, and what it takes. */
export interface ReportSpeed {
  readonly trials: number
  readonly tookS: number
  readonly bytes: number
  /** Highest memory of the process so far, the made-up run included. */
  readonly peakRssBytes: number
}

/** Makes up a run of about that many trials, renders its report and says how long that took. */
export function measureReportSpeed(trials: number): ReportSpeed {
  const { result, run } = madeUpRun(trials)
  const startedMs = performance.now()
  const html = renderHtml(result, run)
  return {
    trials: run.trials.length,
    tookS: (performance.now() - startedMs) / 1000,
    bytes: Buffer.byteLength(html),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  }
}

const WORKLOADS = ['cpu', 'io', 'mixed'] as const
const SLICE_S = 3

/** A run whose figures mean nothing but whose size is that of a real one: four models, or twenty in a campaign. */
function madeUpRun(wanted: number): { result: Result; run: RecordedRun } {
  const models = Array.from({ length: wanted > 1000 ? 20 : 4 }, (_, index) => `model-${index + 1}`)
  const blockCount = Math.max(1, Math.round(wanted / models.length / WORKLOADS.length))
  const random = seededRandom(1)
  const histograms = Array.from({ length: 40 }, () => madeUpHistogram(random))
  const manifest = madeUpManifest(models, blockCount)
  const blocks = Array.from({ length: blockCount }, (_, index) => index + 1).flatMap((block) =>
    WORKLOADS.map((workload): BlockRecord => ({
      schema: 'forkwise/block@1',
      block,
      workload,
      kept: true,
      reasons: [],
    })),
  )
  let startedAtMs = Date.parse(manifest.createdAt)
  const trials = blocks.flatMap(({ block, workload }) =>
    models.map((model, position): MeasuredTrial => {
      startedAtMs += 8000
      const identity = { id: `b${block}-${model}-${workload}`, block, position, model, control: false, workload }
      return { ...madeUpTrial(random), ...identity, startedAtMs }
    }),
  )
  const place = new Map(trials.map((trial, index) => [trial.id, index]))
  const run: RecordedRun = {
    manifest,
    pilot: null,
    certificate: null,
    trials,
    blocks,
    histograms: (id) => LatencyHistogram.fromBase64(histograms[(place.get(id) ?? 0) % histograms.length] ?? ''),
  }
  return { result: madeUpResult(manifest, models, blockCount), run }
}

function madeUpHistogram(random: Random): string {
  const histogram = new LatencyHistogram()
  for (let count = 0; count < 1000; count++) histogram.record(5000 + exponential(random, 20_000))
  return histogram.toBase64()
}

function madeUpTrial(
  random: Random,
): Omit<MeasuredTrial, 'id' | 'block' | 'position' | 'model' | 'control' | 'workload' | 'startedAtMs'> {
  return {
    schema: 'forkwise/trial@2',
    workers: 2,
    seed: 1,
    outcome: 'valid',
    reasons: [],
    startS: 0.4,
    warmup: { tookS: 0.5, answered: 100, steady: true },
    saturation: madeUpSlice(random),
    latency: madeUpSlice(random),
    units: [],
    reconciliation: { clientAnswered: 1, clientSent: 1, serverAnswered: 1, agrees: true },
    bottleneck: { limit: 'workers', because: 'Made up.' },
  }
}

function madeUpSlice(random: Random): SliceRecord {
  const rate = 100 + 400 * random()
  const latencyMs = { count: 1000, mean: 25, p50: 20, p90: 50, p95: 60, p99: 90, p999: 130, max: 150 }
  const load: LoadRecord = {
    schema: 'forkwise/load@1',
    load: { kind: 'closed', connections: 16, durationS: SLICE_S, timeoutS: 5, seed: 1 },
    countedS: SLICE_S,
    warmup: null,
    scheduled: 1000,
    sent: 1000,
    answered: 1000,
    ok: 1000,
    non2xx: 0,
    timeouts: 0,
    connectionErrors: 0,
    unsent: 0,
    inFlightAtEnd: 0,
    achievedRatePerS: rate,
    latencyMs,
    serviceTimeMs: latencyMs,
    latenessMs: null,
    generator: { cpuCores: 0.2, eventLoopUtilization: 0.2, processes: 1 },
    bytesReceived: null,
    connectionsOpened: 16,
    routes: [{ route: 'all', ok: 1000, failed: 0, latencyMs, histogram: '' }],
    seconds: Array.from({ length: SLICE_S }, (_, atS) => ({
      atS,
      sent: rate,
      ok: rate * (0.9 + 0.2 * random()),
      failed: 0,
      p50Ms: 20 * (0.9 + 0.2 * random()),
      p99Ms: 90 * (0.9 + 0.2 * random()),
    })),
    lifetime: { sent: 1000, answered: 1000 },
    errorSamples: [],
    histogram: '',
    serviceHistogram: '',
  }
  const unit = { role: 'worker', pid: 1, cpuS: 2, rssBytes: 7e7, pssBytes: 6e7 } as const
  return {
    load,
    server: [
      { ...unit, name: 'worker-1' },
      { ...unit, name: 'worker-2' },
    ],
    host: { wallS: SLICE_S, foreignCores: 0.1, stealRatio: 0, generatorCores: 0.2, dependencyCores: 0, throttled: 0 },
    cpuMsPerRequest: 4 + random(),
    workerRequests: { 'worker-1': 500, 'worker-2': 500 },
  }
}

function madeUpManifest(models: readonly string[], blocks: number): Manifest {
  return {
    schema: 'forkwise/manifest@2',
    id: 'made-up',
    createdAt: '2026-01-01T00:00:00.000Z',
    forkwiseVersion: '0',
    command: 'forkwise bench report',
    machine: { id: '', cpu: 'none', cores: 2, memoryBytes: 2 ** 33, platform: '', kernel: '', node: '', v8: '' },
    plan: {
      kind: 'full',
      models,
      baseline: models[0] ?? '',
      workloads: WORKLOADS,
      workers: 2,
      blocks,
      maxBlocks: blocks,
      seed: 1,
      warmup: { minS: 0, maxS: 1, minCount: 1 },
      saturationS: SLICE_S,
      latencyS: SLICE_S,
      timeoutS: 5,
      metrics: true,
      app: null,
      nodePath: null,
      placement: null,
      control: false,
      expectedS: 1,
    },
    workloads: WORKLOADS.map((id) => ({ id, title: id, summary: id, requests: [], connections: 16 })),
    models: models.map((id) => ({ id, title: id, tradeoff: id, routing: 'one', executor: 'inline' })),
    unavailable: [],
  }
}

function madeUpResult(manifest: Manifest, models: readonly string[], blocks: number): Result {
  const estimate = { estimate: 300, low: 290, high: 310 }
  const cells = WORKLOADS.flatMap((workload) =>
    models.map((model): ResultCell => ({
      model,
      workload,
      workers: 2,
      blocks,
      throughputRps: estimate,
      cpuMsPerRequest: { estimate: 4.5, low: 4.4, high: 4.6 },
      latencyMs: { count: 1000, mean: 25, p50: 20, p90: 50, p95: 60, p99: 90, p999: 130, max: 150, ratePerS: 100 },
      routes: [],
      errors: 0,
      timeouts: 0,
      workerShare: [0.5, 0.5],
      rssBytes: 1e8,
      memoryKind: 'pss',
      efficiency: 0.9,
      generatorCores: 0.2,
      startS: 0.4,
      bottleneck: { limit: 'workers', because: 'Made up.' },
    })),
  )
  const metrics = ['throughput', 'cpu-per-request', 'latency-p50', 'latency-p95', 'latency-p99'] as const
  const verdicts = cells
    .filter(({ model }) => model !== models[0])
    .flatMap(({ model, workload }) =>
      metrics.map((metric): Verdict => ({
        workload,
        metric,
        baseline: models[0] ?? '',
        candidate: model,
        ratio: { estimate: 1.5, low: 1.4, high: 1.6, confidence: 0.95 },
        call: 'better',
        because: 'The ratio 1.5 (95 % 1.4–1.6) excludes 1 and passes the threshold that counts.',
        blocks,
        blocksNeeded: null,
      })),
    )
  return {
    schema: 'forkwise/result@2',
    id: manifest.id,
    kind: 'full',
    machine: manifest.machine,
    seed: 1,
    baseline: models[0] ?? '',
    workers: 2,
    summary: ['Made up.'],
    cells,
    verdicts,
    unavailable: [],
    validity: {
      blocksPlanned: blocks,
      blocksKept: blocks,
      blocksDropped: [],
      trialsInvalid: [],
      trialsFailed: [],
      control: null,
      withheld: [],
      certificate: null,
      notes: [],
    },
  }
}
