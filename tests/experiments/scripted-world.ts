import type { RunningServer, ServerModel } from '../../cluster/model.ts'
import type { Session } from '../../cluster/session.ts'
import { PartEndedError } from '../../core/errors.ts'
import { LatencyHistogram } from '../../core/histogram.ts'
import type { LatencySummary, Load, LoadRecord, Workload, WorkloadRequest } from '../../core/load.ts'
import type { ExperimentEvent } from '../../experiments/events.ts'
import { plainTopology } from '../../loadtest/cpu-topology.ts'
import { trialSettings } from '../../experiments/world.ts'
import type { Answer } from '../../loadtest/equality/answers.ts'
import type { Host } from '../../loadtest/host.ts'
import type { Instrument } from '../../loadtest/instrument.ts'
import { UNOBSERVED } from '../../loadtest/observation/observation.ts'
import type { TrialContext, TrialSettings } from '../../loadtest/trial-context.ts'

/** What a scripted world does, each asked in the order in which a run comes to it. */
export interface Script {
  /** Answers per second of a closed loop; a number or `Error` for a server that does not survive it. */
  readonly rate?: (model: string, workload: string, launch: number, workers: number) => number | Error
  /** Latency of every request, in ms. */
  readonly latencyMs?: (model: string) => number
  /** Latency of each request of a load, in ms, for servers that are slower when they are loaded; else `latencyMs`. */
  readonly latenciesMs?: (load: Load, requests: number, server: ScriptedServer) => Iterable<number>
  /** Why a launch fails; null when it does not. */
  readonly launchError?: (model: string, launch: number) => Error | null
  /** CPU of a request in the server, in ms; else the server uses half a core whatever it answers. */
  readonly cpuMsPerRequest?: number
  /** CPU of other programs during a slice, in cores; slices are counted from 0. */
  readonly foreignCores?: (slice: number) => number
  /** CPU of other programs while a run waits before a block, in cores; looks are counted from 0. */
  readonly waitingCores?: (look: number) => number
  /** What a model answers to a request of the pilot. */
  readonly body?: (model: string, path: string) => string
  readonly status?: (model: string, path: string) => number
  /** Requests that a server counted beyond what its client sent. */
  readonly extraCount?: (model: string, launch: number) => number
  /** How the dependency died in what is looked at, once so many slices were measured. */
  readonly dependencyTrouble?: (slices: number) => readonly string[]
  /** What is killed during a load; loads are counted from 0. */
  readonly killed?: (load: number) => KilledPart | null
  /** Requests of an open loop that were never sent. */
  readonly unsent?: (model: string, launch: number) => number
}

/** The parts of a run that a script can kill: a `worker` is replaced at once, a `server` is not. */
export type KilledPart = 'generator' | 'dependency' | 'prometheus' | 'server' | 'worker'

/** A world in virtual time: no process, no request, no waiting. `log` has what was done in it, in order. */
export interface ScriptedWorld {
  readonly context: TrialContext
  readonly events: ExperimentEvent[]
  readonly emit: (event: ExperimentEvent) => void
  readonly log: string[]
  readonly abort: AbortController
  /** Workers of each launch, in order. */
  readonly workers: number[]
}

/** One launch in a scripted world. */
export interface ScriptedServer {
  readonly model: string
  readonly launch: number
  readonly workers: number
  answered: number
  /** Pid of its worker. */
  pid: number
  trouble: string | null
}

/** Virtual seconds that a launch takes, and a load besides its counted part. */
const LAUNCH_S = 1
const OVERHEAD_S = 1

const NOTHING: LatencySummary = {
  count: 0,
  mean: null,
  p50: null,
  p90: null,
  p95: null,
  p99: null,
  p999: null,
  max: null,
}

