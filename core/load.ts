/** One kind of request in a workload's mix. */
export interface WorkloadRequest {
  /** Short name under which its latency is kept, e.g. `io`. */
  readonly route: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD'
  /** Path and query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Set where the body stands for bytes that are no text. */
  readonly bodyEncoding?: 'base64'
  /** Share of the mix relative to the other weights. */
  readonly weight: number
  readonly expectStatus: number
  /** Requests of one group are one request of the mix with different values: each takes its turn, and all weigh alike. */
  readonly group?: string
}

/** The requests of a mix, those of one group together, in the order of the first of each. */
export function requestGroups<R extends Pick<WorkloadRequest, 'group'>>(
  requests: readonly R[],
): readonly (readonly R[])[] {
  const groups = new Map<string | R, R[]>()
  for (const request of requests) {
    const key = request.group ?? request
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [request])
    else group.push(request)
  }
  return [...groups.values()]
}

/** The body of a request as it is sent; undefined where it has none. */
export function bodyOf({
  body,
  bodyEncoding,
}: Pick<WorkloadRequest, 'body' | 'bodyEncoding'>): string | Buffer | undefined {
  return body === undefined || bodyEncoding === undefined ? body : Buffer.from(body, bodyEncoding)
}

/** What the generator asks for: a weighted mix of requests with the answer to expect. */
export interface Workload {
  readonly id: string
  readonly title: string
  /** One sentence on what it stands for. */
  readonly summary: string
  /** What its requests mostly cost: decides which comparison the summary leads with. Absent: derived from its parts. */
  readonly kind?: 'cpu' | 'io' | 'mixed'
  readonly requests: readonly WorkloadRequest[]
  /** Absolute path of a module that prepares each launch before it is asked, and gives its requests headers and values. */
  readonly setup?: string
  /** Connections of the closed loop for a server with this many workers on this many cores. */
  connections(size: { workers: number; cores: number }): number
}

/** Closed loop: every connection waits for its answer before it asks again. */
export interface ClosedLoad {
  readonly kind: 'closed'
  readonly connections: number
  readonly durationS: number
  readonly timeoutS: number
  readonly seed: number
  /** Requests are sent but not counted until the rate is steady, within these bounds. Absent: count from the start. */
  readonly warmup?: WarmupPlan
}

/** Open loop: requests start at instants fixed beforehand, whatever the server does. */
export interface OpenLoad {
  readonly kind: 'open'
  readonly ratePerS: number
  readonly arrivals: 'poisson' | 'constant'
  readonly durationS: number
  readonly timeoutS: number
  readonly seed: number
  /** Seconds before the `durationS` that count, whose arrivals are sent but not counted. */
  readonly warmupS?: number
  /** Most connections open at once; an arrival that finds none free is sent as soon as one is, its wait counted. */
  readonly maxConnections: number
  /** Connections that are opened before one is used again; absent: one is opened only when none is free. */
  readonly minConnections?: number
  /** Requests after which the client closes a connection; absent: it is kept for as long as the server lets it. */
  readonly requestsPerConnection?: number
  /** Absent: what fails has failed. */
  readonly retries?: RetryPolicy
}

/**
 * How clients try a request again that failed: after a timeout, a broken connection or 502, 503, 504, and only with methods
 * that may be repeated. It counts once, with its last ending; its latency runs from its intended start.
 */
export interface RetryPolicy {
  /** Most times that a request is tried again. */
  readonly most: number
  /** Pause before the first retry, in ms, doubled for each further one; up to half of it is left out at random. */
  readonly backoffMs: number
  /** Retries allowed for each request, 0…1, of all clients of a generator process together; null = any number. */
  readonly budget: number | null
}

/** The load that a generator sends. */
export type Load = ClosedLoad | OpenLoad

/** Bounds of a warm-up: it ends when the rate is steady, but neither before `minS` and `minCount` nor after `maxS`. */
export interface WarmupPlan {
  readonly minS: number
  readonly maxS: number
  readonly minCount: number
}

/** How a warm-up went. */
export interface WarmupRecord {
  readonly tookS: number
  readonly answered: number
  /** False when `maxS` was over before the rate was steady. */
  readonly steady: boolean
}

/** A latency distribution in milliseconds. `null` where there was no sample. */
export interface LatencySummary {
  readonly count: number
  readonly mean: number | null
  readonly p50: number | null
  readonly p90: number | null
  readonly p95: number | null
  readonly p99: number | null
  readonly p999: number | null
  readonly max: number | null
}

/** One second (or the rest of one) of a run, for time series. */
export interface LoadSecond {
  /** Seconds since the counted part began. */
  readonly atS: number
  readonly sent: number
  readonly ok: number
  readonly failed: number
  readonly p50Ms: number | null
  readonly p99Ms: number | null
}

/** Latency of one route of the mix. */
export interface RouteRecord {
  readonly route: string
  readonly ok: number
  readonly failed: number
  readonly latencyMs: LatencySummary
  /** HdrHistogram V2, base64, µs. */
  readonly histogram: string
}

