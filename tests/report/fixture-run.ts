import { analyse } from '../../analysis/comparison/comparison.ts'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LatencyHistogram } from '../../core/histogram.ts'
import type { LoadRecord, RouteRecord } from '../../core/load.ts'
import { deriveSeed, exponential, type Random, seededRandom, shuffled, standardNormal } from '../../core/random.ts'
import type { RecordedRun } from '../../report/run.ts'
import type {
  BlockRecord,
  Manifest,
  MeasuredTrial,
  PilotRecord,
  RecordedWorkload,
  Result,
  SliceRecord,
  TrialRecord,
} from '../../core/records.ts'

/** A made-up run: everything a results folder holds, drawn from one seed. No figure in it was measured. */
export interface FixtureRun {
  readonly manifest: Manifest
  readonly pilot: PilotRecord
  readonly blocks: readonly BlockRecord[]
  /** With histograms in them. */
  readonly trials: readonly TrialRecord[]
  readonly result: Result
}

/** What a made-up run consists of; by default a full run of 4 models × 3 workloads × 8 blocks. */
export interface FixtureSize {
  readonly kind?: 'pilot' | 'full'
  readonly blocks?: number
  readonly samples?: number
  readonly models?: readonly string[]
  readonly workloads?: readonly string[]
}

interface Behaviour {
  /** Requests per second at saturation. */
  readonly capacity: number
  readonly cpuMs: number
  readonly p50Ms: number
  /** Spread of the latencies: sd of ln(latency). */
  readonly tail: number
  readonly shares: readonly number[]
}

/** The block that the made-up noise fell into, replaced by one more at the end. */
const DROPPED = { block: 4, workload: 'io' }
const START_MS = Date.UTC(2026, 0, 15, 9, 30)
const WORKERS = 2
const LABELS: Readonly<Record<string, { title: string; tradeoff: string; routing: string; executor: string }>> = {
  single: {
    title: 'One process',
    tradeoff: 'Nothing to arrange, and one core at most.',
    routing: 'one',
    executor: 'inline',
  },
  cluster: {
    title: 'node:cluster',
    tradeoff: 'Every core on one port; memory once per worker.',
    routing: 'round-robin-connections',
    executor: 'inline',
  },
  'pm2-fork': {
    title: 'PM2, fork mode',
    tradeoff: 'A supervisor that restarts; a port per worker.',
    routing: 'client-round-robin',
    executor: 'inline',
  },
  'worker-pool': {
    title: 'Worker pool',
    tradeoff: 'The event loop stays free; every task crosses a thread.',
    routing: 'central-queue',
    executor: 'worker-pool',
  },
}

const WORKLOAD_TITLES: Readonly<Record<string, string>> = {
  cpu: 'A prime by trial division, a few ms of computing',
  io: 'A call to a dependency that takes 50 ms',
  mixed: '90 % waiting, 10 % computing',
}

/** A made-up run of the given size; the same for the same seed on every machine. */
export function fixtureRun(seed: number, size: FixtureSize = {}): FixtureRun {
  const manifest = fixtureManifest(seed, size)
  const trials = fixtureTrials(seed, manifest, size.samples ?? 1400)
  const blockRecords = launches(manifest).map(({ block, workload }): BlockRecord => {
    const kept = !(block === DROPPED.block && workload === DROPPED.workload)
    const reasons = kept ? [] : ['foreign CPU 0.31 cores per core during b04-cluster-io, limit 0.10']
    return { schema: 'forkwise/block@1', block, workload, kept, reasons }
  })
  const pilot = fixturePilot(manifest)
  return {
    manifest,
    pilot,
    blocks: blockRecords,
    trials,
    result: analyse(manifest, pilot, trials, blockRecords, histogramsOf(trials), null),
  }
}

/** A made-up run as reports read one from a folder. */
export function recordedRun({ manifest, pilot, trials, blocks }: Omit<FixtureRun, 'result'>): RecordedRun {
  return { manifest, pilot, certificate: null, trials, blocks, histograms: histogramsOf(trials) }
}

function histogramsOf(trials: readonly TrialRecord[]): RecordedRun['histograms'] {
  const byId = new Map(trials.map((trial) => [trial.id, trial]))
  return (trialId, slice, route) => {
    const trial = byId.get(trialId)
    if (trial === undefined || trial.outcome === 'failed') return null
    const load = trial[slice]?.load
    const encoded = route === undefined ? load?.histogram : load?.routes.find((r) => r.route === route)?.histogram
    return encoded === undefined || encoded === '' ? null : LatencyHistogram.fromBase64(encoded)
  }
}