/** Makes a world that follows a script. Every launch is fresh: its number counts the launches of its model from 0. */
export function scriptedWorld(script: Script = {}, settings: Partial<TrialSettings> = {}): ScriptedWorld {
  const log: string[] = []
  const events: ExperimentEvent[] = []
  const abort = new AbortController()
  const launches = new Map<string, number>()
  const servers = new Map<string, ScriptedServer>()
  const launchedWorkers: number[] = []
  let clockS = 0
  let slices = 0
  let loads = 0
  let answeredPerS = 0
  let looks = 0
  const deaths: { readonly part: KilledPart; readonly atMs: number }[] = []
  const kill = (part: KilledPart | null, server: ScriptedServer): void => {
    if (part === null) return
    deaths.push({ part, atMs: performance.now() })
    if (part === 'worker') server.pid += 1
    if (part === 'server') server.trouble = '`primary` was ended by SIGKILL'
    if (part !== 'generator') return
    throw new PartEndedError('TRIAL_FAILED', { message: 'The load generator ended early (SIGKILL).' })
  }
  const troubleOf = (part: KilledPart, sinceMs: number): string[] =>
    deaths.filter((death) => death.part === part && death.atMs >= sinceMs).map(() => `${part} was ended by SIGKILL`)
  const serverAt = (target: URL | undefined): ScriptedServer => {
    const server = servers.get(target?.hostname ?? '')
    if (server === undefined) throw new Error(`Expected a server at ${target?.href}.`)
    return server
  }
  const instrument: Instrument = {
    async launch(model: ServerModel, { size }): Promise<RunningServer> {
      abort.signal.throwIfAborted()
      const launch = launches.get(model.id) ?? 0
      launches.set(model.id, launch + 1)
      const failure = script.launchError?.(model.id, launch) ?? null
      if (failure !== null) throw failure
      const name = `${model.id}-${launch}`
      const server: ScriptedServer = {
        model: model.id,
        launch,
        workers: size.workers,
        answered: 0,
        pid: 1,
        trouble: null,
      }
      servers.set(name, server)
      launchedWorkers.push(size.workers)
      clockS += LAUNCH_S
      log.push(`start ${name}`)
      return {
        targets: [new URL(`http://${name}`)],
        units: async () => [{ name, role: 'worker', pid: server.pid }],
        usage: async () => [],
        findTrouble: async () => server.trouble,
        logTail: () => '',
        ended: new Promise(() => undefined),
        stop: async () => {
          log.push(`stop ${name}`)
          return { tookS: 0, killed: [] }
        },
        reload: null,
      }
    },
    async drive(targets, workload, load, options): Promise<LoadRecord> {
      abort.signal.throwIfAborted()
      const server = serverAt(targets[0])
      kill(script.killed?.(loads++) ?? null, server)
      log.push(`${load.kind} ${server.model}-${server.launch} ${workload.id}`)
      options.onCounting?.()
      const record = recordOf(load, workload.id, server, script)
      server.answered += record.lifetime.answered
      answeredPerS = record.achievedRatePerS
      clockS += load.durationS + OVERHEAD_S
      options.onCounted?.()
      return record
    },
    async answers(targets, { workloads }): Promise<Answer[]> {
      const { model } = serverAt(targets[0])
      return workloads.flatMap(({ requests }, at) =>
        requests.map((request, place) => answerOf(model, `${at}.${place}`, request, script)),
      )
    },
    bareRate: async () => null,
    async counts(units) {
      const server = servers.get(units[0]?.name ?? '')
      if (server === undefined) return {}
      const extra = script.extraCount?.(server.model, server.launch) ?? 0
      return { [units[0]?.name ?? '']: server.answered === 0 ? 0 : server.answered + extra }
    },
    nowS: () => clockS,
  }
  const cpuCores = (): number =>
    script.cpuMsPerRequest === undefined ? 0.5 : (answeredPerS * script.cpuMsPerRequest) / 1000
  const host: Host = {
    async slice() {
      const slice = slices++
      const foreignCores = script.foreignCores?.(slice) ?? 0
      return {
        generatorStarted: () => undefined,
        begin: () => undefined,
        end: () => undefined,
        result: async () => ({
          server: [{ name: 'worker-1', role: 'worker', pid: 1, cpuS: cpuCores(), rssBytes: 1e6, pssBytes: null }],
          host: { wallS: 1, foreignCores, stealRatio: 0, generatorCores: 0, dependencyCores: 0, throttled: 0 },
        }),
      }
    },
    foreignCores: async () => script.waitingCores?.(looks++) ?? 0,
  }
  return {
    context: {
      session: { dir: '' } as Session,
      instrument,
      settings: trialSettings({ workers: 2, seed: 1, ...settings }, plainTopology(2)),
      dependency: {
        url: 'http://upstream.invalid',
        trouble: (sinceMs) => [...(script.dependencyTrouble?.(slices) ?? []), ...troubleOf('dependency', sinceMs)],
        ready: async () => undefined,
      },
      host,
      cores: 2,
      signal: abort.signal,
      observation: { ...UNOBSERVED, trouble: (sinceMs) => troubleOf('prometheus', sinceMs) },
    },
    events,
    emit: (event) => void events.push(event),
    log,
    abort,
    workers: launchedWorkers,
  }
}

