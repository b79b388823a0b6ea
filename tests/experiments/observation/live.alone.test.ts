import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningDependency, startDependency } from '../../../cluster/dependency.ts'
import type { RunningServer } from '../../../cluster/model.ts'
import { findModel } from '../../../cluster/models.ts'
import { openSession, type Session } from '../../../cluster/session.ts'
import { startServer } from '../../../cluster/start.ts'
import type { Load, LoadRecord, WorkloadRequest } from '../../../core/load.ts'
import { METRICS } from '../../../core/metrics.ts'
import { PACKAGE_ROOT } from '../../../core/paths.ts'
import { LIVE_CHECK } from '../../../dashboards/checks/live.ts'
import { buildDashboards } from '../../../dashboards/dashboards.ts'
import { ruleFile } from '../../../dashboards/rules/rule-files.ts'
import { driverFor } from '../../../loadtest/drivers.ts'
import { loadFaults } from '../../../experiments/faults/faults.ts'
import { injectFault } from '../../../experiments/faults/inject.ts'
import { REAL_INSTRUMENT } from '../../../loadtest/instrument.ts'
import type { Observation, ObservedLaunch } from '../../../loadtest/observation/observation.ts'
import { PrometheusApi } from '../../../loadtest/observation/prometheus-api.ts'
import { startPrometheusObservation } from '../../../loadtest/observation/prometheus-observation.ts'
import { watchUnits } from '../../../loadtest/observation/watch-units.ts'
import { describeWith } from '../../parts.ts'

// One run over three models, watched by a real Prometheus; each test adds its launch, and the last asks for everything.

const SLEEP: WorkloadRequest = {
  route: 'io',
  method: 'GET',
  path: '/io/upstream?ms=5',
  weight: 1,
  expectStatus: 200,
}
const COMPUTE: WorkloadRequest = { ...SLEEP, route: 'cpu', path: '/cpu/prime?n=99999999977' }

