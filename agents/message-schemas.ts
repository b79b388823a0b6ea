import type { JsonSchema } from '../core/expectation.ts'

const text = { type: 'string', maxLength: 4096 } as const
const flag = { type: 'boolean' } as const
const number = { type: 'number' } as const
const amount = { type: 'number', minimum: 0 } as const
const count = { type: 'integer', minimum: 0 } as const
const histogram = { type: 'string' } as const

function exactly(properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[] = []): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', properties, required, additionalProperties: false }
}

function listOf(items: JsonSchema, bounds: JsonSchema = {}): JsonSchema {
  return { type: 'array', items, ...bounds }
}

function orNull(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] }
}

function messages(kinds: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const oneOf = Object.entries(kinds).map(([kind, schema]) => ({
    ...schema,
    properties: { kind: { const: kind }, ...(schema['properties'] as object) },
    required: ['kind', ...(schema['required'] as readonly string[])],
  }))
  return { type: 'object', discriminator: { propertyName: 'kind' }, required: ['kind'], oneOf }
}

const request = exactly(
  {
    route: text,
    method: { enum: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] },
    path: { type: 'string', pattern: '^/', title: 'a path that begins with /' },
    headers: { type: 'object', additionalProperties: { type: 'string' } },
    body: { type: 'string' },
    bodyEncoding: { const: 'base64' },
    weight: amount,
    expectStatus: count,
    group: text,
  },
  ['headers', 'body', 'bodyEncoding', 'group'],
)

const targets = listOf({ type: 'string', pattern: '^https?://', title: 'an http or https address' }, { minItems: 1 })

const durationS = { type: 'number', minimum: 0, maximum: 86_400 } as const

const closedLoad = exactly(
  {
    kind: { const: 'closed' },
    connections: { type: 'integer', minimum: 1 },
    durationS,
    timeoutS: durationS,
    seed: number,
    warmup: exactly({ minS: amount, maxS: durationS, minCount: count }),
  },
  ['warmup'],
)

const openLoad = exactly(
  {
    kind: { const: 'open' },
    ratePerS: { type: 'number', exclusiveMinimum: 0 },
    arrivals: { enum: ['poisson', 'constant'] },
    durationS,
    timeoutS: durationS,
    seed: number,
    warmupS: durationS,
    maxConnections: { type: 'integer', minimum: 1 },
    minConnections: { type: 'integer', minimum: 1 },
    requestsPerConnection: { type: 'integer', minimum: 1 },
    retries: exactly({
      most: { type: 'integer', minimum: 0, maximum: 100 },
      backoffMs: { type: 'number', minimum: 0, maximum: 60_000 },
      budget: { type: ['number', 'null'], minimum: 0, maximum: 1 },
    }),
  },
  ['warmupS', 'minConnections', 'requestsPerConnection', 'retries'],
)

const job = exactly({
  targets,
  requests: listOf(request, { minItems: 1, maxItems: 65_536 }),
  load: {
    type: 'object',
    discriminator: { propertyName: 'kind' },
    required: ['kind'],
    oneOf: [closedLoad, openLoad],
  },
  closesSilently: flag,
  share: exactly({ index: count, of: { type: 'integer', minimum: 1, maximum: 4096 } }),
})

/** What a controller may send. Nothing beyond it is taken: what is not named here cannot be asked of an agent. */
export const TO_AGENT: JsonSchema = messages({
  hello: exactly({ protocol: count, build: text, nonce: text }),
  clock: exactly({ id: count }),
  ceiling: exactly({ neededPerS: amount }),
  probe: exactly({ targets, request, timeoutS: durationS }),
  prepare: exactly({ jobs: listOf(job, { minItems: 1, maxItems: 256 }) }),
  begin: exactly({ startAtMs: amount }),
  stop: exactly({}),
})

const ledger = exactly({
  scheduled: count,
  sent: count,
  ok: count,
  non2xx: count,
  timeouts: count,
  connectionErrors: count,
  unsent: count,
  inFlightAtEnd: count,
})

const part = exactly(
  {
    countedS: amount,
    warmup: orNull(exactly({ tookS: amount, answered: count, steady: flag })),
    ledger,
    latency: histogram,
    service: histogram,
    lateness: orNull(histogram),
    inFlightMs: orNull(number),
    arrivals: orNull(exactly({ plannedMs: listOf(number), sentMs: listOf(number) })),
    firstLateMs: orNull(number),
    cpuCores: amount,
    lifetimeCpuS: amount,
    eventLoopUtilization: amount,
    realTime: flag,
    bytesReceived: count,
    connectionsOpened: count,
    retried: count,
    client: exactly({ name: text, connectionPolicy: text }),
    routes: listOf(exactly({ route: text, ok: count, failed: count, histogram })),
    seconds: listOf(
      exactly({
        atS: count,
        sent: count,
        ok: count,
        failed: count,
        latencies: listOf(listOf(number, { minItems: 2, maxItems: 2 })),
      }),
    ),
    lifetime: exactly({ sent: count, answered: count }),
    errors: listOf(exactly({ message: { type: 'string' }, count })),
  },
  ['firstLateMs', 'retried'],
)

const progress = {
  type: 'object',
  required: ['phase', 'elapsedS', 'ratePerS', 'failed', 'p50Ms', 'p99Ms'],
  properties: {
    phase: { enum: ['warmup', 'counting', 'draining'] },
    elapsedS: number,
    ratePerS: number,
    failed: number,
    p50Ms: orNull(number),
    p99Ms: orNull(number),
  },
} as const

/** What an agent may send. */
export const FROM_AGENT: JsonSchema = messages({
  welcome: exactly({
    protocol: count,
    build: text,
    nonce: text,
    facts: exactly({ host: text, cores: count, node: text }),
  }),
  accepted: exactly({}),
  refused: exactly({ reason: text }),
  clock: exactly({ id: count, monotonicMs: amount }),
  ceiling: exactly({
    ceiling: exactly({ measuredPerS: amount, perProcessRatePerS: amount, processes: count, ratePerS: amount }),
  }),
  probe: exactly({
    result: exactly({ sent: count, answered: count, closesSilently: flag }),
    network: orNull(exactly({ samples: count, roundTripMs: amount, jitterMs: amount })),
  }),
  ready: exactly({}),
  counting: exactly({}),
  counted: exactly({}),
  progress: exactly({ progress }),
  done: exactly({ parts: listOf(part, { minItems: 1 }), beganLateMs: orNull(number) }),
  failed: exactly({
    about: { enum: ['ceiling', 'probe', 'load'] },
    failure: exactly({ code: text, message: { type: 'string' }, hint: { type: 'string' } }, ['hint']),
  }),
})
