import { expect, test } from 'vitest'
import { parseExposition } from '../../../core/exposition.ts'
import { LatencyHistogram } from '../../../core/histogram.ts'
import type { LoadRecord } from '../../../core/load.ts'
import { DURATION_BUCKETS_S } from '../../../core/metrics.ts'
import type { DriverProgress } from '../../../loadtest/driver-progress.ts'
import { RunMetrics } from '../../../loadtest/observation/run-metrics.ts'

const LAUNCH = { model: 'cluster', workload: 'cpu', trial: 'b01-cluster-cpu' }

const NO_LATENCY = { count: 0, mean: null, p50: null, p90: null, p95: null, p99: null, p999: null, max: null }

/** A finished load in which nothing happened. */
const LOAD: LoadRecord = {
  schema: 'forkwise/load@1',
  load: { kind: 'closed', connections: 1, durationS: 1, timeoutS: 1, seed: 1 },
  countedS: 1,
  warmup: null,
  scheduled: 0,
  sent: 0,
  answered: 0,
  ok: 0,
  non2xx: 0,
  timeouts: 0,
  connectionErrors: 0,
  unsent: 0,
  inFlightAtEnd: 0,
  achievedRatePerS: 0,
  latencyMs: NO_LATENCY,
  serviceTimeMs: NO_LATENCY,
  latenessMs: null,
  generator: { cpuCores: 0, eventLoopUtilization: 0, processes: 1 },
  bytesReceived: null,
  connectionsOpened: 1,
  routes: [],
  seconds: [],
  lifetime: { sent: 0, answered: 0 },
  errorSamples: [],
  histogram: new LatencyHistogram().toBase64(),
  serviceHistogram: new LatencyHistogram().toBase64(),
}

function progress(phase: DriverProgress['phase'], ok: number): DriverProgress {
  return {
    phase,
    elapsedS: 1,
    ratePerS: ok,
    failed: 0,
    p50Ms: 1,
    p99Ms: 2,
    offeredRatePerS: 100,
    eventLoopUtilization: 0.25,
    latenessP99Ms: 0.5,
    totals: {
      sent: ok + 1,
      ok,
      non2xx: 0,
      timeouts: 1,
      connectionErrors: 0,
      uncounted: 3,
      latencyCounts: [...DURATION_BUCKETS_S.map(() => 0), ok],
      latencySumS: ok * 20,
    },
  }
}

async function values(run: RunMetrics): Promise<Record<string, number>> {
  return Object.fromEntries(
    parseExposition(await run.render()).map(({ name, labels, value }) => {
      const own = Object.entries(labels).filter(([label]) => !['run_id', 'model', 'workload', 'trial'].includes(label))
      return [[name, ...own.map(([label, text]) => `${label}=${text}`)].join(' '), value]
    }),
  )
}

test('every series carries the identity of the launch that is under way', async () => {
  const run = new RunMetrics('r1')
  run.launch(LAUNCH)
  run.progress(progress('counting', 10))
  const samples = parseExposition(await run.render())
  expect(samples.length).toBeGreaterThan(1)
  for (const { labels } of samples) expect(labels).toMatchObject({ run_id: 'r1', ...LAUNCH })
})

test('the phase is the named one, but for the driver’s warm-up and drain', async () => {
  const run = new RunMetrics('r1')
  expect(await values(run)).toEqual({ 'loadgen_phase_info phase=idle': 1 })
  run.launch(LAUNCH)
  run.phase('saturation')
  expect(await values(run)).toEqual({ 'loadgen_phase_info phase=saturation': 1 })
  run.progress(progress('warmup', 1))
  expect((await values(run))['loadgen_phase_info phase=warm-up']).toBe(1)
  run.progress(progress('counting', 2))
  expect((await values(run))['loadgen_phase_info phase=saturation']).toBe(1)
  run.progress(progress('draining', 3))
  expect((await values(run))['loadgen_phase_info phase=draining']).toBe(1)
})

test('counts go on rising from one load of a launch to the next, and start anew with another launch', async () => {
  const run = new RunMetrics('r1')
  run.launch(LAUNCH)
  run.phase('saturation')
  run.progress(progress('counting', 10))
  run.phase('latency')
  expect((await values(run))['loadgen_requests_total outcome=ok']).toBe(10)
  run.progress(progress('counting', 5))
  expect(await values(run)).toMatchObject({
    'loadgen_requests_total outcome=ok': 15,
    'loadgen_requests_total outcome=timeout': 2,
    'loadgen_requests_total outcome=uncounted': 6,
    loadgen_request_duration_seconds_count: 15,
    'loadgen_request_duration_seconds_bucket le=+Inf': 15,
    'loadgen_request_duration_seconds_bucket le=10': 0,
    loadgen_request_duration_seconds_sum: 300,
    loadgen_offered_rate: 100,
    loadgen_cpu_utilization_ratio: 0.25,
    loadgen_lateness_seconds: 0.0005,
  })
  run.launch({ ...LAUNCH, trial: 'b02-cluster-cpu' })
  expect(await values(run)).toEqual({ 'loadgen_phase_info phase=latency': 1 })
})

test('the end of a load brings what no progress reported, exactly', async () => {
  const histogram = new LatencyHistogram()
  histogram.record(400, 7)
  histogram.record(20_000_000, 2)
  const run = new RunMetrics('r1')
  run.launch(LAUNCH)
  run.phase('saturation')
  run.progress(progress('counting', 5))
  run.loadEnded({
    ...LOAD,
    sent: 10,
    answered: 9,
    ok: 9,
    connectionErrors: 1,
    lifetime: { sent: 60, answered: 59 },
    histogram: histogram.toBase64(),
  })
  run.phase('latency')
  expect(await values(run)).toMatchObject({
    'loadgen_requests_total outcome=ok': 9,
    'loadgen_requests_total outcome=connection-error': 1,
    'loadgen_requests_total outcome=uncounted': 50,
    'loadgen_request_duration_seconds_bucket le=0.0005': 7,
    'loadgen_request_duration_seconds_bucket le=10': 7,
    loadgen_request_duration_seconds_count: 9,
  })
})

test('what comes after the end of a launch belongs to none', async () => {
  const run = new RunMetrics('r1')
  run.launch(LAUNCH)
  run.phase('saturation')
  run.progress(progress('counting', 5))
  run.stopping()
  expect(parseExposition(await run.render())[0]?.labels).toMatchObject({ ...LAUNCH, phase: 'stopping' })
  run.phase('starting')
  expect(parseExposition(await run.render())).toEqual([
    { name: 'loadgen_phase_info', labels: { run_id: 'r1', phase: 'starting' }, value: 1 },
  ])
})

test('a fault is one while it lasts and zero afterwards', async () => {
  const run = new RunMetrics('r1')
  run.launch(LAUNCH)
  run.fault('kill', true)
  expect((await values(run))['lab_fault_active fault=kill']).toBe(1)
  run.fault('kill', false)
  expect((await values(run))['lab_fault_active fault=kill']).toBe(0)
})
