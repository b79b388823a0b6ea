import type {
  AgentRecord,
  AgentsRecord,
  ClosedLoad,
  LatencySummary,
  LoadRecord,
  LoadSecond,
  NetworkRecord,
  OpenLoad,
  RetryPolicy,
  RouteRecord,
  WarmupPlan,
  WarmupRecord,
} from '../../core/load.ts'
import {
  amount,
  constant,
  flag,
  list,
  loadSeconds,
  nullable,
  number,
  object,
  oneOf,
  optional,
  type Shape,
  tagged,
  text,
} from '../shape.ts'

/** Bounds of a warm-up. */
export const warmupPlan: Shape<WarmupPlan> = object<WarmupPlan>({ minS: amount, maxS: amount, minCount: amount })

/** How a warm-up went. */
export const warmupRecord: Shape<WarmupRecord> = object<WarmupRecord>({ tookS: amount, answered: amount, steady: flag })

/** A latency distribution. */
export const latencySummary: Shape<LatencySummary> = object<LatencySummary>({
  count: amount,
  mean: nullable(amount),
  p50: nullable(amount),
  p90: nullable(amount),
  p95: nullable(amount),
  p99: nullable(amount),
  p999: nullable(amount),
  max: nullable(amount),
})

/** One second of a load. */
export const loadSecond: Shape<LoadSecond> = object<LoadSecond>({
  atS: loadSeconds,
  sent: amount,
  ok: amount,
  failed: amount,
  p50Ms: nullable(amount),
  p99Ms: nullable(amount),
})

/** Errors with their counts. */
export const errorSamples: Shape<LoadRecord['errorSamples']> = list(
  object<LoadRecord['errorSamples'][number]>({ message: text, count: amount }),
)

const closedLoad: Shape<ClosedLoad> = object<ClosedLoad>({
  kind: constant('closed'),
  connections: amount,
  durationS: amount,
  timeoutS: amount,
  seed: number,
  warmup: optional(warmupPlan),
})

const openLoad: Shape<OpenLoad> = object<OpenLoad>({
  kind: constant('open'),
  ratePerS: amount,
  arrivals: oneOf('poisson', 'constant'),
  durationS: amount,
  timeoutS: amount,
  seed: number,
  warmupS: optional(amount),
  maxConnections: amount,
  minConnections: optional(amount),
  requestsPerConnection: optional(amount),
  retries: optional(object<RetryPolicy>({ most: amount, backoffMs: amount, budget: nullable(amount) })),
})

const routeRecord: Shape<RouteRecord> = object<RouteRecord>({
  route: text,
  ok: amount,
  failed: amount,
  latencyMs: latencySummary,
  histogram: text,
})

const networkRecord: Shape<NetworkRecord> = object<NetworkRecord>({
  samples: amount,
  roundTripMs: amount,
  jitterMs: amount,
})

const agentRecord: Shape<AgentRecord> = object<AgentRecord>({
  address: text,
  host: text,
  cores: amount,
  node: text,
  processes: amount,
  sent: amount,
  controllerRoundTripMs: amount,
  clockDriftMs: number,
  startLateMs: nullable(number),
  latenessP99Ms: nullable(number),
  network: nullable(networkRecord),
})

const agentsRecord: Shape<AgentsRecord> = object<AgentsRecord>({
  startSkewMs: amount,
  startSkewBoundMs: amount,
  latencyWithoutNetworkMs: nullable(latencySummary),
  agents: list(agentRecord),
})

type Lateness = NonNullable<LoadRecord['latenessMs']>
type ArrivalFit = NonNullable<LoadRecord['arrivalFit']>
type Client = NonNullable<LoadRecord['client']>

/** What a generator measured. */
export const loadRecord: Shape<LoadRecord> = object<LoadRecord>({
  schema: constant('forkwise/load@1'),
  load: tagged('kind', closedLoad, openLoad),
  countedS: amount,
  warmup: nullable(warmupRecord),
  scheduled: amount,
  sent: amount,
  answered: amount,
  ok: amount,
  non2xx: amount,
  timeouts: amount,
  connectionErrors: amount,
  unsent: amount,
  inFlightAtEnd: amount,
  achievedRatePerS: amount,
  latencyMs: latencySummary,
  serviceTimeMs: latencySummary,
  latenessMs: nullable(object<Lateness>({ p50: number, p99: number, max: number })),
  meanInFlight: optional(nullable(number)),
  arrivalFit: optional(nullable(object<ArrivalFit>({ gaps: number, planned: number, sent: number }))),
  generator: object<LoadRecord['generator']>({
    cpuCores: number,
    eventLoopUtilization: number,
    processes: amount,
    priority: optional(oneOf('real-time', 'ordinary')),
  }),
  bytesReceived: nullable(amount),
  connectionsOpened: amount,
  retried: optional(amount),
  client: optional(object<Client>({ name: text, connectionPolicy: text })),
  agents: optional(agentsRecord),
  routes: list(routeRecord),
  seconds: list(loadSecond),
  lifetime: object<LoadRecord['lifetime']>({ sent: amount, answered: amount }),
  errorSamples,
  histogram: text,
  serviceHistogram: text,
})