/** A model that only a scripted world can start. */
export function scriptedModel(id: string, more: Partial<ServerModel> = {}): ServerModel {
  return {
    id,
    title: id,
    tradeoff: '',
    executor: 'inline',
    routing: 'one',
    runs: 'built-in-app',
    topology: ({ workers }) => ({ worker: workers }),
    start: async () => {
      throw new Error('Expected a scripted world to start it.')
    },
    ...more,
  }
}

/** A workload of one request. */
export function scriptedWorkload(id: string): Workload {
  return {
    id,
    title: id,
    summary: id,
    requests: [{ route: id, method: 'GET', path: `/${id}`, weight: 1, expectStatus: 200 }],
    connections: ({ workers }) => 8 * workers,
  }
}

function recordOf(load: Load, workload: string, server: ScriptedServer, script: Script): LoadRecord {
  const { model, launch, workers } = server
  const rate = script.rate?.(model, workload, launch, workers) ?? 1000
  if (rate instanceof Error) throw rate
  const unsent = load.kind === 'open' ? (script.unsent?.(model, launch) ?? 0) : 0
  const ratePerS = load.kind === 'open' ? load.ratePerS : rate
  const scheduled = Math.max(1, Math.round(ratePerS * load.durationS))
  const sent = scheduled - unsent
  const ms = script.latencyMs?.(model) ?? 5
  const histogram = new LatencyHistogram()
  if (script.latenciesMs === undefined) histogram.record(ms * 1000, sent)
  else for (const each of script.latenciesMs(load, sent, server)) histogram.record(each * 1000)
  const latency = histogram.summaryMs()
  return {
    schema: 'forkwise/load@1',
    load,
    countedS: load.durationS,
    warmup: null,
    scheduled,
    sent,
    answered: sent,
    ok: sent,
    non2xx: 0,
    timeouts: 0,
    connectionErrors: 0,
    unsent,
    inFlightAtEnd: 0,
    achievedRatePerS: ratePerS,
    latencyMs: latency,
    serviceTimeMs: latency,
    latenessMs: null,
    generator: { cpuCores: 0.1, eventLoopUtilization: 0.1, processes: 1 },
    bytesReceived: null,
    connectionsOpened: 1,
    routes: [{ route: workload, ok: sent, failed: 0, latencyMs: NOTHING, histogram: '' }],
    seconds: [],
    lifetime: { sent, answered: sent },
    errorSamples: [],
    histogram: histogram.toBase64(),
    serviceHistogram: '',
  }
}

function answerOf(model: string, key: string, request: WorkloadRequest, script: Script): Answer {
  const { method, path, expectStatus } = request
  return {
    key,
    request: `${method} ${path}`,
    expectStatus,
    status: script.status?.(model, path) ?? 200,
    headers: { 'content-type': 'text/plain' },
    body: Buffer.from(script.body?.(model, path) ?? 'the same'),
    framing: 'content-length',
    keepsAlive: true,
  }
}