describeWith(['prometheus', 'promtool'], 'a run over several models under a real Prometheus', () => {
  let dir: string
  let session: Session
  let dependency: RunningDependency
  let observation: Observation
  let api: PrometheusApi
  const problems: string[] = []
  const begunMs = Date.now()
  const { signal } = new AbortController()

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'forkwise-live-'))
    session = await openSession({ stateRoot: join(dir, 'state') })
    dependency = await startDependency(session)
    observation = await startPrometheusObservation({
      runId: 'live',
      dir: join(dir, 'series'),
      onProblem: (problem) => problems.push(problem),
      launch: session.createLaunch('prometheus'),
      rules: ruleFile(),
      port: 0,
      signal,
    })
    api = new PrometheusApi(new URL(observation.url ?? ''))
  })
  afterAll(async () => {
    await observation.close()
    await session.close()
    rmSync(dir, { recursive: true, force: true })
  })

  /** Launches a model, waits until Prometheus reads all its units, uses it, and ends it. */
  async function launched(
    launch: ObservedLaunch,
    use: (server: RunningServer) => Promise<void>,
    app?: string,
  ): Promise<void> {
    observation.phase('starting')
    const server = await startServer(await findModel(launch.model), {
      session,
      size: { workers: 2, threads: 1 },
      app: app === undefined ? {} : { module: app },
      metrics: true,
      upstreamUrl: dependency.url,
      signal,
    })
    const endWatch = await watchUnits(observation, launch, server)
    try {
      const units = (await server.units()).length
      await until(async () => (await api.instant(`up${selector(launch)} == 1`)).length === units)
      await use(server)
    } finally {
      endWatch()
      await server.stop(1)
    }
  }

  async function drive(server: RunningServer, request: WorkloadRequest, load: Load): Promise<LoadRecord> {
    observation.phase(load.kind === 'open' ? 'latency' : 'saturation')
    const workload = { id: 'live', requests: [request] }
    const onProgress = observation.progress.bind(observation)
    const record = await driverFor(load).run(server.targets, workload, load, { signal, onProgress })
    observation.loadEnded(record)
    return record
  }

  async function fault(id: string, server: RunningServer): Promise<void> {
    const found = (await loadFaults()).find((candidate) => candidate.id === id)
    if (found === undefined) throw new Error(`a fault named ${id} expected`)
    await injectFault(
      found,
      server,
      {
        model: await findModel('cluster'),
        workers: 2,
        ratePerS: null,
        capacityPerS: null,
        lastsS: 3,
        dir,
        signal,
        instrument: REAL_INSTRUMENT,
        workload: { id: 'live', requests: [COMPUTE] },
        timeoutS: 2,
        seed: 2,
      },
      observation,
    )
  }

  function meanOf(values: readonly number[]): number {
    return values.reduce((sum, value) => sum + value, 0) / values.length
  }

  function selector(launch: ObservedLaunch): string {
    return `{run_id="live",trial="${launch.trial}"}`
  }

  async function until(condition: () => Promise<boolean>, limitS = 120): Promise<void> {
    const deadlineMs = Date.now() + limitS * 1000
    while (!(await condition())) {
      if (Date.now() > deadlineMs) throw new Error(`not within ${limitS} s: ${condition.toString()}`)
      await sleep(100)
    }
  }

  test('a loop that is blocked for 6 s stays up, shows its delay, and raises the alert', async () => {
    const launch = { model: 'single', workload: 'block', trial: 't1-single' }
    const app = join(PACKAGE_ROOT, 'tests', 'fixtures', 'apps', 'blocking.mjs')
    await launched(
      launch,
      async (server) => {
        const startedMs = Date.now()
        const [target] = server.targets
        const blocked = fetch(new URL('/?ms=6000', target))
        await until(async () => (await api.alerts()).some((alert) => alert.name === 'EventLoopBlocked'))
        await (await blocked).text()
        const delay = `max_over_time(${METRICS.eventLoopDelayMax.name}${selector(launch)}[1m])`
        await until(async () => (await api.instant(delay)).some(({ value }) => value >= 2.5))
        const alerts = await api.alerts()
        expect(alerts.filter((alert) => alert.name === 'EventLoopBlocked')).toMatchObject([
          { state: 'firing', labels: { model: 'single', worker: 'worker-1', severity: 'warning' } },
        ])
        expect(alerts.map(({ name }) => name)).not.toContain('MetricsTargetDown')
        const up = await api.range(`up${selector(launch)}`, startedMs, Date.now(), 1)
        expect(up.flatMap(({ points }) => points.map(([, value]) => value)).every((value) => value === 1)).toBe(true)
      },
      app,
    )
  })

  test('a worker killed under load never makes the summed rate look higher than it is', async () => {
    const launch = { model: 'cluster', workload: 'io', trial: 't2-cluster' }
    await launched(launch, async (server) => {
      const ratePerS = 100
      const load: Load = {
        kind: 'open',
        arrivals: 'constant',
        ratePerS,
        durationS: 8,
        timeoutS: 1,
        seed: 1,
        maxConnections: 32,
      }
      const startedMs = Date.now()
      const [record] = await Promise.all([drive(server, SLEEP, load), sleep(3000).then(() => fault('kill', server))])
      await fault('reload', server)
      await observation.trialEnded(launch)
      const rate = `sum(rate(${METRICS.requestDuration.name}_count{run_id="live",trial="t2-cluster",http_route="/io/upstream"}[4s]))`
      const points = (await api.range(rate, startedMs, Date.now(), 1)).flatMap((series) => series.points)
      const highest = Math.max(...points.map(([, value]) => value))
      expect(record.ok).toBeGreaterThan(ratePerS)
      expect(highest).toBeGreaterThan(ratePerS / 2)
      // A busy machine may answer late what it owes: the client knows the true rate over any such four seconds.
      const truth = Math.max(
        ...record.seconds.slice(3).map((_, i) => meanOf(record.seconds.slice(i, i + 4).map(({ ok }) => ok))),
      )
      expect(highest).toBeLessThan(Math.max(ratePerS, truth) * 1.25)
    })
  })

  test('what client, servers and Prometheus counted is the same, also when load is shed', async () => {
    const launch = { model: 'worker-pool', workload: 'cpu', trial: 't3-worker-pool' }
    await launched(launch, async (server) => {
      const closed = { kind: 'closed', connections: 8, durationS: 2, timeoutS: 5 } as const
      const record = await drive(server, COMPUTE, { ...closed, seed: 1, warmup: { minS: 1, maxS: 1, minCount: 1 } })
      const { stored } = await observation.trialEnded(launch)
      expect(record.lifetime.answered).toBeGreaterThan(20)
      expect(stored).toBe(record.lifetime.answered)

      const read = async (name: string): Promise<number | undefined> => {
        const [sum] = await api.instant(`sum(last_over_time(${name}${selector(launch)}[1m]))`)
        return sum?.value
      }
      expect(await read(METRICS.loadRequests.name)).toBe(record.lifetime.answered)
      expect(await read(`${METRICS.loadDuration.name}_count`)).toBe(record.ok)
      await fault('overload', server)
      await sleep(2500)
    })
  })

  test('every query of every panel, annotation and variable is answered', async () => {
    const toMs = Date.now()
    const dashboards = new Map([...buildDashboards()].map(([name, json]) => [name, JSON.parse(JSON.stringify(json))]))
    const countSeries = (expr: string): Promise<number> => api.countSeries(expr, begunMs, toMs)
    const found = await LIVE_CHECK.run(dashboards, { schema: null, checkRules: null, countSeries })
    if ('skipped' in found) throw new Error(found.skipped)
    // No task queue and no proxy runs here; their queries are asked after the rehearsal of `dashboards check --live`.
    const expected = found.filter(
      ({ message }) => !/`[^`]*(task(_queue|s_total|_duration)|proxy_own_answers)/.test(message),
    )
    expect(expected.map(({ dashboard, panel, message }) => `${dashboard} ${panel}: ${message}`)).toEqual([])
    expect(problems).toEqual([])
  })
})