/** Writes a made-up run as a results folder: trials.ndjson with emptied histograms, histograms/ beside it. */
export async function writeFixtureRun(run: FixtureRun, folder: string): Promise<void> {
  await mkdir(join(folder, 'histograms'), { recursive: true })
  await writeFile(join(folder, 'manifest.json'), JSON.stringify(run.manifest, null, 2))
  await writeFile(join(folder, 'pilot.json'), JSON.stringify(run.pilot, null, 2))
  await writeFile(join(folder, 'result.json'), JSON.stringify(run.result, null, 2))
  await writeFile(join(folder, 'blocks.ndjson'), run.blocks.map((block) => `${JSON.stringify(block)}\n`).join(''))
  const lines: string[] = []
  for (const trial of run.trials) {
    lines.push(`${JSON.stringify(trial, (key, value: unknown) => (/^(serviceH|h)istogram$/.test(key) ? '' : value))}\n`)
    if (trial.outcome === 'failed') continue
    const { saturation, latency } = trial
    const kept = {
      saturation: storedHistograms(saturation),
      ...(latency === null ? {} : { latency: storedHistograms(latency) }),
    }
    await writeFile(join(folder, 'histograms', `${trial.id}.json`), JSON.stringify(kept))
  }
  await writeFile(join(folder, 'trials.ndjson'), lines.join(''))
}

function storedHistograms({ load }: SliceRecord): object {
  return {
    histogram: load.histogram,
    serviceHistogram: load.serviceHistogram,
    routes: Object.fromEntries(load.routes.map((route) => [route.route, route.histogram])),
  }
}

/** The manifest of a made-up run, which alone costs nothing to make. */
export function fixtureManifest(seed: number, size: FixtureSize = {}): Manifest {
  const kind = size.kind ?? 'full'
  const blocks = size.blocks ?? (kind === 'pilot' ? 3 : 8)
  const models = size.models ?? Object.keys(LABELS)
  const workloads = size.workloads ?? ['cpu', 'io', 'mixed']
  return {
    schema: 'forkwise/manifest@2',
    id: kind === 'pilot' ? '20260115-093000-pilot' : '20260115-093000',
    createdAt: new Date(START_MS).toISOString(),
    forkwiseVersion: '0.1.0',
    command: `forkwise compare ${kind === 'pilot' ? '--quick ' : ''}--workers ${WORKERS} --seed ${seed}`,
    machine: {
      id: '3f1c0a9be2d4',
      cpu: 'Made-up CPU @ 2.50GHz',
      cores: 2,
      memoryBytes: 8 * 2 ** 30,
      platform: 'Debian GNU/Linux 12 (bookworm) x64',
      kernel: 'Linux 6.1.0',
      node: 'v20.20.2',
      v8: '11.3.244.8-node.30',
    },
    plan: {
      kind,
      models,
      baseline: models[0] ?? 'single',
      workloads,
      workers: WORKERS,
      blocks,
      maxBlocks: blocks * 2,
      seed,
      warmup: { minS: 0.3, maxS: 2, minCount: 50 },
      saturationS: 3,
      latencyS: 3,
      timeoutS: 5,
      metrics: true,
      app: null,
      nodePath: null,
      placement: null,
      control: kind === 'full',
      expectedS: blocks * models.length * workloads.length * 8,
    },
    workloads: workloads.map((id) => ({
      id,
      title: WORKLOAD_TITLES[id] ?? id,
      summary: 'Made up for tests.',
      ...(id === 'cpu' || id === 'io' || id === 'mixed' ? { kind: id } : {}),
      requests: id === 'mixed' ? [request('io', 9), request('cpu', 1)] : [request(id, 1)],
      connections: id === 'cpu' ? 16 : 256,
    })),
    models: models.map((id) => ({
      id,
      ...(LABELS[id] ?? { title: id, tradeoff: `${id} has no words of its own.`, routing: 'one', executor: 'inline' }),
    })),
    unavailable: [
      {
        model: 'nginx-fork',
        reason: 'nginx is not installed.',
        remedy: 'apt-get install nginx-light, or npm run setup:system',
      },
      {
        model: 'reuse-port',
        reason: 'Node 20.20.2 has no `reusePort`; it came with 22.12.',
        remedy: '--node /path/to/node24',
      },
    ],
  }
}

function request(route: string, weight: number): RecordedWorkload['requests'][number] {
  return { route, method: 'GET', path: `/${route}?n=1`, weight, expectStatus: 200 }
}

function fixturePilot(manifest: Manifest): PilotRecord {
  const { models, workloads } = manifest.plan
  return {
    schema: 'forkwise/pilot@1',
    capacities: models.flatMap((model, index) =>
      workloads.map((workload) => ({ model, workload, ratePerS: behaviour(model, index, workload).capacity })),
    ),
    commonRates: Object.fromEntries(workloads.map((workload) => [workload, commonRate(manifest, workload)])),
    bareRates: { cpu: 251.3 },
    refused: [],
    notes: [],
  }
}