/** Round trips between an agent and the target, as connections to it were opened before a load. */
export interface NetworkRecord {
  readonly samples: number
  /** Median. */
  readonly roundTripMs: number
  /** From the first to the ninth decile. */
  readonly jitterMs: number
}

/** One agent's part in a load. */
export interface AgentRecord {
  /** Where the controller reached it. */
  readonly address: string
  /** Its host's name. */
  readonly host: string
  readonly cores: number
  readonly node: string
  /** Generator processes that it ran. */
  readonly processes: number
  readonly sent: number
  /** Least round trip to the controller; half of it bounds how wrong its clock can have been read. */
  readonly controllerRoundTripMs: number
  /** How much its clock gained on the controller's while the load ran. */
  readonly clockDriftMs: number
  /** How long after the common start its first request was sent, or its closed loop began; null where none was. */
  readonly startLateMs: number | null
  /** Open loop: 99th percentile of the send after the intended start. */
  readonly latenessP99Ms: number | null
  /** Null where no connection could be opened. */
  readonly network: NetworkRecord | null
}

/** What is known of a load that agents drove: who they were, how far apart they began, and what the network added. */
export interface AgentsRecord {
  /** The latest start of an agent after the earliest, by their clocks as the controller read them. */
  readonly startSkewMs: number
  /** What `startSkewMs` can be at most, given how exactly clocks were read; 0 with one agent. */
  readonly startSkewBoundMs: number
  /** Latencies less the median round trip of the agent that measured them; null where one is not known. */
  readonly latencyWithoutNetworkMs: LatencySummary | null
  readonly agents: readonly AgentRecord[]
}

/**
 * What a generator measured: the `forkwise/load@1` contract. The ledger always holds: scheduled = sent + unsent, and
 * sent = ok + non2xx + timeouts + connectionErrors + inFlightAtEnd. (In a closed loop scheduled = sent.)
 */
export interface LoadRecord {
  readonly schema: 'forkwise/load@1'
  readonly load: Load
  /** Length of the counted part in seconds, by the generator's monotonic clock. */
  readonly countedS: number
  readonly warmup: WarmupRecord | null
  readonly scheduled: number
  /** Requests under way in the counted part: sent in it or, in a closed loop, already in flight when it began. */
  readonly sent: number
  /** ok + non2xx. */
  readonly answered: number
  /** Answers with the expected status. */
  readonly ok: number
  /** Answers with any other status. */
  readonly non2xx: number
  readonly timeouts: number
  readonly connectionErrors: number
  readonly unsent: number
  readonly inFlightAtEnd: number
  /** Answers with the expected status per second of the counted part. */
  readonly achievedRatePerS: number
  /** Open loop: from the intended start. A timeout counts at its timeout value; failures are not in it. */
  readonly latencyMs: LatencySummary
  /** From the send. */
  readonly serviceTimeMs: LatencySummary
  /** Open loop: send minus intended start; null in a closed loop. */
  readonly latenessMs: { readonly p50: number; readonly p99: number; readonly max: number } | null
  /**
   * Mean number of requests in flight over the counted part, of those that were answered as expected, counted up and down
   * at each send and answer; null in a closed loop and where some were left in flight. Absent in older records.
   */
  readonly meanInFlight?: number | null
  /**
   * Anderson-Darling statistics of the gaps between arrivals (thinned to 200 a second) against the exponential: as the
   * schedule has them, and as they were sent. Null where they are not Poisson or too few. Absent in older records.
   */
  readonly arrivalFit?: { readonly gaps: number; readonly planned: number; readonly sent: number } | null
  readonly generator: {
    readonly cpuCores: number
    readonly eventLoopUtilization: number
    readonly processes: number
    /** `real-time`: an open loop that no ordinary process could keep from a core. Absent in older records. */
    readonly priority?: 'real-time' | 'ordinary'
  }
  /** Bytes received, headers included, where the client reports them; else null. */
  readonly bytesReceived: number | null
  /** Over the generator's whole life, warm-up included. */
  readonly connectionsOpened: number
  /** Over the same time: how often a request was tried again. Absent where nothing is. */
  readonly retried?: number
  /** What sent the requests, and how it used connections, in words. */
  readonly client?: { readonly name: string; readonly connectionPolicy: string }
  /** Absent where no agents drove the load. */
  readonly agents?: AgentsRecord
  readonly routes: readonly RouteRecord[]
  readonly seconds: readonly LoadSecond[]
  /** Everything the generator sent in its life, warm-up and drain included, for reconciliation with the server. */
  readonly lifetime: { readonly sent: number; readonly answered: number }
  /** Up to five distinct errors with their counts, in words. */
  readonly errorSamples: readonly { readonly message: string; readonly count: number }[]
  /** HdrHistogram V2, base64, µs: the histogram behind `latencyMs`. */
  readonly histogram: string
  /** The histogram behind `serviceTimeMs`; in a closed loop the same. */
  readonly serviceHistogram: string
}
