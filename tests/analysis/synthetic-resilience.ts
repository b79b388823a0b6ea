import type {
  FaultedCell,
  RecordedFault,
  RequestLedger,
  ResilienceManifest,
  ResilienceModel,
  ResilienceRates,
} from '../../core/resilience-record.ts'

/** A ledger in which everything went well but what is said. */
export function ledger(change: Partial<RequestLedger> = {}): RequestLedger {
  const lost = { non2xx: 0, connectionErrors: 0, timeouts: 0, unsent: 0, inFlightAtEnd: 0, slowed: 0, ...change }
  const { non2xx, connectionErrors, timeouts, inFlightAtEnd } = lost
  return { sent: 300, ok: 300 - non2xx - connectionErrors - timeouts - inFlightAtEnd, ...lost }
}

/** A cell of `cluster` under `kill` with nothing lost, injected 1.2 s after the load began and watched for seven. */
export function faultedCell(change: Partial<FaultedCell> = {}): FaultedCell {
  return {
    schema: 'forkwise/resilience-cell@2',
    model: 'cluster',
    fault: 'kill',
    repeat: 1,
    seed: 1,
    outcome: 'faulted',
    ratePerS: 40,
    baseline: { ...ledger(), p50Ms: 2, p99Ms: 150 },
    slowLimitMs: 300,
    injection: { atS: 1.2, tookS: 0, facts: { unit: 'worker-2', computing: true } },
    faulted: ledger(),
    extra: null,
    errors: [],
    seconds: secondsOf([40, 40, 40, 40, 40, 40, 40, 40]),
    connectionsOpened: 180,
    service: [
      { atS: 0, missing: [] },
      { atS: 0.02, missing: ['1 of 2 workers'] },
      { atS: 0.4, missing: [] },
    ],
    watchedS: 7,
    foreignCores: 0,
    ...change,
  }
}

/** Seconds of 40 requests each, with so many good answers. */
export function secondsOf(ok: readonly number[]): FaultedCell['seconds'] {
  return ok.map((count, atS) => ({ atS, sent: 40, ok: count, failed: 0, p50Ms: 2, p99Ms: 150 }))
}

const FAULT_IDS = { kill: 'injection', reload: 'injection', overload: 'end', leak: null } as const

/** The faults of the synthetic run. */
export const FAULTS: readonly RecordedFault[] = Object.entries(FAULT_IDS).map(([id, recoveryFrom]) => ({
  id,
  title: `Fault ${id}`,
  question: `What does ${id} do?`,
  recoveryFrom,
}))

const model = (id: string, routing: string, change: Partial<ResilienceModel> = {}): ResilienceModel => ({
  id,
  title: id,
  tradeoff: '',
  routing,
  executor: 'inline',
  reload: 'clean',
  restartedBy: 'the supervisor',
  ...change,
})

/** A manifest of three models, of which `single` offers no reload. */
export function manifestOf(repeats: number = 3): ResilienceManifest {
  const models = [
    model('single', 'one', { reload: null, restartedBy: null }),
    model('cluster', 'round-robin-connections'),
    model('reuse-port', 'kernel-hash', { reload: 'rough' }),
  ]
  return {
    schema: 'forkwise/resilience-manifest@2',
    id: 'run',
    createdAt: '2026-11-24T15:00:00.000Z',
    forkwiseVersion: '0.1.0',
    command: 'npx forkwise resilience --seed 1',
    machine: {
      id: 'abc',
      cpu: 'A processor',
      cores: 2,
      memoryBytes: 2 ** 33,
      platform: 'Linux',
      kernel: 'Linux 6',
      node: 'v20.20.2',
      v8: '11',
    },
    plan: {
      models: models.map(({ id }) => id),
      faults: FAULTS.map(({ id }) => id),
      workers: 2,
      repeats,
      seed: 1,
      share: 0.4,
      timeoutS: 3,
      baselineS: 3,
      heartbeatTimeoutS: 2,
      nodePath: null,
    },
    requests: [],
    models,
    faults: FAULTS,
    notOffered: [{ model: 'single', fault: 'reload', reason: 'nobody is there to replace its workers' }],
    unavailable: [{ model: 'watt', reason: 'It needs Node 22.19.', remedy: 'Name a newer one.' }],
  }
}

/** What the synthetic models can do. */
export const RATES: ResilienceRates = {
  schema: 'forkwise/resilience-rates@1',
  capacities: [
    { model: 'single', ratePerS: 100 },
    { model: 'cluster', ratePerS: 190 },
  ],
  failed: [{ model: 'reuse-port', message: 'did not start' }],
  ratePerS: 40,
}