function commonRate(manifest: Manifest, workload: string): number {
  const capacities = manifest.plan.models.map((model, index) => behaviour(model, index, workload).capacity)
  return 0.6 * Math.min(...capacities)
}

function behaviour(model: string, index: number, workload: string): Behaviour {
  const spread =
    model === 'single' ? [1] : model === 'cluster' ? [0.52, 0.48] : model === 'pm2-fork' ? [0.5, 0.5] : [0.505, 0.495]
  const gain =
    { single: 1, cluster: 1.83, 'pm2-fork': 1.88, 'worker-pool': 1.74 }[model] ?? 1 + 0.1 * ((index * 7) % 10)
  if (workload === 'io') {
    return {
      capacity: 2400 * (1 + (gain - 1) * 0.6),
      cpuMs: model === 'worker-pool' ? 0.41 : 0.35,
      p50Ms: 51.2,
      tail: 0.02,
      shares: spread,
    }
  }
  if (workload === 'mixed') {
    const blocked = model === 'single' ? 2.2 : model === 'worker-pool' ? 1.02 : 1.4
    return {
      capacity: 170 * gain,
      cpuMs: 5.6,
      p50Ms: 52 * blocked,
      tail: model === 'worker-pool' ? 0.1 : 0.55,
      shares: spread,
    }
  }
  return {
    capacity: 229 * gain,
    cpuMs: model === 'worker-pool' ? 4.6 : 4.32,
    p50Ms: model === 'single' ? 6.1 : 4.7,
    tail: model === 'single' ? 0.7 : 0.3,
    shares: spread,
  }
}

function fixtureTrials(seed: number, manifest: Manifest, samples: number): TrialRecord[] {
  const { plan } = manifest
  const trials: TrialRecord[] = []
  let clockMs = START_MS
  for (const { block, workload } of launches(manifest)) {
    const random = seededRandom(deriveSeed(seed, 'block', block, workload))
    // What a block shares: the machine was this much faster or slower than on average.
    const weather = 1 + 0.02 * standardNormal(random)
    const models: { model: string; control: boolean }[] = plan.models.map((model) => ({ model, control: false }))
    if (plan.control && block % 3 === 0) models.push({ model: plan.baseline, control: true })
    for (const [position, { model, control }] of shuffled(models, random).entries()) {
      const id = `b${String(block).padStart(2, '0')}-${model}${control ? '-again' : ''}-${workload}`
      const trialSeed = deriveSeed(seed, id)
      const identity = {
        schema: 'forkwise/trial@2',
        id,
        block,
        position,
        model,
        control,
        workload,
        workers: plan.workers,
        seed: trialSeed,
        startedAtMs: clockMs,
      } as const
      trials.push(
        measuredTrial(
          identity,
          behaviour(model, plan.models.indexOf(model), workload),
          weather,
          commonRate(manifest, workload),
          samples,
        ),
      )
      clockMs += 8200
    }
  }
  return trials
}

function launches({ plan }: Manifest): { block: number; workload: string }[] {
  const blocks = Array.from({ length: plan.blocks }, (_, index) => index + 1)
  const all = blocks.flatMap((block) => plan.workloads.map((workload) => ({ block, workload })))
  const replaced = all.some(({ block, workload }) => block === DROPPED.block && workload === DROPPED.workload)
  return replaced ? [...all, { block: plan.blocks + 1, workload: DROPPED.workload }] : all
}

type Identity = Pick<
  MeasuredTrial,
  'schema' | 'id' | 'block' | 'position' | 'model' | 'control' | 'workload' | 'workers' | 'seed' | 'startedAtMs'
>

function measuredTrial(
  identity: Identity,
  of: Behaviour,
  weather: number,
  rate: number,
  samples: number,
): MeasuredTrial {
  const random = seededRandom(identity.seed)
  const capacity = of.capacity * weather * (1 + 0.008 * standardNormal(random))
  const saturation = slice(identity, of, random, { kind: 'closed', ratePerS: capacity, latencyScale: 2.5, samples })
  const latency = slice(identity, of, random, { kind: 'open', ratePerS: rate, latencyScale: 1, samples })
  return {
    ...identity,
    outcome: 'valid',
    reasons: [],
    startS: 0.18 + 0.1 * of.shares.length + 0.02 * random(),
    warmup: { tookS: 0.6 + 0.3 * random(), answered: Math.round(capacity), steady: true },
    saturation,
    latency,
    units: of.shares.map((_, index) => ({ name: `worker-${index + 1}`, role: 'worker', pid: 4000 + index })),
    reconciliation: { clientAnswered: 1200, clientSent: 1200, serverAnswered: 1200, agrees: true },
    bottleneck:
      identity.workload === 'io'
        ? { limit: 'generator', because: 'The generator used 0.96 of its core; the workers used 0.61 cores.' }
        : {
            limit: 'workers',
            because: `The workers used ${(0.97 * of.shares.length).toFixed(2)} of ${of.shares.length} cores.`,
          },
  }
}

function slice(
  identity: Identity,
  of: Behaviour,
  random: Random,
  drive: { kind: 'closed' | 'open'; ratePerS: number; latencyScale: number; samples: number },
): SliceRecord {
  const durationS = 3
  const histogram = new LatencyHistogram()
  const drawn: number[] = []
  for (let i = 0; i < drive.samples; i++) {
    const us =
      1000 *
      (of.p50Ms * drive.latencyScale * Math.exp(of.tail * standardNormal(random)) +
        exponential(random, of.p50Ms * of.tail * 0.2))
    drawn.push(us)
    histogram.record(us)
  }
  const count = Math.round(drive.ratePerS * durationS)
  const cpuMs = of.cpuMs * (1 + 0.01 * standardNormal(random))
  const base64 = histogram.toBase64()
  const latencyMs = histogram.summaryMs()
  const routes: RouteRecord[] =
    identity.workload === 'mixed'
      ? mixedRoutes(drawn, count)
      : [{ route: identity.workload, ok: count, failed: 0, latencyMs, histogram: base64 }]
  const load: LoadRecord = {
    schema: 'forkwise/load@1',
    load:
      drive.kind === 'closed'
        ? { kind: 'closed', connections: 16, durationS, timeoutS: 5, seed: identity.seed }
        : {
            kind: 'open',
            ratePerS: drive.ratePerS,
            arrivals: 'poisson',
            durationS,
            timeoutS: 5,
            seed: identity.seed,
            maxConnections: 1000,
          },
    countedS: durationS,
    warmup: null,
    scheduled: count,
    sent: count,
    answered: count,
    ok: count,
    non2xx: 0,
    timeouts: 0,
    connectionErrors: 0,
    unsent: 0,
    inFlightAtEnd: 0,
    achievedRatePerS: count / durationS,
    latencyMs,
    serviceTimeMs: latencyMs,
    latenessMs: drive.kind === 'open' ? { p50: 0.002, p99: 0.14, max: 0.9 } : null,
    generator: { cpuCores: 0.2, eventLoopUtilization: 0.25, processes: 1 },
    bytesReceived: count * 220,
    connectionsOpened: 16,
    routes,
    seconds: Array.from({ length: durationS }, (_, atS) => {
      const wobble = 1 + 0.03 * standardNormal(random)
      const ok = Math.round(drive.ratePerS * wobble)
      return {
        atS,
        sent: ok,
        ok,
        failed: 0,
        p50Ms: (latencyMs.p50 ?? 0) / wobble,
        p99Ms: (latencyMs.p99 ?? 0) / wobble,
      }
    }),
    lifetime: { sent: count * 2, answered: count * 2 },
    errorSamples: [],
    histogram: base64,
    serviceHistogram: base64,
  }
  const units = of.shares.length
  return {
    load,
    server: of.shares.map((_, index) => ({
      name: `worker-${index + 1}`,
      role: 'worker',
      pid: 4000 + index,
      cpuS: (cpuMs * count) / 1000 / units,
      rssBytes: 71e6,
      pssBytes: 58e6 + 1e6 * random(),
    })),
    host: {
      wallS: durationS,
      foreignCores: 0.03 + 0.02 * random(),
      stealRatio: 0,
      generatorCores: 0.2,
      dependencyCores: identity.workload === 'cpu' ? 0 : 0.1,
      throttled: 0,
    },
    cpuMsPerRequest: cpuMs,
    workerRequests: Object.fromEntries(
      of.shares.map((share, index) => [`worker-${index + 1}`, Math.round(share * count)]),
    ),
  }
}

function mixedRoutes(drawn: readonly number[], count: number): RouteRecord[] {
  return ['io', 'cpu'].map((route) => {
    const histogram = new LatencyHistogram()
    for (const [index, us] of drawn.entries())
      if ((index % 10 === 0) === (route === 'cpu')) histogram.record(route === 'cpu' ? us * 1.4 : us)
    return {
      route,
      ok: Math.round(count * (route === 'cpu' ? 0.1 : 0.9)),
      failed: 0,
      latencyMs: histogram.summaryMs(),
      histogram: histogram.toBase64(),
    }
  })
}
